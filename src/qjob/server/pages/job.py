"""The page of one job, or of a batch: how it stands, then all there is to read of it. Asks the engine it is given."""

from collections.abc import Sequence

from qjob.engine import Engine
from qjob.model.batch import BatchRecord
from qjob.model.errors import QjobError
from qjob.model.job import JobRecord, JobStatus
from qjob.model.money import format_usd, from_nano
from qjob.model.program import ProgramFormat
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.server.pages.shell import TROUBLE, Place, attribute, document, heading, link, shown, status, table
from qjob.server.pages.words import on_page, shown_here
from qjob.showing import batch_summary
from qjob.showing.batch_receipt import batch_html
from qjob.showing.panels import erased_html, error_html, panel
from qjob.showing.receipt import receipt_html
from qjob.showing.summary import title
from qjob.showing.tables import mode_of
from qjob.showing.wording import moment, number, plain, plural, short_id

CANCELLABLE = frozenset({JobStatus.INITIALIZING, JobStatus.QUEUED, JobStatus.RUNNING})

REPEATED = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})
"""What a page offers to run again."""

MOST_JOBS = 200
"""The most jobs of a batch that its page lists."""


def job_page(place: Place, engine: Engine, snapshot: JobSnapshot) -> str:
    """Return the page of a job."""
    job = snapshot.job
    body = [
        _live(
            place, snapshot, title(snapshot), job.status, receipt_html(shown_here(snapshot), place.now, ())
        ),
        '<div id="qjob-rest">',
        _cancel(place, job.id) if job.status in CANCELLABLE else "",
        _again(place, job),
        erased_html(job) if job.erased_at is not None else "",
        _result(place, job),
        "<h2>What happened</h2>",
        _events(place, engine, job),
        "<h2>About it</h2>",
        _about(place, job),
        _program(place, engine, job),
        "</div>",
    ]
    return document(place, f"{title(snapshot)}: {job.status.value}", "\n".join(filter(None, body)))


def batch_page(place: Place, snapshot: BatchSnapshot, jobs: Sequence[JobRecord]) -> str:
    """Return the page of a batch; ``jobs`` are all of its jobs by their places."""
    name, whole = batch_summary.title(snapshot), batch_summary.status(snapshot)
    listed = jobs[:MOST_JOBS]
    why = any(job.failure is not None for job in listed)
    rows = [
        (
            link(place.page(job.id), plain(job.name or "") or f"job {short_id(job.id)}"),
            status(job.status.value),
            shown(job.backend),
            number(job.shots),
            *((shown(job.failure.reason if job.failure is not None else ""),) if why else ()),
        )
        for job in listed
    ]
    headings = ("name", "status", "backend", "shots", *(("why",) if why else ()))
    more = len(jobs) - len(rows)
    body = [
        _live(place, snapshot, name, whole, batch_html(shown_here(snapshot), place.now, ())),
        '<div id="qjob-rest">',
        "" if CANCELLABLE.isdisjoint(snapshot.statuses) else _cancel(place, snapshot.id),
        "<h2>Its jobs</h2>",
        table("jobs of the batch", headings, rows, numeric=(3,)),
        f'<p class="qjobp-small">… {plural(more, "more job")}</p>' if more else "",
        "</div>",
    ]
    return document(place, f"{name}: {whole.value}", "\n".join(filter(None, body)))


def program_page(place: Place, engine: Engine, job: JobRecord) -> str:
    """Return a page with the program of a job, drawn where it is a circuit and not text."""
    name = plain(job.name or "") or f"job {short_id(job.id)}"
    body = [
        heading(f"Program of {name}"),
        f"<p>{link(place.page(job.id), 'Back to the job')}</p>",
        _part(engine, job.id, place, "program") or erased_html(job),
    ]
    return document(place, f"Program of {name}", "\n".join(body))


def cancel_page(place: Place, of: JobRecord | BatchRecord, open_jobs: int) -> str:
    """Return the page that asks once more before something is cancelled."""
    name = plain(of.name or "")
    what = f"{'batch' if isinstance(of, BatchRecord) else 'job'} {name or short_id(of.id)}"
    back = link(place.page(of.id), "Back: let it go on" if open_jobs else "Back")
    if not open_jobs:
        return document(
            place, "Cancel", f"{heading(f'{what} has ended')}<p>Nothing is left to cancel. {back}</p>"
        )
    lost = (
        f"{plural(open_jobs, 'job')} of it {'has' if open_jobs == 1 else 'have'} not ended. "
        if isinstance(of, BatchRecord)
        else ""
    )
    body = (
        f"{heading(f'Cancel {what}?')}<p>{lost}What is counted by now is not kept as a result.</p>"
        f'<form method="post" action="{attribute(place.page(of.id))}/cancel">{place.token_field}'
        f'<p><button class="qjobp-button qjobp-danger">Cancel it</button></p></form><p>{back}</p>'
    )
    return document(place, f"Cancel {what}?", body)


