"""Refuses what a device of Amazon Braket will not take, by its catalogue row and what it said last.

Runs in the kernel, so it loads no SDK and asks nobody: what is not known is no reason to refuse, and a device that is
closed for the night still takes tasks. What only the service can tell, it tells when the task is made.
"""

from datetime import datetime, timedelta

from qjob.backends.base import Needs
from qjob.backends.braket.limits import refuse_profile
from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.model.errors import BackendRefused, InvalidRequest
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile


def check(
    info: BackendInfo, profile: CircuitProfile, request: JobRequest, facts: DeviceFacts | None, now: datetime
) -> Needs:
    """Raise the first reason why the request cannot run; see `qjob.backends.base.Backend.check`.

    Parameters
    ----------
    info
        The backend.
    profile
        Of the request's circuit.
    request
        What is asked for.
    facts
        What the device said last, however long ago; None where it was never asked.
    now
        By which facts are fresh; only then does "offline" count.

    Returns
    -------
    Needs
        Nothing of this machine.

    Raises
    ------
    InvalidRequest
        Shots out of the device's range.
    BackendRefused
        It is retired, or offline, or has too few qubits.
    """
    if facts is not None:
        _check_status(info, facts, now)
    _check_shots(info, request.shots, facts, now)
    _check_qubits(info, profile.active_qubits, facts, now)
    refuse_profile(info, profile)
    return Needs()


def _check_status(info: BackendInfo, facts: DeviceFacts, now: datetime) -> None:
    numbers = {"backend": info.slug, "status": facts.status, "asked_at": facts.at.isoformat()}
    if facts.status == "retired":
        others = " or ".join(info.instead)
        raise BackendRefused(
            f"{info.slug} takes no jobs any more: Amazon Braket retired it (asked {_ago(facts, now)}).",
            remedy=f"Use {others} instead." if others else "Use another one: %qjob backends",
            numbers=numbers,
        )
    if facts.status == "offline" and facts.is_fresh(now):
        raise BackendRefused(
            f"{info.slug} is offline and takes no jobs for now (asked {_ago(facts, now)}).",
            remedy="Try again later; %qjob backends shows when it is online. Meanwhile --rehearse runs the circuit "
            "here, for free.",
            numbers=numbers,
        )


def _check_shots(info: BackendInfo, shots: int, facts: DeviceFacts | None, now: datetime) -> None:
    low, high, who = info.min_shots, info.max_shots, ""
    if facts is not None and facts.shots is not None and (facts.shots[0] > low or facts.shots[1] < high):
        low, high = max(low, facts.shots[0]), min(high, facts.shots[1])
        if low > high:  # a row of the user's own that does not fit the device
            low, high = facts.shots
        who = f" (asked {_ago(facts, now)})"
    if not low <= shots <= high:
        split = f" Or submit several jobs of at most {high:,} shots; each is billed." if shots > high else ""
        raise InvalidRequest(
            f"{info.slug} takes {low:,} to {high:,} shots, not {shots:,}{who}.",
            remedy=f"Try --shots {min(max(shots, low), high)}.{split}",
            numbers={"shots": shots, "min_shots": low, "max_shots": high},
        )


def _check_qubits(info: BackendInfo, width: int, facts: DeviceFacts | None, now: datetime) -> None:
    limit, who = info.max_qubits, ""
    if facts is not None and facts.qubits is not None and facts.qubits < limit:
        limit, who = facts.qubits, f" (asked {_ago(facts, now)})"
    if width > limit:
        raise BackendRefused(
            f"the circuit needs {width:,} qubits, {info.slug} has {limit:,}{who}.",
            remedy=f"Use at most {limit:,} qubits, or a backend that has more: %qjob backends",
            numbers={"qubits": width, "max_qubits": limit},
        )


def _ago(facts: DeviceFacts, now: datetime) -> str:
    """Return how long ago the device was asked; after an hour, when."""
    age = facts.age(now)
    if age >= timedelta(hours=1):
        return f"on {facts.at:%Y-%m-%d at %H:%M} UTC"
    minutes = age // timedelta(minutes=1)
    return f"{minutes} min ago" if minutes else "just now"
