"""What a picture shows, as values: the jobs' outcomes, what is said of them, how they are arranged. Draws nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qjob.engine import Engine
from qjob.model.bit_names import bits_of
from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.model.distribution import Distribution, Ideal
from qjob.model.errors import InvalidRequest, JobEnded
from qjob.model.job import JobStatus
from qjob.model.ranking import ORDERS
from qjob.model.result import Result
from qjob.model.snapshot import JobSnapshot
from qjob.model.upkeep import when_erased
from qjob.showing.summary import phase, title
from qjob.showing.wording import number, plain, plural, short_id

MOST_JOBS = 4
"""The most distributions in one picture; more cannot be told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The outcomes of one job, or of an ideal.

    Parameters
    ----------
    label
        What it is called.
    outcomes
        What was counted, or the exact probabilities.
    shots
        All shots counted so far; None of exact probabilities. More than the outcomes add up to where only the most
        frequent ones are known.
    distinct
        How many different outcomes there are.
    head
        What it is called above a column, where that is shorter.
    """

    label: str
    outcomes: Counts | Distribution
    shots: int | None
    distinct: int
    head: str = ""

    @property
    def partial(self) -> bool:
        """Whether some outcomes are not listed."""
        return self.distinct > len(self.outcomes)


@dataclass(frozen=True, slots=True)
class View:
    """How a picture is arranged at first; who looks at it may change that there."""

    sort: str = "value"
    top: int = 16
    bits: tuple[int, ...] | None = None  # None: all

    def checked(self) -> "View":
        """Return it, if it can be drawn."""
        if self.sort not in ORDERS:
            raise InvalidRequest(f"there is no order {self.sort!r}.", remedy="Sort by value or by bits.")
        if self.top < 1:
            raise InvalidRequest(f"a picture of {self.top} outcomes shows nothing.", remedy="Try --top 16")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Everything that one picture shows.

    Parameters
    ----------
    title, facts
        What it is of.
    series
        One or several; none where no job has counts yet.
    view
        How it is arranged at first.
    notes
        Sentences below it.
    state
        Final amplitudes, as in `qjob.model.result.Result`; None where there are none.
    state_of
        Whose they are.
    """

    title: str
    facts: tuple[str, ...]
    series: tuple[Series, ...]
    view: View
    notes: tuple[str, ...] = ()
    state: npt.NDArray[np.complex128] | None = None
    state_of: str = ""

    @property
    def layout(self) -> BitLayout | None:
        """The classical bits; None before there are counts."""
        return self.series[0].outcomes.layout if self.series else None

    def marginals(self, bits: tuple[int, ...] | None) -> tuple[Counts | Distribution, ...]:
        """Return the distributions over these bits alone; over all, where they are None."""
        return tuple(each.outcomes if bits is None else each.outcomes.marginal(bits) for each in self.series)


def series_of(snapshot: JobSnapshot, result: Result | None) -> Series | None:
    """Return a job's outcomes, all of them or as far as they are known; None before there are any."""
    label = title(snapshot)
    if result is not None:
        return Series(label, result.counts, result.counts.shots, len(result.counts))
    progress = snapshot.progress
    if progress is None or not progress.top or progress.shots_done < 1:
        return None
    width = len(progress.top[0][0])
    layout = snapshot.layout or BitLayout(width, tuple(range(width)))
    counts = Counts.from_dict(layout, dict(progress.top))
    return Series(label, counts, progress.shots_done, progress.distinct)


def ideal_series(ideal: Ideal) -> Series:
    """Return an ideal as what stands beside a job."""
    outcomes = ideal.outcomes
    shots = None if isinstance(outcomes, Distribution) else outcomes.shots
    label = "ideal" if shots is None else f"ideal, from {plural(shots, 'shot')}"
    return Series(label, outcomes, shots, len(outcomes), "ideal")


