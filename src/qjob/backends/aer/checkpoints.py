"""What a run has counted so far as bytes, for another attempt to go on from; and how often that is written.

Knows counts and how a run is planned; must not know simulators, nor where checkpoints are kept.

A checkpoint's data are a digest of 16 bytes (BLAKE2b of all that follows) and a packed result, in whose metadata
stands the mark of the run that it belongs to: a hash of everything that decides which counts a run gives.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import Plan
from qjob.backends.aer.progress import INTERVAL
from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.model.events import Checkpoint
from qjob.model.job import JobRequest
from qjob.model.packing import UnpackError, pack, unpack
from qjob.model.result import Result

DIGEST = 16
"""Bytes of the digest in front."""

SHARE = 0.02
"""The part of a run's time that its checkpoints may take."""


class Unfit(ValueError):
    """A checkpoint that a run must not go on from; the message completes "What an earlier attempt counted ..."."""


@dataclass(frozen=True, slots=True)
class Book:
    """Writes and reads the checkpoints of one run.

    Parameters
    ----------
    layout
        The run's classical bits.
    shots
        How many it is to count.
    block
        What the shots of a checkpoint are a multiple of; 0 where the run has no checkpoints.
    mark
        Of the run; see `mark_of`.
    """

    layout: BitLayout
    shots: int
    block: int
    mark: str

    def write(self, counts: Counts) -> Checkpoint:
        """Return these counts as a checkpoint."""
        packed = pack(Result(counts, metadata={"run": self.mark}))
        return Checkpoint(counts.shots, _digest(packed) + packed)

    def read(self, checkpoint: Checkpoint) -> Counts:
        """Return the counts to go on from.

        Raises
        ------
        Unfit
            The checkpoint is damaged, of another run, or says what this run cannot have counted.
        """
        if not self.block:
            raise Unfit("is of no use: this run draws its shots from one final state")
        digest, packed = checkpoint.data[:DIGEST], checkpoint.data[DIGEST:]
        if digest != _digest(packed):
            raise Unfit(f"is damaged: its {len(checkpoint.data)} bytes do not agree with their checksum")
        try:
            result = unpack(packed)
        except UnpackError as error:
            raise Unfit(f"cannot be read: {error}") from error
        counts = result.counts
        if result.metadata.get("run") != self.mark or counts.layout != self.layout:
            raise Unfit("is of another run: another program, other options, or other versions of qjob or Aer")
        self._check(counts.shots, checkpoint.shots)
        return counts

    def _check(self, shots: int, said: int) -> None:
        if shots != said:
            raise Unfit(f"does not add up: {shots:,} shots where {said:,} were said to be counted")
        if shots > self.shots:
            raise Unfit(f"is too much: {shots:,} shots of a run of {self.shots:,}")
        if shots % self.block and shots != self.shots:
            raise Unfit(f"ends within a block: {shots:,} shots where a block has {self.block:,}")


def book_of(
    request: JobRequest, layout: BitLayout, plan: Plan, options: AerOptions, versions: tuple[str, ...]
) -> Book:
    """Return the book of a run.

    Parameters
    ----------
    versions
        Of all that takes part in a simulation.
    """
    # shot by shot any number of shots can be gone on from; what is sampled comes in whole blocks
    block = {"trajectories": 1, "counted": plan.block, "sampled": 0}[plan.path]
    return Book(layout, request.shots, block, mark_of(request, plan, options, versions))


def mark_of(request: JobRequest, plan: Plan, options: AerOptions, versions: tuple[str, ...]) -> str:
    """Return a hash of what decides a run's counts, as hexadecimal text."""
    facts = (
        request.program.digest,
        request.backend,
        request.shots,
        str(request.seed),  # of any size
        plan,
        options,
        versions,
    )
    return blake2b(orjson.dumps(facts), digest_size=DIGEST).hexdigest()


def _digest(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=DIGEST).digest()


class Pace:
    """Tells when the next checkpoint is due, so that all together take no more than their share of the time.

    Parameters
    ----------
    clock
        A monotonic clock in seconds.
    interval
        Seconds from one to the next at the least.
    share
        What they may take, as a part of the whole.
    """

    def __init__(self, clock: Callable[[], float], interval: float = INTERVAL, share: float = SHARE) -> None:
        self._clock = clock
        self._interval = interval
        self._share = share
        self._due = clock() + interval

    def due(self) -> bool:
        """Whether it is time for the next one."""
        return self._clock() >= self._due

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Measure what one takes: inside it is made and handed over. The next one comes so much later."""
        began = self._clock()
        yield
        ended = self._clock()
        self._due = ended + max(self._interval, (ended - began) * (1 / self._share - 1))
