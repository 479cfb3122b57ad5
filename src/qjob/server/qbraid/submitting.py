"""From a body to a stored job: what qBraid's words mean for the engine, and never twice what was sent once.

The client sends a POST up to four times where it is answered 500, 502, 503 or 504. So such an answer is given only
while nothing is stored: every submission has a request key, by which it is looked up again where the store failed.
"""

import hashlib
import json
import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qjob import programs
from qjob.batch import Batch
from qjob.handle import Job
from qjob.model.backend import BackendInfo, OptionSpec
from qjob.model.errors import InvalidOption, InvalidRequest, ProgramRefused, QjobError, Refusal
from qjob.model.job import DIRECT, DURABLE
from qjob.model.program import Program, ProgramFormat
from qjob.request import DEFAULT_SHOTS, in_batch
from qjob.server.desk import Desk
from qjob.server.qbraid import find, view
from qjob.server.qbraid.answers import JobAnswer
from qjob.server.qbraid.bodies import JobBody, ProgramBody
from qjob.server.qbraid.errors import Unsure
from qjob.server.routes import Answer, Call

LOG = logging.getLogger(__name__)

KEY = re.compile(r"[ -~]{1,200}")
"""What an Idempotency-Key may be: printable ASCII."""

NOISE, IDEAL, SEED, MODE = "noiseModel", "ideal", "seed", "executionMode"
MODES = {"direct": DIRECT, "durable": DURABLE, "temporal": DURABLE}
LANGUAGES = {
    ProgramFormat.QASM2: "qasm2",
    ProgramFormat.QASM3: "qasm3",
    ProgramFormat.BRAKET: "qasm3",
}
"""What qBraid calls the languages of texts: Amazon Braket's dialect is OpenQASM 3 to it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a body asks the engine for."""

    program: Program | list[Program]
    asked: Mapping[str, Any]
    group: str | None


def create_job(desk: Desk, call: Call) -> Answer:
    """Submit a job, or several circuits as one."""
    body: JobBody = call.body
    key, digest = _request_of(call)
    known = desk.engine.by_request_key(key, digest) if "idempotency-key" in call.headers else None
    made = known or _submit(desk, wanted(desk, body), key, digest)
    try:
        found = (
            find.Found(made[0].record, made.record) if isinstance(made, Batch) else find.Found(made.record)
        )
        job = view.shown(desk, found, body.group_job_qrn)
    except Refusal:
        raise
    except QjobError as error:  # stored it is: the client must not send it again
        raise _unsure(error, stored=made.id) from error
    where = f"{call.base}qjob/qbraid/api/v1/jobs/{job.job_qrn}"
    return Answer(JobAnswer.of(job), status=201, headers={"Location": where})


def wanted(desk: Desk, body: JobBody) -> Wanted:
    """Return what a body asks for.

    Raises
    ------
    Refusal
        There is no such device or group, or a program or an option that nothing here runs.
    """
    info = find.device(desk, body.device_qrn)
    group = None if body.group_job_qrn is None else find.group(desk, body.group_job_qrn).id
    if isinstance(body.program, list):
        program: Program | list[Program] = [_placed(each, place) for place, each in enumerate(body.program)]
    else:
        program = read(body.program)
    given = {key: value for key, value in (body.runtime_options or {}).items() if value is not None}
    asked = {
        "backend": info.slug,
        "shots": body.shots or max(info.min_shots, min(info.max_shots, DEFAULT_SHOTS)),
        "name": body.name or None,
        "tags": {key: tag_text(value) for key, value in (body.tags or {}).items()},
        "seed": given.pop(SEED, None),
        "mode": _mode(given.pop(MODE, DIRECT)),
        "options": options(info, given),
    }
    return Wanted(program, asked, group)


