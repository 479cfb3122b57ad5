// What the parts of the form share, beside dom.js: it stands before each of them in the same module.

// A control, whose keys are its own.
const control = (parent, name, tag, attributes = {}) => focusable(element(parent, name, attributes, tag));

let made = 0;
const unique = (what) => `qjob-form-${what}-${(made += 1)}-${Math.random().toString(36).slice(2)}`;
