"""What a submission knows of a program before anything is asked of a backend. Runs nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qjob import programs
from qjob.execution.hands import TINY_STEPS
from qjob.model.program import CircuitProfile, Program, ProgramFormat
from qjob.model.steps import Steps


@dataclass(frozen=True, slots=True)
class Examined:
    """A program whose circuit can run somewhere, and what is known of that circuit.

    Parameters
    ----------
    fingerprint, elementary
        As `qjob.programs` has them. They take some time, so they are asked where they count.
    steps
        As `qjob.programs` has them, where the circuit is at hand and short: they go to the worker with the program.
    """

    program: Program
    profile: CircuitProfile
    fingerprint: Callable[[], str]
    elementary: Callable[[], Mapping[str, int]]
    steps: Callable[[], Steps | None] = lambda: None


def examined(program: object) -> Examined:
    """Return a program with what is known of its circuit, which can run somewhere.

    Raises
    ------
    Refusal
        It is no program, or can run nowhere.
    """
    found = programs.flat(program)
    flat = found is not None
    if programs.is_circuit(program):
        circuit = programs.as_read(program, flat=flat)  # no need to read back what is written now
        given = programs.recognise(circuit, read=True)
    else:
        given = programs.recognise(program)
        circuit = programs.circuit(given)
    profile = programs.profile(circuit) if found is None else programs.profile_of(found.shape)
    programs.check(circuit, profile, flat=flat, text=given.format is not ProgramFormat.QPY)
    return Examined(
        given,
        profile,
        lambda: programs.fingerprint(circuit),
        lambda: programs.elementary(circuit),
        lambda: programs.steps(found or circuit, most=TINY_STEPS) if profile.terminal else None,
    )
