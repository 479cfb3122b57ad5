"""How a body becomes a job or a batch, once, however often it is sent."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, cast

from qjob.batch import Batch
from qjob.handle import Job
from qjob.model.errors import InvalidRequest, OverBudget
from qjob.model.money import to_nano
from qjob.sandbox.run import Made
from qjob.server.desk import Desk
from qjob.server.inline import submitted
from qjob.server.marqov import models, showing
from qjob.server.marqov.asked import Submission
from qjob.server.marqov.errors import NoSuchScript
from qjob.server.marqov.showing import usd
from qjob.server.marqov.words import MODES
from qjob.server.routes import Answer, Call

HEADER = "Idempotency-Key"
MOST_KEY = 200
"""Characters of a request's key."""


def submit(desk: Desk, call: Call) -> Answer:
    """Submit a job, or a batch where the code makes a list; the same request under the same key is submitted once."""
    body = cast("Submission", call.body)
    expect_supported(body)
    key = request_key(call)
    digest = digest_of("submit", body.model_dump(mode="json"))
    known = None if key is None else desk.engine.by_request_key(key, digest)
    if known is not None:  # before any code is run
        return answer(known, call)
    desk.engine.expect_runnable(desk.engine.catalogue.get(body.backend))
    made = made_of(body, desk)
    with telling_what_is_left(desk):
        job: Job | Batch = desk.engine.submit(
            submitted(made),
            backend=body.backend,
            shots=body.params.shots,
            mode=MODES[body.execution_mode],
            name=body.name,
            tags=body.tags,
            options=body.params.all_options,
            seed=cast("int | None", body.params.seed),  # read from either
            request_key=key,
            request_digest=digest,
        )
    return answer(job, call)


def answer(job: Job | Batch, call: Call) -> Answer:
    """Return the answer to a submission."""
    where = showing.links(call.base, job.id).job
    return Answer(models.Submitted(job_id=job.id, batch=isinstance(job, Batch)), 201, {"Location": where})


def expect_supported(body: Submission) -> None:
    """Refuse what is a later step.

    Raises
    ------
    NoSuchScript
        It names a saved script.
    InvalidRequest
        It asks for a capsule.
    """
    if body.inline_code is None:
        raise NoSuchScript.of(str(body.script_id or body.script_slug))
    if body.create_capsule or body.capsule_name is not None:
        raise InvalidRequest(
            "capsules are not made yet: they are a later step.",
            remedy="Leave out create_capsule and capsule_name.",
            numbers={"field": "create_capsule"},
        )


def made_of(body: Submission, desk: Desk) -> Made:
    """Return the programs of a body; what can be refused without running its code is refused first.

    Raises
    ------
    Refusal
        There is no such backend, it has no such options, the caller may not have code run, or it makes no program.
    """
    info = desk.engine.catalogue.get(body.backend)
    info.parse_options(body.params.all_options)
    params = body.params.model_dump(mode="json", exclude_none=True)
    code = cast("str", body.inline_code)
    return desk.codes.programs_of(code, body.framework, params, desk.caller, desk.engine.settings.home)


def request_key(call: Call) -> str | None:
    """Return what who asks calls the request; None where it has no name.

    Raises
    ------
    InvalidRequest
        It is too long, empty, or holds what cannot be printed.
    """
    key = call.headers.get(HEADER.lower())
    if key is None:
        return None
    if not key.strip() or len(key) > MOST_KEY or not (key.isascii() and key.isprintable()):
        raise InvalidRequest(
            f"{HEADER} takes 1 to {MOST_KEY} printable ASCII characters, not {len(key):,} like these: {key[:40]!r}.",
            remedy="Use a new UUID for each request that you mean.",
            numbers={"maximum": MOST_KEY},
        )
    return key.strip()


def digest_of(what: str, asked: Any) -> str:
    """Return what stands for all that a request says."""
    text = json.dumps(["marqov", what, asked], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def telling_what_is_left(desk: Desk) -> Iterator[None]:
    """Have a refusal tell each amount once, in the form that all have here, and what the team may still spend.

    That is what is left for one job, of today, and of this month.
    """
    try:
        yield
    except OverBudget as refusal:
        budget, said = desk.engine.budget(), refusal.numbers
        for name in ("limit", "charged", "held", "quote"):
            if name in said:
                said[f"{name}_usd"] = usd(to_nano(Decimal(said.pop(name))))
        for name in ("remaining", "room"):
            said.pop(name, None)
        said["remaining_usd"] = {
            "job": usd(to_nano(min(budget.job, budget.remaining))),
            "day": usd(to_nano(budget.day.remaining)),
            "month": usd(to_nano(budget.month.remaining)),
        }
        raise
