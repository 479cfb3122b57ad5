"""Do ledger, jobs and sums agree? Recomputes everything from what the rows say; knows no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from qjob.model.job import JobStatus
from qjob.model.money import format_usd, from_nano

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNADMITTED = {JobStatus.INITIALIZING, JobStatus.FAILED, JobStatus.CANCELLED}
"""What a job that was never admitted may be."""
_ENDED = {str(status): status.ended for status in JobStatus}


class JobLine(NamedTuple):
    """A job with what its movements add up to, in nano-dollars."""

    id: str
    status: str
    cap: int
    cost: int | None
    team: str | None
    admitted_at: int | None  # microseconds since 1970; None of a job that was not (yet) admitted
    held: int  # what the movements leave held
    charged: int  # what they charge
    holds: int  # how many holds there are
    hold: int  # what these set aside
    strange: int  # movements of another team
    first_day: str | None  # UTC days of its movements, as "2026-03-01"; None where it has none
    last_day: str | None


class MovementLine(NamedTuple):
    """A movement, and the job it belongs to, if any."""

    number: int
    kind: str
    debit: str
    credit: str
    team: str
    day: str
    amount: int  # nano-dollars
    job: int | None  # its number


Sums = Mapping[tuple[str, str], tuple[int, int]]
"""Held and charged by team and day."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not add up."""

    code: str  # stable, machine-readable
    what: str  # one sentence for people


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    findings
        Everything that does not add up.
    jobs, movements
        How many were looked at.
    """

    findings: tuple[Finding, ...]
    jobs: int
    movements: int

    @property
    def ok(self) -> bool:
        """Whether everything adds up."""
        return not self.findings


def jobs(lines: Iterable[JobLine]) -> list[Finding]:
    """Compare each job with its movements."""
    findings = []
    for line in lines:
        short = line.id[:8]
        if line.status not in _ENDED:
            findings.append(Finding("status", f"job {short} is {line.status}, which no job can be."))
            continue
        ended = _ENDED[line.status]
        day = None if line.admitted_at is None else _day(line.admitted_at)
        if day is not None and {line.first_day, line.last_day} - {day, None}:
            findings.append(
                Finding(
                    "other_day",
                    f"job {short} was admitted on {day}, its movements are of {line.first_day} to {line.last_day}.",
                )
            )
        if line.strange:
            findings.append(Finding("other_team", f"job {short} moves money of a team that is not its own."))
        if day is None and line.status not in _UNADMITTED:
            findings.append(Finding("not_admitted", f"job {short} is {line.status} and was never admitted."))
        due = 0 if day is None else line.cap
        if line.holds != (1 if due else 0) or line.hold != due:
            findings.append(
                Finding(
                    "hold",
                    f"job {short} can cost {_usd(due)}; {line.holds} holds set aside {_usd(line.hold)}.",
                )
            )
        left = 0 if ended else due
        if line.held != left:
            findings.append(
                Finding(
                    "held",
                    f"job {short} is {line.status} with {_usd(line.held)} held; it should be {_usd(left)}.",
                )
            )
        cost = line.cost if line.cost is not None else 0
        if line.charged != cost or (line.cap and ended is (line.cost is None)):
            said = "no cost" if line.cost is None else _usd(line.cost)
            findings.append(
                Finding("cost", f"job {short} says {said}; the ledger says {_usd(line.charged)}.")
            )
        if line.charged < 0:
            findings.append(
                Finding("refund", f"job {short} was refunded {_usd(-line.charged)} more than it was charged.")
            )
    return findings


def _day(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).date().isoformat()


def sums(ledger: Sums, spending: Sums) -> list[Finding]:
    """Compare the sums that are kept with those of the ledger."""
    findings = []
    for key in sorted({*ledger, *spending}):
        should, said = ledger.get(key, (0, 0)), spending.get(key, (0, 0))
        if should != said:
            findings.append(
                Finding(
                    "sums",
                    f"team {key[0][:8]}, {key[1]}: the sums say {_usd(said[0])} held and {_usd(said[1])} charged, "
                    f"the ledger {_usd(should[0])} and {_usd(should[1])}.",
                )
            )
        if min(should) < 0:
            findings.append(Finding("negative", f"team {key[0][:8]}, {key[1]}: an account is below zero."))
    return findings


def movements(
    lines: Iterable[MovementLine], accounts: Mapping[str, tuple[str, str]], span: tuple[int, int, int]
) -> list[Finding]:
    """Look at each movement on its own.

    Parameters
    ----------
    accounts
        By kind, the accounts that it takes from and goes to.
    span
        How many movements there are, and their lowest and highest numbers.
    """
    findings = []
    for line in lines:
        if accounts.get(line.kind) != (line.debit, line.credit):
            findings.append(
                Finding(
                    "accounts",
                    f"movement {line.number}, a {line.kind}, goes from {line.debit} to {line.credit}.",
                )
            )
        if line.job is None:
            findings.append(Finding("no_job", f"movement {line.number} belongs to no job."))
    count, lowest, highest = span
    if count != highest - lowest + 1 or lowest != 1:
        findings.append(
            Finding("gap", f"{count} movements are numbered {lowest} to {highest}: some are missing.")
        )
    return findings


def _usd(nano: object) -> str:
    # SQLite keeps what it is given: an amount that is no whole number is shown as it is
    return format_usd(from_nano(nano)) if isinstance(nano, int) else repr(nano)
