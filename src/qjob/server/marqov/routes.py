"""The table of Marqov's routes."""

from qjob.model.key import Scope
from qjob.server.desk import Desk
from qjob.server.marqov.errors import ErrorBody, error_body
from qjob.server.marqov.models import Cancelled
from qjob.server.routes import Answer, Call, Dialect, Route


def cancel(desk: Desk, call: Call) -> Answer:
    """Ask for the job to end; answer its status and whether there was anything to cancel."""
    job_id = desk.record(call.path["job_id"]).id
    asked = desk.engine.cancel(job_id)
    return Answer(Cancelled(job_id=job_id, status=desk.record(job_id).status, cancelled=asked))


MARQOV = Dialect(
    "Marqov",
    "qjob/api",
    (
        Route(
            "POST",
            "jobs/{job_id}/cancel",
            cancel,
            "Ask for a job to end, whichever process runs it.",
            {200: Cancelled},
            scope=Scope.SUBMIT,
            errors=(404,),
        ),
    ),
    error_body,
    ErrorBody,
)
