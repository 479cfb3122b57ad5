"""From loose arguments to a request that may be stored, or a Refusal. Decides; stores and runs nothing.

Refusals come in one order: request, program, backend, device.
"""

import hashlib
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qjob import programs
from qjob.backends.base import Needs
from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue
from qjob.model.backend import BackendInfo, OptionValue
from qjob.model.batch import MAX_PROGRAMS
from qjob.model.errors import BackendRefused, InvalidRequest, Refusal
from qjob.model.job import MAX_NAME, JobRecord, JobRequest, JobStatus
from qjob.model.money import to_nano
from qjob.model.program import CircuitProfile, Program, ProgramFormat
from qjob.model.quote import Unpriced

SEED_BITS = 62
"""Seeds are drawn and accepted below 2 ** 62, so that a simulator can count up from one without overflow."""

MAX_DIGITS = 30
"""More digits than any number here may have; Python itself refuses thousands of them."""

MAX_SHOWN = 80
"""How much of a value that does not fit is shown, in characters."""

MAX_TAGS = 50
MAX_TAG = 200
MODES = ("direct",)


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that nothing forbids, with what is needed to run it."""

    request: JobRequest
    info: BackendInfo
    profile: CircuitProfile
    needs: Needs
    cap: int  # nano-dollars that it can cost at the most
    fingerprint: str | None  # None where nobody needs it
    source: str | None = None  # digest of what it came from, where it costs something

    @property
    def local(self) -> bool:
        """Whether it is free and runs on this machine."""
        return self.info.local and not self.cap

    def record(
        self,
        job_id: str,
        *,
        user: str,
        owner: str,
        created_at: datetime,
        batch: tuple[str, int] | tuple[None, None] = (None, None),
    ) -> JobRecord:
        """Return the row of a new job that waits for a worker; ``batch`` is its batch's id and its place there."""
        request = self.request
        return JobRecord(
            id=job_id,
            user=user,
            name=request.name,
            backend=request.backend,
            program=request.program.digest,
            num_qubits=self.profile.num_qubits,
            shots=request.shots,
            seed=request.seed,
            options=request.options,
            mode=request.mode,
            tags=request.tags,
            status=JobStatus.QUEUED,
            failure=None,
            owner=owner,
            retry_of=None,
            created_at=created_at,
            started_at=None,
            ended_at=None,
            batch=batch[0],
            place=batch[1],
            cap=self.cap,
            fingerprint=self.fingerprint,
            source=self.source,
        )


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
        reuse: bool = False,
        source: str | None = None,
    ) -> Checked:
        """Return the request, checked for form and against its backend.

        With ``reuse``, or where it costs something, it has a fingerprint.

        Raises
        ------
        Refusal
            With what does not fit, its numbers and the way out.
        """
        slug = _text("backend", backend)
        count = whole_shots(shots)
        chosen = _mode(mode)
        label = None if name is None else _text("name", name, MAX_NAME)
        marks = _tags({} if tags is None else tags)
        number = self.draw(SEED_BITS) if seed is None else _seed(seed)
        info = self.catalogue.get(slug)
        parsed = _options(info, {} if options is None else options)
        given, circuit, profile = examined(program)
        request = JobRequest(given, info.slug, count, number, parsed, chosen, label, marks)
        needs = self.registry.backend(info).check(request, profile)
        cap = _cap(info, profile, count)
        mark = _fingerprint(circuit, request, seeded=seed is not None) if cap or reuse else None
        origin = source_digest(source) if source and cap else None
        return Checked(request, info, profile, needs, cap, mark, origin)

    def check_all(
        self, given: Sequence[object], *, seed: object, name: object, **asked: Any
    ) -> list[Checked]:
        """Return the requests of a batch, each checked as by `check`.

        With a seed, the job at place i gets the seed plus i; with a name, it is called ``name[i]``.

        Raises
        ------
        Refusal
            Of the first program that does not fit, with its place; or there are none, or too many.
        """
        if not 1 <= len(given) <= MAX_PROGRAMS:
            raise InvalidRequest(
                f"a batch of {len(given):,} programs does not fit: it takes 1 to {MAX_PROGRAMS:,}.",
                remedy="Submit it in several batches." if given else "Put a circuit into the list.",
                numbers={"programs": len(given), "maximum": MAX_PROGRAMS},
            )
        first = None if seed is None else _seed(seed)
        label = None if name is None else _text("name", name, MAX_NAME - len(f"[{MAX_PROGRAMS}]"))
        checked = []
        for place, program in enumerate(given):
            try:
                one = self.check(
                    program,
                    seed=None if first is None else (first + place) % (1 << SEED_BITS),
                    name=None if label is None else f"{label}[{place}]",
                    **asked,
                )
            except Refusal as refusal:
                raise type(refusal)(
                    f"program {place} of the batch: {refusal.message}",
                    remedy=refusal.remedy,
                    numbers={**refusal.numbers, "place": place},
                ) from refusal
            checked.append(one)
        return checked


