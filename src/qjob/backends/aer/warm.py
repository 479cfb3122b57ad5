"""Exercises every path once on a Bell pair, so that the first job of a forked worker finds everything loaded."""

import io
from collections.abc import Mapping

from qiskit import QuantumCircuit, qpy

from qjob.backends.aer.runner import Runner
from qjob.backends.base import Task
from qjob.catalog.loader import load_catalogue
from qjob.model.backend import OptionValue
from qjob.model.errors import WorkerError
from qjob.model.events import Completed
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat
from qjob.programs.profile import profile


def bell(*, foreign: bool, again: bool) -> QuantumCircuit:
    """Return a Bell pair.

    Parameters
    ----------
    foreign
        With a gate that no simulator has, so that it must be translated.
    again
        With a measurement in the middle, so that every shot is simulated.
    """
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.dcx(0, 1) if foreign else circuit.cx(0, 1)
    if again:
        circuit.measure(0, 0)
        circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    return circuit


def warm_up() -> None:
    """Run a Bell pair through every target and path.

    Raises
    ------
    WorkerError
        One of them gave no result, so that jobs would not either.
    """
    noise: Mapping[str, OptionValue] = {"preset": "superconducting"}
    for row in load_catalogue():
        if row.adapter != "aer":
            continue
        runner = Runner(row)
        for foreign, again, shots in ((False, False, 100), (True, False, 10), (True, True, 10)):
            circuit = bell(foreign=foreign, again=again)
            request = JobRequest(
                program=_program(circuit),
                backend=row.slug,
                shots=shots,
                seed=1,
                options=noise if row.target == "noisy" else {},
            )
            *_, last = runner.run(Task("warm-up", 1, request, profile(circuit)))
            if not isinstance(last, Completed):
                raise WorkerError(f"warming up {row.slug} ended with {last}.")


def _program(circuit: QuantumCircuit) -> Program:
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    return Program(ProgramFormat.QPY, stream.getvalue())
