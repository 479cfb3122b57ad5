"""The options of a backend as controls, built from its schema; what they hold is text, as on a line. No engine."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets

from qjob.model.backend import BackendInfo, OptionSpec


class OptionsBox:
    """The controls of one backend's options at a time; what was given is kept for backends that have it too.

    Parameters
    ----------
    on_edit
        Called when a person has changed one.
    """

    def __init__(self, on_edit: Callable[[], object]) -> None:
        self._on_edit = on_edit
        self._given: dict[str, str] = {}
        self._shown: tuple[OptionSpec, ...] = ()
        self.controls: dict[str, Any] = {}
        self.widget = ipywidgets.VBox()
        self.widget.add_class("qform-options")

    @property
    def values(self) -> dict[str, str]:
        """What is given of the options of the backend that is shown."""
        return {spec.name: value for spec in self._shown if (value := self._given.get(spec.name, ""))}

    def show(self, info: BackendInfo, given: Mapping[str, str] | None = None) -> None:
        """Show the options of a backend, with what was given before or is given now."""
        if given is not None:
            self._given = dict(given)
        elif info.options == self._shown:
            return
        self._shown = info.options
        self.controls = {spec.name: self._control(spec) for spec in info.options}
        old = self.widget.children
        self.widget.children = tuple(
            ipywidgets.HBox((control, ipywidgets.HTML(_help(spec))))
            for spec, control in zip(info.options, self.controls.values(), strict=True)
        )
        self.widget.layout.display = None if info.options else "none"
        for row in old:
            for part in (*row.children, row):
                part.close()

    def _control(self, spec: OptionSpec) -> Any:
        """Return a control with its name; an empty value means that the option is not given."""
        given = self._given.get(spec.name, "")
        choices = ("true", "false") if spec.type == "boolean" else spec.choices
        if choices:
            own = (given,) if given and given not in choices else ()  # refused by name when it is submitted
            control = ipywidgets.Dropdown(
                options=[(_unset(spec), ""), *((each, each) for each in (*choices, *own))], value=given
            )
        else:
            control = ipywidgets.Text(value=given, placeholder=_unset(spec))
        control.description = f"{spec.name} ({spec.unit})" if spec.unit else spec.name
        control.tooltip = spec.help
        control.observe(lambda change: self._edited(spec.name, change["new"]), "value")
        return control

    def _edited(self, name: str, value: str) -> None:
        self._given[name] = value.strip()
        self._on_edit()


def _unset(spec: OptionSpec) -> str:
    """Return what stands there as long as it is not given."""
    if spec.default is None:
        return "not set"
    return f"{spec.default:g}" if isinstance(spec.default, float) else str(spec.default).lower()


def _help(spec: OptionSpec) -> str:
    bounds = f"{spec.bounds.removeprefix('number ')}: " if spec.type in ("number", "integer") else ""
    return f'<div class="qform-quiet">{escape(bounds + spec.help)}</div>'