def examined(program: object) -> tuple[Program, Any, CircuitProfile]:
    """Return a program, its circuit and its profile; the circuit can run somewhere.

    Raises
    ------
    Refusal
        It is no program, or can run nowhere.
    """
    given = program if isinstance(program, Program) else programs.recognise(program)
    written = given is not program and given.format is ProgramFormat.QPY
    # no need to read back what was just written
    circuit = programs.as_read(program) if written else programs.circuit(given)
    profile = programs.profile(circuit)
    programs.check(circuit, profile)
    return given, circuit, profile


def source_digest(source: str) -> str:
    """Return what stands for the text that a job came from."""
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()


def _fingerprint(circuit: Any, request: JobRequest, *, seeded: bool) -> str:
    """Return what tells whether two requests ask for the same; a seed counts only where it was given."""
    asked = [
        programs.fingerprint(circuit),
        request.backend,
        request.shots,
        sorted(request.options.items()),
        request.seed if seeded else None,
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _cap(info: BackendInfo, profile: CircuitProfile, shots: int) -> int:
    if info.free:
        return 0
    from qjob.policy.pricing import quote  # what is free need not wait for it

    found = quote(info.price, profile, shots)
    if isinstance(found, Unpriced):
        raise BackendRefused(
            f"{info.slug} has no price for this job, so no money can be set aside for it: {found.reason}.",
            remedy=found.remedy or "Write a price into backends.toml in QJOB_HOME.",
        )
    return to_nano(found.cap)


def _text(what: str, value: object, longest: int = MAX_NAME) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise InvalidRequest(
            f"{what} {_shown(value)} does not fit: it takes 1 to {longest} printable characters.",
            remedy=f"Give another {what}.",
            numbers={"longest": longest},
        )
    return value.strip()


def whole_shots(value: object) -> int:
    """Return a number of shots, at least 1.

    Raises
    ------
    InvalidRequest
        It is none.
    """
    whole = _whole(value)
    if whole is None:
        raise InvalidRequest(
            f"shots {_shown(value)} is no whole number.", remedy="Give a whole number such as --shots 1000."
        )
    if whole < 1:
        raise InvalidRequest(
            f"{whole} shots are too few: at least 1.", remedy="Try --shots 1000.", numbers={"minimum": 1}
        )
    return whole


def _whole(value: object) -> int | None:
    """Return a whole number from any kind of integer, or from digits with an optional sign and underscores."""
    if isinstance(value, str):
        text = value.replace("_", "")
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS else None
    if isinstance(value, bool):
        return None
    try:
        whole = operator.index(value)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return None
    return whole if abs(whole) < 10**MAX_DIGITS else None


def _shown(value: object) -> str:
    """Return a value as people wrote it, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers of thousands of digits
        return "with thousands of digits"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def _mode(value: object) -> str:
    if value not in MODES:
        raise InvalidRequest(
            f"mode {_shown(value)} is not in this release.",
            remedy="Use --mode direct: the job runs in worker processes of this kernel and ends with it.",
        )
    return str(value)


def _tags(tags: Mapping[str, object]) -> dict[str, str]:
    if not isinstance(tags, Mapping):
        raise InvalidRequest(f"tags {_shown(tags)} are no mapping.", remedy='Give them as {"key": "value"}.')
    if len(tags) > MAX_TAGS:
        raise InvalidRequest(
            f"{len(tags)} tags are too many: at most {MAX_TAGS}.",
            remedy="Leave some out.",
            numbers={"maximum": MAX_TAGS},
        )
    return {
        _text("tag", key, MAX_TAG): _text(f"tag {key}", str(value), MAX_TAG) for key, value in tags.items()
    }


def _options(info: BackendInfo, options: object) -> dict[str, OptionValue]:
    if not isinstance(options, Mapping):
        raise InvalidRequest(
            f"options {_shown(options)} are no mapping.",
            remedy=f'Give them as {{"name": value}}. {info.describe_options()}',
        )
    return info.parse_options(options)


def _seed(value: object) -> int:
    number = _whole(value)
    if number is not None and 0 <= number < 1 << SEED_BITS:
        return number
    raise InvalidRequest(
        f"seed {_shown(value)} does not fit: it takes a whole number from 0 to 2**{SEED_BITS} - 1.",
        remedy="Leave it out, and qjob draws one and stores it.",
    )
