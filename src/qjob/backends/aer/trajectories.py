"""Lets Aer count, in portions that stream, so that the portions add up to the same counts however they are cut.

Shot by shot, shot ``i`` uses the seed ``base + i`` whatever chunk it falls into. That holds only where Aer simulates
every shot; where it draws shots from one final state, the blocks are fixed by the request instead. Either way a tally
that holds some of the shots already is gone on with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qjob.backends.aer.keys import counts_of
from qjob.backends.aer.plan import Path
from qjob.backends.aer.progress import Tally
from qjob.backends.aer.seeds import base_seed
from qjob.backends.aer.simulators import Experiment

CHUNK_SECONDS = 0.2
"""What a chunk is meant to take; from 0.15 s on its overhead is below 3 %."""

GROWTH = 8
"""A chunk is at most so many times as long as the one before."""

RunShots = Callable[[int, int], Experiment]
"""Runs so many shots with this seed."""


@dataclass(frozen=True, slots=True)
class Counting:
    """One circuit whose shots Aer counts.

    Parameters
    ----------
    run
        Runs so many shots with a seed.
    shots
        How many in all.
    seed
        The job's seed.
    block
        Shots of the first chunk, or of every block; from the request alone.
    clock
        A monotonic clock in seconds; it decides how long chunks are, which does not change the counts.
    """

    run: RunShots
    shots: int
    seed: int
    block: int
    clock: Callable[[], float]

    def trajectories(self, tally: Tally) -> Iterator[Path]:
        """Add the shots that lack to the tally, each simulated anew; yield after every chunk which path it took."""
        base = base_seed(self.seed)
        chunk, done = self.block, tally.shots
        while done < self.shots:
            chunk = min(chunk, self.shots - done)
            began = self.clock()
            experiment = self.run(chunk, base + done)
            if experiment.sampled:
                # Aer found that no shot needs a simulation of its own, which depends on the circuit alone: all are
                # drawn together, and an earlier attempt can have left nothing
                tally.clear()
                yield from self._in_blocks(tally, self.shots)
                return
            seconds = self.clock() - began
            tally.add(counts_of(experiment.data["counts"], tally.layout))
            done += chunk
            chunk = next_chunk(chunk, seconds)
            yield "trajectories"

    def blocks(self, tally: Tally) -> Iterator[Path]:
        """Add the shots that lack to the tally, drawn by Aer from the final state; yield after every block.

        The tally holds whole blocks.
        """
        return self._in_blocks(tally, self.block)

    def _in_blocks(self, tally: Tally, block: int) -> Iterator[Path]:
        for done in range(tally.shots, self.shots, block):
            experiment = self.run(min(block, self.shots - done), base_seed(self.seed, done // block))
            tally.add(counts_of(experiment.data["counts"], tally.layout))
            yield "counted"


def next_chunk(chunk: int, seconds: float) -> int:
    """Return how many shots to run next, where ``chunk`` shots took some seconds."""
    growth = CHUNK_SECONDS / max(seconds, CHUNK_SECONDS / GROWTH)
    return max(1, int(chunk * growth))
