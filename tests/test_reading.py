"""Programs that another process reads are known as those read here; and it is never waited for without end."""

import pytest

from qjob.examining import examined
from qjob.model.errors import ProgramRefused, ServiceUnavailable, WorkerError
from qjob.model.program import Program, ProgramFormat
from qjob.programs import recognise
from qjob.reading import AT_ONCE, SHORT, Reader, TooSlow, _Process

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
GHZ = 'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; h q[0]; cx q[0], q[1]; c = measure q;'
LONG = BELL.replace("h q[0];", "h q[0]; x q[1]; " * (SHORT // 16 + 1))
BROKEN = BELL.replace("cx", "cy?")
MORE_THAN_ENOUGH = "OPENQASM 3.0; qubit[2] q; " + "h q[0]; " * 60_000


@pytest.fixture(scope="module")
def reader():
    reader = Reader()
    yield reader
    reader.close()


@pytest.mark.slow
@pytest.mark.parametrize("text", [BELL, GHZ, LONG], ids=["OpenQASM 2", "OpenQASM 3", "a long text"])
def test_a_program_is_known_as_if_it_was_read_here(reader, text):
    program = recognise(text)
    there, here = reader.examine(program), examined(program)
    assert (there.program, there.profile) == (here.program, here.profile)
    assert there.fingerprint() == here.fingerprint()
    assert there.elementary() == here.elementary()


@pytest.mark.parametrize("text", [BROKEN, BROKEN + " " * SHORT], ids=["short", "long"])
def test_a_program_is_refused_as_if_it_was_read_here(reader, text):
    program = recognise(text)
    with pytest.raises(ProgramRefused) as there:
        reader.examine(program)
    with pytest.raises(ProgramRefused) as here:
        examined(program)
    for name in ("message", "remedy", "numbers"):
        assert getattr(there.value, name) == getattr(here.value, name)


def test_nobody_waits_for_what_takes_too_long_and_the_process_is_gone():
    reader = Reader(longest=0.05)
    with pytest.raises(TooSlow) as caught:
        reader.examine(Program(ProgramFormat.QASM3, MORE_THAN_ENOUGH.encode()))
    assert (caught.value.http_status, caught.value.numbers["seconds"]) == (400, 0.05)
    assert reader._room.acquire(blocking=False)  # there is room again


def test_of_long_ones_a_few_are_read_at_a_time(reader):
    for _ in range(AT_ONCE):
        reader._room.acquire()
    try:
        with pytest.raises(ServiceUnavailable) as caught:
            reader.examine(recognise(LONG))
        assert caught.value.retry_after
        assert reader.examine(recognise(BELL)).profile.num_qubits == 2  # which does not wait for them
    finally:
        for _ in range(AT_ONCE):
            reader._room.release()


def test_a_process_that_has_died_is_told_and_the_next_one_answers(reader):
    reader.warm()
    reader._staying._process.kill()
    reader._staying._process.wait()
    with pytest.raises(WorkerError):
        reader.examine(recognise(BELL))
    assert reader.examine(recognise(BELL)).profile.num_qubits == 2


def test_the_process_ends_with_who_started_it():
    process = _Process()
    process._line.close()
    assert process._process.wait(30) == 0