def read(body: ProgramBody) -> Program:
    """Return the program of a body.

    Raises
    ------
    ProgramRefused
        It is in a format that nothing here runs, or in another one than it says.
    """
    if body.format not in LANGUAGES.values():
        raise ProgramRefused(
            f"programs in the format {body.format!r} do not run here.",
            remedy="Send qasm2 or qasm3; the client makes it of a circuit: qbraid.transpile(circuit, 'qasm3')",
            numbers={"format": body.format, "formats": ["qasm2", "qasm3"]},
        )
    if not isinstance(body.data, str):
        raise ProgramRefused(
            f"the data of a {body.format} program are a text, not {type(body.data).__name__}.",
            remedy="Send the OpenQASM text as it is.",
        )
    program = programs.recognise(body.data)
    language = LANGUAGES[program.format]
    if language != body.format:
        raise ProgramRefused(
            f"the program's format is {body.format!r}, and its text begins as {language}.",
            remedy=f"Send it as {language}, or begin it with OPENQASM {body.format[-1]}.0;",
            numbers={"format": body.format},
        )
    return program


def options(info: BackendInfo, given: Mapping[str, object]) -> dict[str, object]:
    """Return the options of a backend that runtime options stand for; the backend checks them.

    Raises
    ------
    InvalidOption
        A noise model that the device does not have.
    """
    rest = {key: value for key, value in given.items() if key != NOISE}
    noise = given.get(NOISE)
    if noise in (None, IDEAL):
        return rest
    known = noise_models(info)
    if noise not in known:
        has = f"It has {', '.join(known)}." if known else "It has none."
        raise InvalidOption(
            f"{info.slug} has no noise model {str(noise)[:80]!r}.",
            remedy=f"{has} Devices that have some list them as noiseModels: GET devices.",
            numbers={"option": NOISE},
        )
    return {**rest, "preset": noise}


def noise_models(info: BackendInfo) -> tuple[str, ...]:
    """Return the noise models of a backend: its presets, and none at all."""
    spec: OptionSpec | None = next((spec for spec in info.options if spec.name == "preset"), None)
    return (IDEAL, *spec.choices) if spec is not None else ()


def _placed(body: ProgramBody, place: int) -> Program:
    try:
        return read(body)
    except Refusal as refusal:
        raise in_batch(refusal, place) from refusal


def tag_text(value: object) -> str:
    """Return the value of a tag as it is kept: ``true`` and ``false`` as JSON has them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mode(value: object) -> str:
    mode = MODES.get(value) if isinstance(value, str) else None
    if mode is None:
        raise InvalidOption(
            f"there is no {MODE} {str(value)[:80]!r}.",
            remedy=f"Use {', '.join(MODES)}.",
            numbers={"option": MODE},
        )
    return mode


def _request_of(call: Call) -> tuple[str, str]:
    """Return the key of a request, its own or one that nobody else has, and the digest of what it says."""
    said = json.dumps(["qbraid", call.body.model_dump(mode="json")], sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()
    given = call.headers.get("idempotency-key")
    if given is None:
        return f"qbraid-{uuid.uuid4()}", digest
    if not KEY.fullmatch(given) or not given.strip():
        raise InvalidRequest(
            "the header Idempotency-Key does not fit: it takes 1 to 200 printable characters.",
            remedy="Send a new UUID with each new request.",
        )
    return given.strip(), digest


def _submit(desk: Desk, wanted: Wanted, key: str, digest: str) -> Job | Batch:
    engine = desk.engine
    try:
        made: Job | Batch = engine.submit(
            wanted.program, **wanted.asked, request_key=key, request_digest=digest, group=wanted.group
        )
    except Refusal:  # nothing is stored
        raise
    except QjobError as error:
        try:
            found = engine.by_request_key(key, digest)
        except QjobError as again:
            raise _unsure(again) from error
        if found is None:
            raise
        return found
    return made


def _unsure(error: QjobError, stored: str | None = None) -> Unsure:
    said = "it is not known whether the job is stored" if stored is None else "the job is stored and goes on"
    remedy = "Look at your newest jobs before you send it again: GET jobs?limit=5"
    LOG.warning("the store failed, and %s: %s", said, error)  # its own words may name paths
    return Unsure(
        f"the store failed, and {said}.",
        remedy=remedy,
        numbers={} if stored is None else {"jobId": stored},
    )
