"""Which limits were in force when: the history of every team, and whether it was tampered with. Knows no database."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from qjob.model.team import seal
from qjob.policy.audit import Finding


class LimitsLine(NamedTuple):
    """A row of the history: limits from one moment on."""

    team: str
    number: int  # within the team, from 1
    by: str | None  # None: what a store had when its history began
    at: int  # microseconds since 1970
    movement: int  # the number of the team's last movement before
    slots: int  # how many submissions of the team had taken a rate slot
    last_slot: (
        int  # when the newest of these was admitted, in microseconds since 1970; 0 where there was none
    )
    per_job: int  # nano-dollars, as are the next two
    per_day: int
    per_month: int
    user_per_minute: int
    team_per_day: int
    count_local: int
    seal: str


class TeamLine(NamedTuple):
    """A team with the limits that it has now, as the columns of `LimitsLine`."""

    id: str
    number: int
    per_job: int
    per_day: int
    per_month: int
    user_per_minute: int
    team_per_day: int
    count_local: int


History = Mapping[str, Sequence[LimitsLine]]
"""The rows of each team, in order."""


def history(lines: Iterable[LimitsLine]) -> History:
    """Return the rows, which are in order, by team."""
    found: dict[str, list[LimitsLine]] = {}
    for line in lines:
        found.setdefault(line.team, []).append(line)
    return found


def readable(rows: History) -> History:
    """Return the rows that hold numbers where numbers belong; `verify` finds the others, which SQLite takes."""
    return {
        team: [line for line in lines if all(isinstance(value, int) for value in (line.number, *line[3:13]))]
        for team, lines in rows.items()
    }


def verify(rows: History, teams: Iterable[TeamLine], last_movements: Mapping[str, int]) -> list[Finding]:
    """Look for rows that were changed, added or removed.

    A row that was changed breaks its seal, and so does one that was put between others; a team has as many rows as it
    counts, and its limits are those of the last one.

    Parameters
    ----------
    last_movements
        The highest number in the ledger by team, for those that have any.
    """
    findings = []
    known = {team.id: team for team in teams}
    for team_id in sorted({*rows, *known}, key=str):
        short, lines, team = str(team_id)[:8], rows.get(team_id, ()), known.get(team_id)
        if team is None:
            findings.append(Finding("limits", f"there are limits on record of {short}, which is no team."))
            continue
        if [line.number for line in lines] != list(range(1, team.number + 1)):
            findings.append(
                Finding(
                    "limits",
                    f"team {short} has {len(lines)} rows of limits on record; it should have {team.number}.",
                )
            )
        elif lines[-1][7:13] != team[2:]:
            findings.append(Finding("limits", f"team {short} has other limits than those last set."))
        before = ""
        for line in lines:
            if line.seal != seal(before, *line[:-1]):
                findings.append(
                    Finding("limits", f"row {line.number} of the limits of team {short} was changed.")
                )
            before = line.seal
    for team_id, lines in readable(rows).items():
        then = max((line.movement for line in lines), default=0)
        if team_id in known and then > last_movements.get(team_id, 0):
            findings.append(
                Finding(
                    "gap", f"movement {then} of team {str(team_id)[:8]} is on record, and not in the ledger."
                )
            )
    return findings


class Eras(NamedTuple):
    """Which limits were in force when the submissions of one team were admitted."""

    lines: Sequence[LimitsLine]
    exact: Sequence[bool]  # of each line: whether all submissions up to its ``last_slot`` came before it
    last_slots: Sequence[int]

    @classmethod
    def of(cls, lines: Sequence[LimitsLine], times: Sequence[int]) -> "Eras":
        """Compare what each line says of the submissions before it with those there are, by their sorted times."""
        last_slots = [line.last_slot for line in lines]
        before = [bisect_right(times, last) for last in last_slots]
        return cls(
            lines,
            [count == line.slots for count, line in zip(before, lines, strict=True)],
            last_slots,
        )

    def missing(self, times: Sequence[int]) -> LimitsLine | None:
        """Return the first line that counted more submissions than there are up to then."""
        for line, last in zip(self.lines, self.last_slots, strict=True):
            if bisect_right(times, last) < line.slots:
                return line
        return None

    def at(self, time: int) -> Sequence[LimitsLine] | None:
        """Return the lines, one of which was in force when a submission was admitted; None: before the history.

        A line whose newest submission is older came before. One that counted this submission came after; where the
        clock was set back between, so that more submissions than it counted lie before its newest one, nobody can
        tell, and both sides stay possible.
        """
        first = bisect_left(self.last_slots, time)  # so many lines came before for certain
        if not first:
            return None
        last = first
        while last < len(self.lines) and not self.exact[last]:
            last += 1
        return self.lines[first - 1 : last]
