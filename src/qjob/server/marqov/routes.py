"""The table of Marqov's routes."""

from qjob.model.key import Scope
from qjob.server.marqov import jobs, market, models, offers, submitting
from qjob.server.marqov.asked import EventsQuery, JobsQuery, QuoteQuery, ResultQuery, Submission
from qjob.server.marqov.errors import ErrorBody, error_body
from qjob.server.routes import Dialect, Route

ONCE = {
    submitting.HEADER: f"1 to {submitting.MOST_KEY} printable ASCII characters: the same request sent again under "
    "the same key in 7 days is answered as the first one was, and nothing is submitted or paid twice."
}
PROGRAM = (400, 404, 424)
"""How a program is refused, by us or by the service that is to run it."""

MARQOV = Dialect(
    "Marqov",
    "qjob/api",
    (
        Route(
            "POST",
            "jobs/submit",
            submitting.submit,
            "Submit a job, or a batch of jobs. Calling it is the consent to what it costs.",
            {201: models.Submitted},
            scope=Scope.SUBMIT,
            body=Submission,
            errors=(*PROGRAM, 402, 409),
            headers=ONCE,
            slow=True,
            gives=("jobs/{job_id}", "/job_id"),
        ),
        Route(
            "GET",
            "jobs",
            jobs.page,
            "List the jobs of the caller's teams, the newest first.",
            {200: models.JobsPage},
            query=JobsQuery,
        ),
        Route(
            "GET",
            "jobs/{job_id}",
            jobs.detail,
            "Everything that is known of a job or a batch.",
            {200: models.Detail},
            errors=(404,),
        ),
        Route(
            "GET",
            "jobs/{job_id}/events",
            jobs.events,
            "The log of a job, or those of a batch's jobs; or, as server-sent events, all of it followed to its end.",
            {200: models.Events},
            query=EventsQuery,
            errors=(404,),
            headers={
                "Last-Event-ID": "Of a stream: the number of the last row of the log that was read; outranks after."
            },
            streamed={"job": models.Detail, "log": models.Event, "end": None},
        ),
        Route(
            "GET",
            "jobs/{job_id}/result",
            jobs.result,
            "The result of a job, or those of a batch that has ended.",
            {200: models.Result},
            query=ResultQuery,
            errors=(404, 409),
        ),
        Route(
            "GET",
            "jobs/{job_id}/program",
            jobs.program,
            "The program of a job, or those of a batch, as submitted.",
            {200: models.Programs},
            errors=(400, 404, 409),
        ),
        Route(
            "POST",
            "jobs/{job_id}/cancel",
            jobs.cancel,
            "Ask for a job, or all jobs of a batch, to end, whichever process runs them.",
            {200: models.Cancelled},
            scope=Scope.SUBMIT,
            errors=(404,),
        ),
        Route(
            "POST",
            "jobs/{job_id}/retry",
            jobs.retry,
            "Submit an ended job again, as a new one. Calling it is the consent to what it costs.",
            {201: models.Submitted},
            scope=Scope.SUBMIT,
            errors=(*PROGRAM, 402, 409),
            headers=ONCE,
            slow=True,
        ),
        Route(
            "GET",
            "backends",
            offers.backends,
            "The backends by tiers, with prices, availability and options.",
            {200: market.Backends},
        ),
        Route("GET", "backends/{slug}", offers.backend, "One backend.", {200: market.Backend}, errors=(404,)),
        Route(
            "GET",
            "budget",
            offers.budget,
            "What the caller's team may spend and has spent, and how fast it may submit.",
            {200: market.Budget},
        ),
        Route(
            "POST",
            "quote",
            offers.quote,
            "What the body of a submission would cost; nothing is stored.",
            {200: market.Quote},
            body=Submission,
            errors=PROGRAM,
            slow=True,
        ),
        Route(
            "GET",
            "quote",
            offers.price,
            "What so many shots cost on a backend whose price no circuit changes.",
            {200: market.Quote},
            query=QuoteQuery,
            errors=(404,),
        ),
    ),
    error_body,
    ErrorBody,
)
