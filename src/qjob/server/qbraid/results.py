"""What came of a job: its result, its program, and what a device made of that. Changes nothing."""

from collections.abc import Iterator
from typing import Literal

from qjob import programs
from qjob.model.counts import Counts
from qjob.model.errors import IllegalMove, InvalidRequest, JobEnded
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import ProgramFormat
from qjob.server.desk import Desk
from qjob.server.pieces import counts_in_json, put
from qjob.server.qbraid import find, view
from qjob.server.qbraid.answers import (
    BatchResult,
    Program,
    ProgramAnswer,
    Result,
    ResultAnswer,
    ResultData,
)
from qjob.server.qbraid.errors import NothingKept
from qjob.server.qbraid.submitting import LANGUAGES
from qjob.server.routes import Answer, Call
from qjob.server.seeds import shown_seed

MOST_OUTCOMES = 1_000_000
"""How many outcomes the results of a batch may have in one answer, some 50 MB."""

COMPILED = "compiled"
"""What a job keeps what the device was given in the end as."""


def result(desk: Desk, call: Call) -> Answer:
    """Return the counts of a completed job; of a batch that has ended those of each circuit."""
    found = find.job_or_batch(desk, call.path["qrn"])
    if found.batch is None:
        one = b"".join(_in_pieces(*_result(desk, found.job)))
        return Answer(b'{"success":true,"data":' + one + b"}")
    snapshot = desk.engine.batch_snapshot(found.batch)
    if not snapshot.ended:
        raise IllegalMove(
            f"the batch is {view.status_of(snapshot.statuses)}: {snapshot.statuses.get(JobStatus.COMPLETED, 0)} "
            f"of its {found.batch.size} circuits have a result.",
            remedy="Wait for the others; each job of the batch has a result of its own: GET jobs.",
            numbers={"numCircuits": found.batch.size},
        )
    if JobStatus.COMPLETED not in snapshot.statuses:
        desk.engine.result(found.job.id)  # says why there is none
    results, outcomes = [], 0
    for job_id in found.ids(desk):
        record, counts = _result_or_none(desk, desk.record(job_id))
        outcomes += len(counts or ())
        if outcomes > MOST_OUTCOMES:
            raise InvalidRequest(
                f"the results of this batch have more than {MOST_OUTCOMES:,} different outcomes.",
                remedy="Get them job by job: each job of the batch has a jobQrn of its own (GET jobs).",
                numbers={"maximum": MOST_OUTCOMES},
            )
        results.append(b"".join(_in_pieces(record, counts)))
    shown = view.shown(desk, found)
    batch = BatchResult(status=shown.status, cost=shown.cost or 0, time_stamps=shown.time_stamps, results=[])
    text = ResultAnswer(data=batch).model_dump_json(by_alias=True).encode()
    return Answer(b"".join(put(text, "results", (b"[", b",".join(results), b"]"))))


def _result(desk: Desk, record: JobRecord) -> tuple[JobRecord, Counts]:
    kept = desk.engine.result(record.id)
    return desk.record(record.id), kept.counts  # it may have ended since it was read


def _result_or_none(desk: Desk, record: JobRecord) -> tuple[JobRecord, Counts | None]:
    try:
        return _result(desk, record)
    except JobEnded:  # it failed, was cancelled or erased: its status, and no counts
        return record, None


def _in_pieces(record: JobRecord, counts: Counts | None) -> Iterator[bytes]:
    """Yield a result as JSON, piece by piece: its counts can be very many."""
    there = counts is not None
    data = ResultData(
        measurement_counts={} if there else None, seed=shown_seed(record.seed) if there else None
    )
    shown = Result(
        status=record.status, cost=view.cost_of(record), time_stamps=view.times(record), result_data=data
    )
    text = shown.model_dump_json(by_alias=True).encode()
    yield from (text,) if counts is None else put(text, "measurementCounts", counts_in_json(counts))


def program(desk: Desk, call: Call) -> Answer:
    """Return the program of a job as it was submitted; of a batch those of all its circuits."""
    found = find.job_or_batch(desk, call.path["qrn"])
    texts = [_program(desk, desk.record(job_id)) for job_id in found.ids(desk)]
    return Answer(ProgramAnswer(data=texts[0] if found.batch is None else texts))


def _program(desk: Desk, record: JobRecord) -> Program:
    kept = desk.engine.program_of(record)
    if kept.format is ProgramFormat.QPY:  # submitted from a notebook, as a circuit
        return Program(format="qasm3", data=_written(desk, record))
    language: Literal["qasm2", "qasm3"] = "qasm2" if LANGUAGES[kept.format] == "qasm2" else "qasm3"
    return Program(format=language, data=kept.data.decode())


def _written(desk: Desk, record: JobRecord) -> str:
    from qiskit import qasm3
    from qiskit.qasm3 import QASM3ExporterError

    try:
        return str(qasm3.dumps(programs.circuit(desk.engine.program_of(record))))
    except QASM3ExporterError as error:
        raise NothingKept(
            f"the circuit of job {record.id} cannot be written as OpenQASM 3: {error}",
            remedy=f"As it was submitted, in Qiskit's QPY: GET qjob/api/jobs/{record.id}/program",
        ) from error


def compiled_program(desk: Desk, call: Call) -> Answer:
    """Return what the device was given in the end, where it says so; of a batch one for each circuit."""
    found = find.job_or_batch(desk, call.path["qrn"])
    texts = [desk.engine.attachments(job_id).get(COMPILED) for job_id in found.ids(desk)]
    there = [_compiled(text) for text in texts if text is not None]
    if len(there) < len(texts):
        raise NothingKept(
            "there is no compiled program: the job has not completed, or its device does not tell.",
            remedy="GET program has what was submitted.",
        )
    return Answer(ProgramAnswer(data=there[0] if found.batch is None else there))


def _compiled(text: str) -> Program:
    return Program(format="qasm3" if text.lstrip().startswith("OPENQASM") else "quil", data=text)
