"""From loose arguments to a request that may be stored, or a Refusal. Decides; stores and runs nothing.

Refusals come in one order: request, program, backend, device.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qjob import typed
from qjob.backends.base import Needs
from qjob.backends.registry import Registry
from qjob.backends.work import Work
from qjob.catalog.loader import Catalogue
from qjob.examining import Examined, examined
from qjob.execution.hands import TINY_PROGRAM, is_tiny
from qjob.model.backend import BackendInfo, OptionValue
from qjob.model.batch import MAX_PROGRAMS
from qjob.model.errors import BackendRefused, InvalidRequest, Refusal
from qjob.model.job import DURABLE, MAX_NAME, JobRecord, JobRequest, JobStatus
from qjob.model.money import to_nano
from qjob.model.price import PerTime
from qjob.model.program import CircuitProfile
from qjob.model.quote import Unpriced
from qjob.model.steps import Steps
from qjob.policy.likeness import likeness

DEFAULT_BACKEND = "marqov-sim"
DEFAULT_SHOTS = 1000

SecondsOf = Callable[[str], Sequence[float]]
"""Given what runs have in common that take about as long, returns how many seconds they took."""


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
    likeness: str | None = None  # the same of runs that take about as long, where time is billed
    site: Mapping[str, str] | None = None  # where and for whom it is to run, as the service says; None: here
    steps: Steps | None = None  # of a tiny one's circuit

    @property
    def local(self) -> bool:
        """Whether it is free and runs on this machine."""
        return self.info.local and not self.cap

    @property
    def durable(self) -> bool:
        """Whether a worker outside the kernel is to run it."""
        return self.request.mode == DURABLE

    @property
    def work(self) -> str | None:
        """What that worker has to know; None where this process runs it."""
        if not self.durable:
            return None
        elsewhere = self.needs.agent is not None
        # a long program is none that a process holds beside others, and the row does not tell how long it is
        short = len(self.request.program.data) <= TINY_PROGRAM
        needs = self.needs if short else replace(self.needs, seconds=None)
        return Work(needs, None if elsewhere else self.profile).to_text()

    def record(
        self,
        job_id: str,
        *,
        user: str,
        owner: str | None,
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
            likeness=self.likeness,
            source=self.source,
            site=self.site,
            work=self.work,
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What the jobs of one submission have in common, each of a right form."""

    info: BackendInfo
    shots: int
    mode: str
    options: Mapping[str, OptionValue]
    tags: Mapping[str, str]
    reuse: bool
    source: str | None


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks requests against what this installation can run."""

    catalogue: Catalogue
    registry: Registry
    draw: Callable[[int], int]  # random bits, for the seed of a job that has none
    seconds_of: SecondsOf  # how long like runs took
    clock: Callable[[], datetime]
    examine: Callable[[object], Examined] = examined  # reads a program

    def check(self, program: object, *, name: object = None, seed: object = None, **asked: Any) -> Checked:
        """Return the request, checked for form and against its backend.

        Parameters
        ----------
        **asked
            As for `terms`. With ``reuse``, or where it costs something, the request has a fingerprint.

        Raises
        ------
        Refusal
            With what does not fit, its numbers and the way out.
        """
        label = None if name is None else typed.text("name", name, MAX_NAME)
        number = None if seed is None else typed.seed(seed)
        terms = self.terms(**asked)
        return self._checked(self.examine(program), terms, label, number)

    def terms(
        self,
        *,
        backend: object = DEFAULT_BACKEND,
        shots: object = DEFAULT_SHOTS,
        mode: object = "direct",
        tags: Mapping[str, object] | None = None,
        options: Mapping[str, object] | None = None,
        reuse: bool = False,
        source: str | None = None,
    ) -> Terms:
        """Return what jobs are asked to have in common, checked for form.

        Raises
        ------
        Refusal
            With what does not fit, its numbers and the way out.
        """
        slug = typed.text("backend", backend)
        count = typed.whole_shots(shots)
        chosen = typed.mode(mode)
        marks = typed.tags({} if tags is None else tags)
        info = self.catalogue.get(slug)
        parsed = typed.options(info, {} if options is None else options)
        return Terms(info, count, chosen, parsed, marks, reuse, source)

    def _checked(
        self,
        found: Examined,
        terms: Terms,
        name: str | None,
        seed: int | None,
        before: Checked | None = None,
    ) -> Checked:
        """Return a request on these terms; ``before`` is another one on them."""
        info, profile, count = terms.info, found.profile, terms.shots
        number = self.draw(typed.DRAWN_BITS) if seed is None else seed
        request = JobRequest(
            found.program, info.slug, count, number, terms.options, terms.mode, name, terms.tags
        )
        if before is not None and info.local and before.profile is profile:
            needs = before.needs  # a simulator of this machine goes by profile, shots and options
        else:
            needs = self.registry.backend(info).check(request, profile)
        like = likeness(info, profile, count, terms.options, found.fingerprint)
        history = () if like is None else self.seconds_of(like)
        cap = self._cap(info, as_timed(info, found), count, history)
        mark = _fingerprint(found, request, seeded=seed is not None) if cap or terms.reuse else None
        origin = source_digest(terms.source) if terms.source and cap else None
        steps = found.steps() if is_tiny(needs) and terms.mode != DURABLE else None
        return Checked(request, info, profile, needs, cap, mark, origin, like, steps=steps)

    def _cap(self, info: BackendInfo, profile: CircuitProfile, shots: int, history: Sequence[float]) -> int:
        if info.free:
            return 0
        from qjob.catalog.discovered import is_discovered, price_remedy
        from qjob.policy.pricing import quote  # what is free need not wait for these

        found = quote(info.price, profile, shots, history)
        if isinstance(found, Unpriced):
            remedy = found.remedy or "Write a price into backends.toml in QJOB_HOME."
            if is_discovered(info):
                remedy = price_remedy(info, self.clock().date())
            raise BackendRefused(
                f"{info.slug} has no price for this job, so no money can be set aside for it: {found.reason}.",
                remedy=remedy,
            )
        return to_nano(found.cap)

    def check_all(
        self, given: Sequence[object], *, seed: object = None, name: object = None, **asked: Any
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
        first = None if seed is None else typed.seed(seed)
        label = None if name is None else typed.text("name", name, MAX_NAME - len(f"[{MAX_PROGRAMS}]"))
        terms = self.terms(**asked)
        checked: list[Checked] = []
        for place, program in enumerate(given):
            called = None if label is None else f"{label}[{place}]"
            number = None if first is None else (first + place) % (1 << typed.SEED_BITS)
            before = checked[-1] if checked else None
            try:
                checked.append(self._checked(self.examine(program), terms, called, number, before))
            except Refusal as refusal:
                raise in_batch(refusal, place) from refusal
        return checked


def as_timed(info: BackendInfo, found: Examined) -> CircuitProfile:
    """Return the profile that a price goes by: where time is billed, gates of several parts count as these."""
    if info.price is None or not isinstance(info.price.rates, PerTime):
        return found.profile
    return replace(found.profile, gates=found.elementary())


def in_batch(refusal: Refusal, place: int) -> Refusal:
    """Return a refusal of one program as that of its batch, with its place there, from 0."""
    return type(refusal)(
        f"program {place} of the batch: {refusal.message}",
        remedy=refusal.remedy,
        numbers={**refusal.numbers, "place": place},
        retry_after=refusal.retry_after,
    )


def source_digest(source: str) -> str:
    """Return what stands for the text that a job came from."""
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()


def _fingerprint(found: Examined, request: JobRequest, *, seeded: bool) -> str:
    """Return what tells whether two requests ask for the same; a seed counts only where it was given."""
    asked = [
        found.fingerprint(),
        request.backend,
        request.shots,
        sorted(request.options.items()),
        request.seed if seeded else None,
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
