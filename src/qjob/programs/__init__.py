"""From what a user has (qiskit, Braket, OpenQASM) to a Program, and from a Program to a circuit.

``recognise`` turns a value into a `Program`, ``circuit`` a `Program` into a qiskit circuit, ``as_read`` a circuit at
hand, which ``is_circuit`` tells, into the one that ``circuit`` would give; ``flat`` tells which circuits need no
closer look on that way, and what they do where. ``profile`` says what admission and simulation have to know about a
circuit, ``profile_of`` about all flat ones of a shape; ``check`` refuses what no simulator can run, ``elementary``
counts what a service would have to do, ``steps`` says what a short one does in matrices, and ``fingerprint`` tells
whether two circuits are the same.

Importing this package loads neither qiskit nor Braket: each function imports them when it needs them, which for
``recognise`` is when the user has them loaded already.
"""

from qjob.programs.check import check
from qjob.programs.detect import recognise
from qjob.programs.elementary import elementary
from qjob.programs.fingerprint import fingerprint
from qjob.programs.flat import flat, is_circuit
from qjob.programs.load import as_read, circuit
from qjob.programs.profile import profile, profile_of
from qjob.programs.steps import steps

__all__ = [
    "as_read",
    "check",
    "circuit",
    "elementary",
    "fingerprint",
    "flat",
    "is_circuit",
    "profile",
    "profile_of",
    "recognise",
    "steps",
]
