"""What came of a job: its result, its program, and what a device made of that. Changes nothing."""

from typing import Literal

from qjob import programs
from qjob.model.errors import IllegalMove, InvalidRequest, JobEnded
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import ProgramFormat
from qjob.server.desk import Desk
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

MOST_OUTCOMES = 1_000_000
"""How many outcomes the results of a batch may have in one answer, some 50 MB."""

COMPILED = "compiled"
"""What a job keeps what the device was given in the end as."""


def result(desk: Desk, call: Call) -> Answer:
    """Return the counts of a completed job; of a batch that has ended those of each circuit."""
    found = find.job_or_batch(desk, call.path["qrn"])
    if found.batch is None:
        return Answer(ResultAnswer(data=_result(desk, found.job)))
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
        one = _result_or_none(desk, desk.record(job_id))
        outcomes += len(one.result_data.measurement_counts or ())
        if outcomes > MOST_OUTCOMES:
            raise InvalidRequest(
                f"the results of this batch have more than {MOST_OUTCOMES:,} different outcomes.",
                remedy="Get them job by job: each job of the batch has a jobQrn of its own (GET jobs).",
                numbers={"maximum": MOST_OUTCOMES},
            )
        results.append(one)
    shown = view.shown(desk, found)
    batch = BatchResult(
        status=shown.status, cost=shown.cost or 0, time_stamps=shown.time_stamps, results=results
    )
    return Answer(ResultAnswer(data=batch))


def _result(desk: Desk, record: JobRecord) -> Result:
    kept = desk.engine.result(record.id)
    record = desk.record(record.id)  # it may have ended since it was read
    data = ResultData(measurement_counts=dict(kept.counts.items()), seed=record.seed)
    return _with(record, data)


def _result_or_none(desk: Desk, record: JobRecord) -> Result:
    try:
        return _result(desk, record)
    except JobEnded:  # it failed, was cancelled or erased: its status, and no counts
        return _with(record, ResultData())


def _with(record: JobRecord, data: ResultData) -> Result:
    return Result(
        status=record.status, cost=view.cost_of(record), time_stamps=view.times(record), result_data=data
    )


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
