"""Whether a backend can be used now: one judgement for every dialect. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.policy.windows import is_open, next_opening

Availability = Literal["available", "closed", "unknown", "offline", "retired", "not_installed"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a backend at one moment.

    Parameters
    ----------
    why
        A sentence, where it is not simply available.
    opens_at
        When it opens, in UTC, where it is closed.
    """

    state: Availability
    why: str | None = None
    opens_at: datetime | None = None


def judge(info: BackendInfo, told: DeviceFacts | None, now: datetime, *, runs_here: bool) -> Judgement:
    """Return whether jobs for a backend can run.

    Parameters
    ----------
    told
        What its service said last of the device; None where nobody has asked it.
    runs_here
        Whether jobs for it can be submitted here at all.
    """
    if info.retired or (told is not None and told.status == "retired"):
        return Judgement("retired", f"retired {info.retired}{info.way_out}".strip())
    if not runs_here:
        return Judgement("not_installed", f"no adapter {info.adapter!r} is installed here.")
    if info.local:
        return Judgement("available")
    if told is None or told.status is None:
        return Judgement("unknown", "nobody has asked its service yet; a job is checked with it first.")
    if told.status != "online":
        return Judgement("offline", f"offline, as its service said at {told.at:%Y-%m-%d %H:%M} UTC.")
    if told.windows is None or is_open(told.windows, now):
        return Judgement("available")
    return Judgement(
        "closed", "outside its hours: jobs wait until it opens.", next_opening(told.windows, now)
    )