def again_page(place: Place, job: JobRecord, cap: int) -> str:
    """Return the page that asks before a job runs again, which can cost so many nano-dollars at the most."""
    what = f"job {plain(job.name or '') or short_id(job.id)}"
    most = format_usd(from_nano(cap))
    cost = f"It can cost up to {most}." if cap else "It is free."
    body = (
        f"{heading(f'Run {what} again?')}"
        f"<p>A new job with the same circuit, backend, shots, options and seed: {shown(job.backend)}, "
        f"{plural(job.shots, 'shot')}. {cost}</p>"
        f"{_again_form(place, job, cap, f'Run it again, for up to {most}' if cap else 'Run it again')}"
        f"<p>{link(place.page(job.id), 'Back')}</p>"
    )
    return document(place, f"Run {what} again?", body)


def _live(
    place: Place, snapshot: JobSnapshot | BatchSnapshot, name: str, whole: JobStatus, receipt: str
) -> str:
    """Return the part that a script brings to life."""
    of = snapshot.id
    if snapshot.ended:
        how = " data-ended"
    else:
        known = {"stream": place.api(of, "stream"), "cancel": f"{place.page(of)}/cancel", "xsrf": place.xsrf}
        how = "".join(f' data-{key}="{attribute(value)}"' for key, value in known.items())
    still = (
        ""
        if snapshot.ended
        else f"<noscript><p>This is how it stood at {moment(place.now)}. "
        "Reload the page to see how it goes on.</p></noscript>"
    )
    return (
        f'<h1 id="qjob-heading" class="qjob-unseen">{shown(name)}: {whole.value}</h1>{TROUBLE}'
        f'<div id="qjob-live" tabindex="-1"{how}>{receipt}</div>{still}'
    )


def _cancel(place: Place, of: str) -> str:
    """Return the button that leads to the question; with a script the card has its own."""
    return (
        f'<form class="qjobp-plain" method="get" action="{attribute(place.page(of))}/cancel">'
        '<p><button class="qjobp-button">Cancel…</button></p></form>'
    )


def _again(place: Place, job: JobRecord) -> str:
    """Return the button that runs a job again that came to nothing; what may cost something asks first."""
    if job.status not in REPEATED or job.erased_at is not None:
        return ""
    if not job.cap:
        return _again_form(place, job, 0, "Run it again")
    return (
        f'<form method="get" action="{attribute(place.page(job.id))}/again">'
        '<p><button class="qjobp-button">Run it again…</button></p></form>'
    )


def _again_form(place: Place, job: JobRecord, agreed: int, button: str) -> str:
    fields = {"_xsrf": place.xsrf, "once": place.once, "agreed": str(agreed)}
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{attribute(value)}">' for name, value in fields.items()
    )
    return (
        f'<form method="post" action="{attribute(place.page(job.id))}/again">{hidden}'
        f'<p><button class="qjobp-button">{shown(button)}</button></p></form>'
    )


def _result(place: Place, job: JobRecord) -> str:
    if job.status is not JobStatus.COMPLETED or job.erased_at is not None:
        return ""
    return f"<p>{link(place.api(job.id, 'result'), 'The whole result as JSON')}</p>"


def _events(place: Place, engine: Engine, job: JobRecord) -> str:
    table = _part(engine, job.id, place, "events")
    return f'<div class="qjobp-scroll" tabindex="0" role="region" aria-label="events">{table}</div>'


def _about(place: Place, job: JobRecord) -> str:
    told = [
        ("id", f"<code>{shown(job.id)}</code>"),
        ("submitted by", shown(job.user)),
        ("submitted", moment(job.created_at)),
        ("began", moment(job.started_at) if job.started_at else ""),
        ("ended", moment(job.ended_at) if job.ended_at else ""),
        ("mode", shown(mode_of(job))),
        ("qubits", number(job.num_qubits)),
        ("seed", str(job.seed)),
        ("options", shown(", ".join(f"{name}={value}" for name, value in job.options.items()))),
        ("tags", shown(", ".join(f"{key}={value}" for key, value in job.tags.items()))),
        ("task at the service", shown(job.remote_id or "")),
        ("batch", link(place.page(job.batch), short_id(job.batch)) if job.batch else ""),
        ("repeats", link(place.page(job.retry_of), short_id(job.retry_of)) if job.retry_of else ""),
    ]
    rows = "".join(f"<div><dt>{what}</dt><dd>{said}</dd></div>" for what, said in told if said)
    return f'<dl class="qjobp-about">{rows}</dl>'


def _program(place: Place, engine: Engine, job: JobRecord) -> str:
    """Return the program, folded; of one that is no text, a link to where it is drawn: that takes a large library."""
    try:
        stored = engine.store.program(job.program)
    except KeyError:  # erased, with the last job that ran it
        return ""
    if stored.format is ProgramFormat.QPY:
        return f"<p>{link(f'{place.page(job.id)}/program', 'The circuit that it ran')}</p>"
    part = _part(engine, job.id, place, "program")
    return f'<details id="qjob-program"><summary>Program</summary>{part}</details>'


def _part(engine: Engine, job_id: str, place: Place, which: str) -> str:
    try:
        return panel(engine, job_id, which, place.now)
    except QjobError as error:
        return error_html(QjobError(error.message, remedy=on_page(error.remedy)))
