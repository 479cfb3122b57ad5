"""From a job to its task at Amazon Braket: found, created, or known not to be there. Never sleeps.

A task may be there without our knowing: its creation was answered by nobody, or an earlier process died over it. As
long as that is so, no refusal and no cancel ends the job before AWS has been searched for long enough.
"""

from collections.abc import Callable

from qjob.backends.base import Pause, Task
from qjob.backends.braket.conversion import Converted
from qjob.backends.braket.creating import create, find
from qjob.backends.braket.identity import Identity
from qjob.backends.braket.sessions import Session
from qjob.model.backend import BackendInfo
from qjob.model.errors import NoCredentials, QjobError, ServiceUnavailable
from qjob.model.events import Cancelled, Failed
from qjob.model.job import Failure

SEARCHES = 6
"""So many times a task is searched in vain before it counts as never created: AWS's index is a little late."""

SEARCH_AGAIN = 12.0
"""Seconds between two searches, so that they last for a minute."""


class Beginning:
    """The beginning of one task.

    Parameters
    ----------
    info
        The device's catalogue row.
    task
        The job's.
    cancelled
        Whether the job is to end.
    identity
        For whom AWS is asked.
    conversion
        Returns the program as it is sent.

    Attributes
    ----------
    unknown : bool
        Whether there may be a task whose name nobody knows.
    """

    def __init__(
        self,
        info: BackendInfo,
        task: Task,
        cancelled: Callable[[], bool],
        identity: Identity,
        conversion: Callable[[], Converted],
    ) -> None:
        self._info = info
        self._task = task
        self._cancelled = cancelled
        self._identity = identity
        self._conversion = conversion
        self.unknown = task.resumed
        self._searched = 0  # in vain
        self._may_search = True

    def turn(self) -> str | Failed | Cancelled | Pause:
        """Return the ARN of the task, the end of a job that has none, or a pause before the next search.

        Raises
        ------
        Exception
            AWS cannot be asked now; see `Identity.explain`.
        """
        if self._cancelled() and not self.unknown:
            return Cancelled()  # without a login, too
        session = self._identity.session()
        arn = self._search(session) if self.unknown and self._may_search else None
        if arn is not None:
            return arn
        if self._cancelled() and self._may_search:
            return self._after_search(Cancelled())
        # where nobody may search, a cancelled task too has to be created, or repeated, to learn its name
        unknown, begun = self.unknown, self._create(session)
        return self._after_search(begun) if unknown and isinstance(begun, Failed) else begun

    def _search(self, session: Session) -> str | None:
        try:
            return find(session, self._info.target, self._task)
        except Exception as error:
            refusal = self._identity.explain(error)
            if not _is_denied(refusal):
                raise
            self._may_search = False  # the client token has to do
            return None

    def _after_search(self, end: Failed | Cancelled) -> Failed | Cancelled | Pause:
        """Return an end once it has been searched for long enough, where there may be a task."""
        if not self.unknown:
            return end
        self._searched += 1
        return end if self._searched >= SEARCHES else Pause(SEARCH_AGAIN)

    def _create(self, session: Session) -> str | Failed:
        """Create the task; return its ARN, or its end where it is refused."""
        converted = self._converted()
        if isinstance(converted, Failed):
            return converted
        before, self.unknown = self.unknown, True
        try:
            return create(session, self._info.target, self._task, converted, self._identity.site["bucket"])
        except Exception as error:
            refusal = self._identity.explain(error)
            if _may_be_tried_again(refusal):
                raise
            self.unknown = before  # AWS has answered, and made none
            return _failed(refusal)

    def _converted(self) -> Converted | Failed:
        try:
            return self._conversion()
        except QjobError as refusal:
            if _may_be_tried_again(refusal):
                raise
            return _failed(refusal)


def _failed(refusal: QjobError) -> Failed:
    return Failed(Failure(refusal.code, refusal.message, refusal.remedy))


def _is_denied(refusal: QjobError) -> bool:
    """Whether IAM does not allow it, as opposed to credentials that have expired."""
    return isinstance(refusal, NoCredentials) and "operation" in refusal.numbers


def _may_be_tried_again(refusal: QjobError) -> bool:
    """Whether what was refused may be granted later: nobody answered, or the login has expired."""
    return isinstance(refusal, (ServiceUnavailable, NoCredentials)) and not _is_denied(refusal)
