"""The controls of a form: they hold a `FormState`, and tell when a person has changed it. Knows no engine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets

from qjob.catalog.loader import Catalogue
from qjob.model.job import DIRECT, DURABLE
from qjob.notebook.form.options import OptionsBox
from qjob.notebook.form.parts import Backends, Shots
from qjob.notebook.form.programs import GIVEN, TEXT
from qjob.notebook.form.state import SWITCHES, FormState

MODES = (
    ("Fast (direct): runs in processes of this kernel, and ends with it", DIRECT),
    ("Durable: runs in a worker process of its own, outlives this kernel, and is tried again", DURABLE),
)
SWITCH_WORDS = {
    "rehearse": "rehearse: run it free on this machine, with the errors that the device says it has",
    "fresh": "pay again, even where the same was paid for before",
    "no_wait": "refuse it, instead of waiting, where submissions come too fast",
    "partial": "where the budget does not admit the whole list, submit as many of its first circuits as it does",
}
"""What each switch does; the names are those of the arguments."""


class Controls:
    """Everything above the foot.

    Parameters
    ----------
    catalogue
        The backends, for their options.
    on_edit
        Called in the kernel's thread when a person has changed something.
    is_list
        Whether what a key stands for is a list of programs.
    """

    def __init__(
        self, catalogue: Catalogue, on_edit: Callable[[], object], is_list: Callable[[str], bool]
    ) -> None:
        self._catalogue = catalogue
        self._on_edit = on_edit
        self._is_list = is_list
        self._quiet = False
        self._given_expression = ""
        self.program = ipywidgets.Dropdown(description="Program", options=[("", TEXT)])
        self.text = ipywidgets.Textarea(
            description="OpenQASM", rows=8, placeholder="OPENQASM 3.0; ...", continuous_update=True
        )
        self.about = ipywidgets.HTML()
        self.backend, self.shots = Backends(), Shots()
        self.mode = ipywidgets.RadioButtons(description="Mode", options=MODES)
        self.options = OptionsBox(self._edited)
        self.name = ipywidgets.Text(description="Name", placeholder="to find it again")
        self.tags = ipywidgets.Text(description="Tags", placeholder="key=value key=value")
        self.seed = ipywidgets.Text(description="Seed", placeholder="drawn and stored, where none is given")
        self.out = ipywidgets.Text(description="Variable", placeholder="that will hold the job")
        self.switches = {
            name: ipywidgets.Checkbox(description=words, indent=False) for name, words in SWITCH_WORDS.items()
        }
        box = ipywidgets.VBox(tuple(self.switches.values()))
        for each in (self.about, box):
            each.add_class("qform-under")
        self.widgets = (
            *(self.program, self.text, self.about, self.backend, self.options.widget, self.shots, self.mode),
            *(self.name, self.tags, self.seed, self.out, box),
        )
        for each in (self.program, *self._texts.values(), self.backend, self.shots, self.mode):
            each.observe(self._changed, "value")
        for each in self.switches.values():
            each.observe(self._changed, "value")

    @property
    def key(self) -> str:
        """What is chosen as the program: a variable's name, `GIVEN` or `TEXT`."""
        return str(self.program.value)

    @property
    def state(self) -> FormState:
        """What the controls hold."""
        expression = {TEXT: "", GIVEN: self._given_expression}.get(self.key, self.key)
        return FormState(
            expression=expression,
            text=self.text.value if self.key == TEXT else "",
            backend=self.backend.value,
            shots=self.shots.value,
            mode=self.mode.value,
            name=self.name.value.strip(),
            tags=self.tags.value,
            options=self.options.values,
            seed=self.seed.value.strip(),
            out=self.out.value.strip(),
            **{name: self.switches[name].value for name in SWITCHES},
        )

    @property
    def models(self) -> dict[str, str]:
        """The ids of the controls' models, by the names of `shown`."""
        return {name: str(each.model_id) for name, each in self._watched.items()}

    @property
    def shown(self) -> dict[str, Any]:
        """What each control shows: its text, the label of what is chosen, or whether it is on."""
        return {
            name: each.label if hasattr(each, "_options_labels") else each.value
            for name, each in self._watched.items()
        }

    @property
    def _watched(self) -> dict[str, Any]:
        options = {f"option {name}": each for name, each in self.options.controls.items()}
        chosen = {"program": self.program, "backend": self.backend, "shots": self.shots, "mode": self.mode}
        return {**chosen, **self._texts, **self.switches, **options}

    def put(self, state: FormState, key: str, choices: Sequence[tuple[str, str]]) -> None:
        """Show a state, with what can be chosen as its program; nothing is told of it."""
        with self._silence():
            self._given_expression = state.expression if key == GIVEN else ""
            self.offer(choices, key)
            self.text.value = state.text
            self.backend.value, self.shots.value, self.mode.value = state.backend, state.shots, state.mode
            for name in ("name", "tags", "seed", "out"):
                self._texts[name].value = getattr(state, name)
            for name in SWITCHES:
                self.switches[name].value = getattr(state, name)
            self.options.show(self._catalogue.get(state.backend), state.options)
            self._arrange()

    def offer(self, choices: Sequence[tuple[str, str]], key: str) -> None:
        """Show what can be chosen as the program now; what is chosen stays, even where it is gone."""
        with self._silence():
            known = any(each == key for _, each in choices)
            options = list(choices) if known else [(f"{key}: not there any more", key), *choices]
            if list(self.program.options) != options:
                self.program.options = options
            self.program.value = key
            self._arrange()

    @contextmanager
    def _silence(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    @property
    def _texts(self) -> dict[str, Any]:
        return {"text": self.text, "name": self.name, "tags": self.tags, "seed": self.seed, "out": self.out}

    def _changed(self, change: Any) -> None:
        if self._quiet:
            return
        if change["owner"] is self.backend:
            self.options.show(self._catalogue.get(self.backend.value))
        self._arrange()
        self._edited()

    def _edited(self) -> None:
        if not self._quiet:
            self._on_edit()

    def _arrange(self) -> None:
        """Show the field for text where it is the program, and the switches that can matter."""
        info = self._catalogue.get(self.backend.value) if self.backend.value else None
        matters = {
            "rehearse": info is not None and not info.local,
            "fresh": info is not None and not info.free,
            "no_wait": True,
            "partial": self._is_list(self.key),
        }
        _show(self.text, wanted=self.key == TEXT)
        for name, switch in self.switches.items():
            _show(switch, wanted=matters[name] or switch.value)


def _show(widget: Any, *, wanted: bool) -> None:
    widget.layout.display = None if wanted else "none"
