"""A job's row, for decisions that go by its times."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.model.job import JobRecord, JobStatus

BEGAN = datetime(2026, 3, 4, 10, 55, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def record_of():
    """Return a job whose times are seconds after 10:55:12."""

    def at(seconds):
        return None if seconds is None else BEGAN + timedelta(seconds=seconds)

    def make(*, admitted=0.0, started=None, ended=None, program="p", num_qubits=5, shots=1000, **more):
        status = JobStatus.COMPLETED if ended is not None else JobStatus.RUNNING
        return JobRecord(
            id="j",
            user="ada",
            name=None,
            backend="sim",
            program=program,
            num_qubits=num_qubits,
            shots=shots,
            seed=7,
            options={},
            mode="direct",
            tags={},
            status=status,
            failure=None,
            owner=None,
            retry_of=None,
            created_at=BEGAN,
            started_at=at(started),
            ended_at=at(ended),
            admitted_at=at(admitted),
            **more,
        )

    return make


@pytest.fixture(scope="session")
def began():
    return BEGAN
