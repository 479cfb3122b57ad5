"""For whom a job's task is followed: the same account that it was submitted for, or nobody."""

from collections.abc import Mapping

from qjob.backends.braket.devices import Devices
from qjob.backends.braket.faults import explain
from qjob.backends.braket.sessions import Session, Sessions, profile_here
from qjob.model.errors import NoCredentials, QjobError


class Identity:
    """Who we have to be for one job.

    Parameters
    ----------
    site
        What the job's preflight said: account, region, profile, bucket.
    sessions, devices
        The agent's.
    """

    def __init__(self, site: Mapping[str, str], sessions: Sessions, devices: Devices) -> None:
        named = site.get("profile", "")
        self.site = site
        # what the environment names may have other keys beside it; whether they are right, the account tells
        self.profile = "" if named == profile_here() else named
        self._sessions = sessions
        self._devices = devices
        self._checked: Session | None = None  # whose account is known to be the job's

    def session(self) -> Session:
        """Return the session of the job's account.

        Raises
        ------
        NoCredentials
            We act for another account now.
        Exception
            AWS cannot be asked; see `explain`.
        """
        session = self._devices.session(self.profile, self.site["region"])
        if session is not self._checked:
            account = session.who()
            if account != self.site["account"]:
                raise NoCredentials(
                    f"this task belongs to the AWS account {self.site['account']}; you are {account} now.",
                    remedy=f"Use its profile{self._named}: %env AWS_PROFILE=NAME",
                    numbers={"account": account, "needed": self.site["account"]},
                )
            self._checked = session
        return session

    @property
    def _named(self) -> str:
        named = self.site.get("profile")
        return f" ({named})" if named else ""

    def explain(self, error: Exception) -> QjobError:
        """Return what an error means; see `qjob.backends.braket.faults.explain`."""
        return explain(error, self.profile or profile_here(), self.site.get("region", ""))

    def forget(self) -> None:
        """Read the credentials anew with the next question: these are of no use any more."""
        self._checked = None
        self._sessions.forget(self.profile)