def look(
    engine: Engine, snapshots: Sequence[JobSnapshot], view: View, ideal: Ideal | None, bits: str | None
) -> Shown:
    """Return what a picture of these jobs shows now.

    Raises
    ------
    InvalidRequest
        They measure different numbers of bits, or there are no such bits.
    """
    results = [_result(engine, each) for each in snapshots]
    found = [series_of(each, result) for each, result in zip(snapshots, results, strict=True)]
    series = _told_apart([one for one in found if one is not None], snapshots)
    if ideal is not None and found[0] is not None:
        series.append(ideal_series(ideal))
    first, own = snapshots[0], results[0]
    state, state_of = (own.statevector, title(first)) if own is not None else (None, "")
    if state is None and ideal is not None:
        state, state_of = ideal.statevector, "ideal"
    if bits and series:
        view = replace(view, bits=bits_of(bits, series[0].outcomes.layout))
    if any(one.partial for one in series):
        view = replace(view, bits=None)
    return Shown(
        " and ".join(plain(title(each)) for each in snapshots),
        _facts(snapshots),
        _same_width(series),
        view.checked(),
        tuple(_notes(snapshots, found, ideal)),
        state,
        state_of,
    )


def _result(engine: Engine, snapshot: JobSnapshot) -> Result | None:
    if snapshot.job.status is not JobStatus.COMPLETED:
        return None
    try:
        return engine.result(snapshot.id)
    except JobEnded:  # its result was erased
        return None


def _told_apart(series: list[Series], snapshots: Sequence[JobSnapshot]) -> list[Series]:
    """Return them with labels that differ: jobs of one name get their ids."""
    labels = [one.label for one in series]
    ids = [short_id(each.id) for each in snapshots]
    return [
        replace(one, label=f"{one.label} ({ids[place]})") if labels.count(one.label) > 1 else one
        for place, one in enumerate(series)
    ]


def _same_width(series: Sequence[Series]) -> tuple[Series, ...]:
    widths = [one.outcomes.layout.num_clbits for one in series]
    if len(set(widths)) > 1:
        told = ", ".join(f"{one.label} has {width}" for one, width in zip(series, widths, strict=True))
        raise InvalidRequest(
            f"jobs with different numbers of classical bits do not fit one picture: {told}.",
            remedy="Show each by itself: %qjob plot JOB",
            numbers={"num_clbits": widths},
        )
    return tuple(series)


def _facts(snapshots: Sequence[JobSnapshot]) -> tuple[str, ...]:
    if len(snapshots) > 1:
        return tuple(f"{plain(title(each))}: {plain(each.job.backend)}" for each in snapshots)
    job = snapshots[0].job
    return job.backend, plural(job.shots, "shot"), short_id(job.id)


def _notes(
    snapshots: Sequence[JobSnapshot], found: Sequence[Series | None], ideal: Ideal | None
) -> list[str]:
    notes = []
    for snapshot, one in zip(snapshots, found, strict=True):
        of, status = f"{plain(title(snapshot))} " if len(snapshots) > 1 else "", snapshot.job.status
        if one is None:
            notes.append(_without_counts(snapshot, of or "It "))
        elif not status.ended:
            done = f"{number(one.shots or 0)} of {plural(snapshot.job.shots, 'shot')}"
            notes.append(f"{of or 'It '}is {status.value}: {done} so far.")
        elif status is not JobStatus.COMPLETED:
            notes.append(f"{of or 'It '}was {status.value} after {plural(one.shots or 0, 'shot')}.")
    if ideal is not None and ideal.channels:
        noise = plural(ideal.channels, "noise channel")
        notes.append(f"The ideal leaves out {noise} that the program itself holds.")
    if ideal is not None and not ideal.exact:
        why = f": {ideal.inexact}" if ideal.inexact else ""
        notes.append(f"The ideal is a run without noise, not exact probabilities{why}.")
    return notes


def _without_counts(snapshot: JobSnapshot, of: str) -> str:
    job = snapshot.job
    if job.erased_at is not None:
        return f"{of}has no counts any more: its program and its result were erased {when_erased(job)}."
    told = phase(snapshot)
    line = f"{of}has no counts: {job.status.value}" + (f", {told}." if told else ".")
    return line if job.failure is None else f"{line} {plain(job.failure.reason)}"
