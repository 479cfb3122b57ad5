"""What is known about a backend before anything runs on it: its catalogue row and its options."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from qjob.model.errors import InvalidOption
from qjob.model.price import Free, Price

OptionValue = str | int | float | bool
OptionType = Literal["number", "integer", "boolean", "choice"]


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One option of a backend."""

    name: str
    type: OptionType
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""  # such as "us"; empty for a pure number
    default: OptionValue | None = None  # None: off unless given

    @property
    def bounds(self) -> str:
        """What may be given, for people: ``number 0 to 0.5``, ``cpu | gpu``."""
        if self.type == "choice":
            return " | ".join(self.choices)
        if self.type == "boolean":
            return "true | false"
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is not None and self.maximum is not None:
            return f"{self.type} {self.minimum:g} to {self.maximum:g}{unit}"
        return f"{self.type}{unit}"

    def parse(self, value: object) -> OptionValue:
        """Return the value in its proper type.

        Text is taken as it comes from a command line; bool is never taken for a number.

        Raises
        ------
        InvalidOption
            The value has another type or lies outside the bounds.
        """
        parsed = {"boolean": _boolean, "integer": _integer, "number": _number, "choice": _text}[self.type](
            value
        )
        if parsed is None or (self.choices and parsed not in self.choices):
            raise self._refuse(value)
        if isinstance(parsed, (int, float)) and not isinstance(parsed, bool):
            low, high = self.minimum, self.maximum
            if (low is not None and parsed < low) or (high is not None and parsed > high):
                raise self._refuse(value)
        return parsed

    def _refuse(self, value: object) -> InvalidOption:
        return InvalidOption(
            f"option {self.name}={value!r} does not fit: it takes {self.bounds}.",
            remedy=f"{self.name}: {self.help}",
            numbers={"option": self.name, "minimum": self.minimum, "maximum": self.maximum},
        )


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            value.lower()
        )
    return None


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None  # neither NaN nor infinite


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """One row of the catalogue."""

    slug: str  # such as "sv1"
    qrn: str  # vendor:provider:type:name
    title: str
    tier: str  # "Marqov simulators", "Quantum Brilliance", ...
    adapter: str  # the entry point that runs it, such as "aer"
    description: str
    max_qubits: int
    min_shots: int
    max_shots: int
    local: bool  # runs on this machine, and costs nothing unless its price says otherwise
    options: tuple[OptionSpec, ...] = ()
    target: str = ""  # what the adapter calls it, such as "matrix_product_state"
    price: Price | None = None  # None where nobody knows it
    retired: str = ""  # the day or month it was retired, such as "2026-06-26"; empty while it is in use
    instead: tuple[str, ...] = ()  # slugs of the backends to use in place of a retired one

    @property
    def free(self) -> bool:
        """Whether a run costs nothing."""
        return self.local if self.price is None else isinstance(self.price.rates, Free)

    @property
    def way_out(self) -> str:
        """``"; use sv1"`` for a retired backend that names another, else an empty text."""
        return f"; use {' or '.join(self.instead)}" if self.instead else ""

    def parse_options(self, given: Mapping[str, object]) -> dict[str, OptionValue]:
        """Check the options of a request against this backend's schema.

        Returns
        -------
        dict
            What was given, in its proper types. Defaults are not filled in.

        Raises
        ------
        InvalidOption
            A name this backend does not have, or a value that does not fit.
        """
        specs = {spec.name: spec for spec in self.options}
        parsed: dict[str, OptionValue] = {}
        for name, value in given.items():
            if name not in specs:
                raise InvalidOption(
                    f"{self.slug} has no option {name!r}{did_you_mean(name, specs)}.",
                    remedy=self.describe_options(),
                    numbers={"option": name},
                )
            parsed[name] = specs[name].parse(value)
        return parsed

    def describe_options(self) -> str:
        """List this backend's options, a line each."""
        if not self.options:
            return f"{self.slug} takes no options."
        width = max(len(spec.name) for spec in self.options)
        rows = [f"  {spec.name:<{width}}  {spec.bounds}: {spec.help}" for spec in self.options]
        return "\n".join([f"{self.slug} takes:", *rows])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` where something near is known, else an empty text."""
    names = list(known)
    within = [name for name in names if len(word) > 2 and word.lower() in name.lower()]  # noqa: PLR2004 - a part
    near = within[:3] or get_close_matches(word, names, n=3, cutoff=0.5)
    return f" (did you mean {' or '.join(repr(name) for name in near)}?)" if near else ""
