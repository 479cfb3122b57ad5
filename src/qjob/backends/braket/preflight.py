"""Before any money is held: who we are for AWS, whether the device takes this, and where results will lie."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from qjob.backends.base import Clearance
from qjob.backends.braket.admission import check
from qjob.backends.braket.conversion import convert, side_of
from qjob.backends.braket.devices import Devices
from qjob.backends.braket.faults import explain
from qjob.backends.braket.sessions import Session, Sessions, profile_here
from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused, NoCredentials
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile

NAMED = "AMZN_BRAKET_OUT_S3_BUCKET"
"""The SDK's own variable for another bucket than its default one."""


class Preflight:
    """Asks AWS what it has to say to a request.

    Parameters
    ----------
    sessions, devices
        The agent's.
    now
        Tells the time in UTC.
    """

    def __init__(
        self,
        sessions: Sessions,
        devices: Devices,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sessions = sessions
        self._devices = devices
        self._now = now

    def __call__(self, info: BackendInfo, request: JobRequest, profile: CircuitProfile) -> Clearance:
        """Return where and for whom the request is to run.

        Raises
        ------
        Refusal
            With what is in the way, the numbers and the way out.
        """
        try:
            device = self._devices.get(info.target, "")
            session = self._devices.session("", device.region)
            account = _asked(session, session.who)
        except NoCredentials:
            self._sessions.forget("")  # the next try reads what has been mended meanwhile
            raise
        check(info, profile, request, device.facts, self._now())
        convert(request.program, side_of(device.response))
        return Clearance(
            {
                "account": account,
                "region": device.region,
                "profile": profile_here(),
                "bucket": _asked(session, lambda: _bucket(session)),
            },
            orjson.loads(orjson.dumps(device.facts)),
        )


def _asked(session: Session, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception as error:
        raise explain(error, session.profile or profile_here(), session.region) from error


def _bucket(session: Session) -> str:
    """Return the bucket of results; one that somebody names has to be there."""
    try:
        bucket = session.default_bucket()
    except ValueError as error:
        raise BackendRefused(
            f"the bucket for results cannot be used: {error}",
            remedy=f"Name one of your own whose name begins with amazon-braket-: %env {NAMED}=NAME",
        ) from error
    if os.environ.get(NAMED) and not session.has_bucket(bucket):
        raise BackendRefused(
            f"there is no bucket {bucket} for the results, which {NAMED} names.",
            remedy=f"Make it: aws s3 mb s3://{bucket}   or leave {NAMED} out for the SDK's own.",
            numbers={"bucket": bucket},
        )
    return bucket
