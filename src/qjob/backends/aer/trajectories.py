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

SHORTEST, LONGEST = 0.18, 1.0
"""Seconds that a chunk is meant to take, at least and at most."""

SHARE = 0.04
"""Of the time since the first chunk began, the part that the next is meant to take: each adds about so much to the
picture. What a chunk costs by itself (Aer takes circuit and noise over anew, and threads that are done wait for the
last) is paid more than five times a second at first, as a live picture changes, and once a second in the long run."""

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
        start = self.clock()
        while done < self.shots:
            chunk = min(chunk, self.shots - done)
            began = self.clock()  # what is done with the chunk before is none of this one's time
            experiment = self.run(chunk, base + done)
            if experiment.sampled:
                # Aer found that no shot needs a simulation of its own, which depends on the circuit alone: all are
                # drawn together, and an earlier attempt can have left nothing
                tally.clear()
                yield from self._in_blocks(tally, self.shots)
                return
            now = self.clock()
            tally.add(counts_of(experiment.data["counts"], tally.layout))
            done += chunk
            chunk = next_chunk(chunk, now - began, chunk_seconds(now - start), experiment.parallel_shots)
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


def chunk_seconds(passed: float) -> float:
    """Return how long the next chunk is meant to take, where so many seconds passed since the first."""
    return min(max(passed * SHARE, SHORTEST), LONGEST)


def next_chunk(chunk: int, seconds: float, meant: float, together: int) -> int:
    """Return how many shots to run next.

    Parameters
    ----------
    chunk
        Shots of the chunk before.
    seconds
        What they took.
    meant
        What the next chunk is meant to take.
    together
        Shots at a time. A chunk is a multiple of it, since the threads wait for each other at its end.
    """
    shots = int(chunk * meant / max(seconds, meant / GROWTH))
    return max(together, shots - shots % together)
