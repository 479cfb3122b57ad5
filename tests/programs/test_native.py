"""qiskit is first loaded by threads that end, and circuits are read by others: in a process of its own."""

import subprocess
import sys

SCRIPT = """
import sys, threading
from pathlib import Path
from qjob import programs
from qjob.model.program import Program, ProgramFormat

program = Program(ProgramFormat.QPY, Path(sys.argv[1]).read_bytes())

def run(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

for _ in range(6):
    run(lambda: programs.circuit(program))
print(programs.circuit(program).num_qubits, "qjob-qiskit" in {each.name for each in threading.enumerate()})
"""


def test_circuits_that_short_threads_read_do_not_end_the_process(tmp_path):
    from qiskit import QuantumCircuit

    from qjob import programs

    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.measure_all()
    file = tmp_path / "circuit.qpy"
    file.write_bytes(programs.recognise(circuit).data)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(file)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "3 True"), done.stderr
