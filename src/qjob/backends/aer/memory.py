"""How much memory a simulation takes, by formula. Knows no simulator and does not ask the machine."""

from dataclasses import replace

from qjob.backends.aer.plan import Plan

BASE = 40 << 20
"""What a run takes beside its state, in bytes."""

AMPLITUDE = 16
"""Bytes of a complex number in double precision."""

PROBABILITY = 8
"""Bytes of a probability."""

SHOT = 70
"""Bytes of one counted shot, beside 8 for each measured bit."""


def memory_of(plan: Plan, measured: int, shots: int, cores: int) -> int | None:
    """Return the bytes a run takes at the most; None where no formula tells.

    40 MiB, the states that live at the same time (16 * 2^n bytes, a density matrix 16 * 4^n), the probabilities of
    the k measured qubits where shots are drawn from them (8 * 2^k), and 70 + 8 k bytes a shot. Measured runs of Aer
    took 2 to 14 % less.

    Parameters
    ----------
    measured
        How many different qubits are measured, k.
    cores
        How many threads "all there are" is.
    """
    if plan.method == "matrix_product_state":
        return None  # depends on the entanglement
    counts = shots * (SHOT + 8 * measured)
    if plan.method == "stabilizer":
        return BASE + counts + 8 * plan.qubits**2  # two bits a pair of qubits, rounded up generously
    state = AMPLITUDE << (2 * plan.qubits if plan.method == "density_matrix" else plan.qubits)
    if plan.path == "sampled":
        return BASE + state + (PROBABILITY << min(measured, plan.qubits)) + counts
    at_once = plan.parallel_shots or min(plan.threads or cores, shots)
    return BASE + state * at_once + counts


def largest_fit(plan: Plan, measured: int, shots: int, cores: int, free: int) -> int:
    """Return the most qubits of a circuit like this one that fit in the free bytes; 0 where not even one does."""
    for qubits in range(plan.qubits, 0, -1):
        need = memory_of(replace(plan, qubits=qubits), min(measured, qubits), shots, cores)
        if need is None or need <= free:
            return qubits
    return 0


STEP = 1024


def for_people(size: float) -> str:
    """Return a size in the unit that fits: ``512 MiB``, ``16.1 GiB``, ``24.0 TiB``; beyond words, a power of ten."""
    size /= 1 << 20
    if size < STEP:
        return f"{size:.0f} MiB"
    for unit in ("GiB", "TiB", "PiB", "EiB"):
        size /= STEP
        if size < STEP:
            return f"{size:.1f} {unit}"
    return f"{size:.1e} EiB"
