"""From loose arguments to a request that may be stored, or a Refusal. Decides; stores and runs nothing.

Refusals come in one order: request, program, backend, device.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qjob import programs
from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue
from qjob.model.backend import BackendInfo
from qjob.model.errors import InvalidRequest
from qjob.model.job import MAX_NAME, JobRequest
from qjob.model.program import CircuitProfile, Program, ProgramFormat

SEED_BITS = 62
"""Seeds are drawn and accepted below 2 ** 62, so that a simulator can count up from one without overflow."""

MAX_TAGS = 50
MAX_TAG = 200
MODES = ("direct",)


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that nothing forbids, with what is needed to run it."""

    request: JobRequest
    info: BackendInfo
    profile: CircuitProfile
    memory: int | None  # bytes it needs on this machine at the most; None where no formula tells


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks requests against what this installation can run."""

    catalogue: Catalogue
    registry: Registry
    draw: Callable[[int], int]  # random bits, for the seed of a job that has none

    def check(
        self,
        program: object,
        *,
        backend: object,
        shots: object,
        mode: object = "direct",
        name: object = None,
        tags: Mapping[str, object] | None = None,
        options: Mapping[str, object] | None = None,
        seed: object = None,
    ) -> Checked:
        """Return the request, checked for form and against its backend.

        Raises
        ------
        Refusal
            With what does not fit, its numbers and the way out.
        """
        slug = _text("backend", backend)
        count = _shots(shots)
        chosen = _mode(mode)
        label = None if name is None else _text("name", name, MAX_NAME)
        marks = _tags(tags or {})
        number = self.draw(SEED_BITS) if seed is None else _seed(seed)
        info = self.catalogue.get(slug)
        parsed = info.parse_options(options or {})
        given = program if isinstance(program, Program) else programs.recognise(program)
        written = given is not program and given.format is ProgramFormat.QPY
        circuit = (
            program if written else programs.circuit(given)
        )  # no need to read back what was just written
        profile = programs.profile(circuit)
        programs.check(circuit, profile)
        request = JobRequest(given, info.slug, count, number, parsed, chosen, label, marks)
        backend_ = self.registry.backend(info)
        backend_.check(request, profile)
        return Checked(request, info, profile, backend_.memory(request, profile))


def _text(what: str, value: object, longest: int = MAX_NAME) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise InvalidRequest(
            f"{what} {value!r} does not fit: it takes 1 to {longest} printable characters.",
            remedy=f"Give another {what}.",
            numbers={"longest": longest},
        )
    return value.strip()


def _shots(value: object) -> int:
    whole = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str):
        text = value.replace("_", "")
        whole = int(text) if text.isascii() and text.removeprefix("-").isdigit() else None
    elif hasattr(value, "__index__") and not isinstance(value, bool):
        whole = int(value.__index__())
    if whole is None:
        raise InvalidRequest(
            f"shots {value!r} is no whole number.", remedy="Give a whole number such as --shots 1000."
        )
    if whole < 1:
        raise InvalidRequest(
            f"{whole} shots are too few: at least 1.", remedy="Try --shots 1000.", numbers={"minimum": 1}
        )
    return whole


def _mode(value: object) -> str:
    if value not in MODES:
        raise InvalidRequest(
            f"mode {value!r} is not in this release.",
            remedy="Use --mode direct: the job runs in worker processes of this kernel and ends with it.",
        )
    return str(value)


def _tags(tags: Mapping[str, object]) -> dict[str, str]:
    if len(tags) > MAX_TAGS:
        raise InvalidRequest(
            f"{len(tags)} tags are too many: at most {MAX_TAGS}.", numbers={"maximum": MAX_TAGS}
        )
    return {
        _text("tag", key, MAX_TAG): _text(f"tag {key}", str(value), MAX_TAG) for key, value in tags.items()
    }


def _seed(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if hasattr(value, "__index__") and not isinstance(value, bool):
        number = int(value.__index__())
        if 0 <= number < 1 << SEED_BITS:
            return number
    raise InvalidRequest(
        f"seed {value!r} does not fit: it takes a whole number from 0 to 2**{SEED_BITS} - 1.",
        remedy="Leave it out, and qjob draws one and stores it.",
    )
