"""From a price, a circuit and shots to a quote. Pure, in whole nano-dollars; knows no clock, store or backend.

Amounts that come out finer than a nano-dollar are rounded up to one.
"""

from collections.abc import Sequence
from decimal import Decimal

from qjob.model.gates import GateCounts, count_gates
from qjob.model.money import MAX_USD, NANO, format_credits, format_usd, from_nano, to_nano
from qjob.model.price import Free, PerGateShot, PerHqc, PerShot, PerTime, Price
from qjob.model.program import CircuitProfile
from qjob.model.quote import Quote, Unpriced
from qjob.policy.runtime import ENOUGH, Runtime, estimate, narrowed

UNIT_SECONDS = {"minute": 60, "second": 1}
HQC_BASE, HQC_DIVISOR = 5, 5_000
HQC_TWO_QUBIT, HQC_MEASUREMENT = 10, 5
"""Weights of a two-qubit gate and a measurement, where a one-qubit gate has 1 (Microsoft's docs of 2025-09-17)."""


def quote(
    price: Price | None, profile: CircuitProfile, shots: int, history: Sequence[float] = ()
) -> Quote | Unpriced:
    """Return what a job would cost.

    Parameters
    ----------
    price
        The backend's; None where nobody knows it.
    profile
        Of the job's circuit.
    shots
        How often it is measured, at least 1.
    history
        Measured seconds of like runs on the same backend; matters where time is billed.
    """
    if price is None:
        return Unpriced("no price is known for this backend", "Write one into your backends.toml.")
    match price.rates:
        case Free():
            return _quote(price, (0, 0, 0), "free")
        case PerShot() as rates:
            return _exact(price, *_per_shot(rates, shots))
        case PerTime() as rates:
            return _per_time(price, rates, profile, shots, history)
        case PerGateShot() as rates:
            gates = count_gates(profile.gates)
            return _uncountable(gates) or _exact(price, *_per_gate_shot(rates, gates, shots))
        case PerHqc() as rates:
            gates = count_gates(profile.gates)
            return _uncountable(gates) or _per_hqc(price, rates, gates, shots)


def fee_and_shots(rates: PerShot, shots: int) -> int:
    """Return the fee of a task with these shots in nano-dollars, before any minimum."""
    return to_nano(rates.task_fee) + shots * to_nano(rates.per_shot)


def _per_shot(rates: PerShot, shots: int) -> tuple[int, str]:
    nano = fee_and_shots(rates, shots)
    fee = f"{format_usd(rates.task_fee)} + " if rates.task_fee else ""
    return _at_least(rates.minimum, nano, f"{fee}{_shots(shots)} x {format_usd(rates.per_shot)}")


def _per_gate_shot(rates: PerGateShot, gates: GateCounts, shots: int) -> tuple[int, str]:
    one, two = to_nano(rates.one_qubit), to_nano(rates.two_qubit)
    nano = shots * (gates.one_qubit * one + gates.two_qubit * two)
    how = (
        f"{_shots(shots)} x ({gates.one_qubit:,} one-qubit gates x {format_usd(rates.one_qubit)}"
        f" + {gates.two_qubit:,} two-qubit gates x {format_usd(rates.two_qubit)})"
    )
    return _at_least(rates.minimum, nano, how)


def _per_hqc(price: Price, rates: PerHqc, gates: GateCounts, shots: int) -> Quote | Unpriced:
    weight = gates.one_qubit + HQC_TWO_QUBIT * gates.two_qubit + HQC_MEASUREMENT * gates.measurements
    parts = HQC_BASE * HQC_DIVISOR + shots * weight  # of an HQC, 5,000 to one
    how = (
        f"{format_credits(from_nano(parts * (NANO // HQC_DIVISOR)))} HQC = {HQC_BASE} + {shots:,} x "
        f"({gates.one_qubit:,} + {HQC_TWO_QUBIT} x {gates.two_qubit:,} + "
        f"{HQC_MEASUREMENT} x {gates.measurements:,}) / {HQC_DIVISOR}"
    )
    if rates.usd_per_hqc is None:
        return Unpriced(
            f"{how}; what an HQC is worth in dollars is agreed in your contract",
            "Give this backend a price of the kind hqc with usd_per_hqc in your backends.toml.",
        )
    worth = f" at {format_usd(rates.usd_per_hqc)}"
    return _exact(price, _up(to_nano(rates.usd_per_hqc) * parts, HQC_DIVISOR), how + worth)


def _per_time(
    price: Price, rates: PerTime, profile: CircuitProfile, shots: int, history: Sequence[float]
) -> Quote | Unpriced:
    model = None if rates.method is None else estimate(rates.method, profile, shots)
    runtime = narrowed(model, history)
    if runtime is None:
        why = (
            "no formula tells how long a run takes"
            if rates.method is None
            else "the circuit loops or branches"
        )
        runs = f"are {len(history)} of the {ENOUGH} like runs" if history else "is no like run"
        return Unpriced(f"{rates} for the length of the run: {why}, and there {runs} to go by")
    longest = rates.longest_seconds
    if longest is not None and history and max(history) > longest:
        longest = None  # it has run for longer
    if longest is not None and runtime.low > longest:
        return Unpriced(
            f"it would run for longer than {longest:,} s, after which the service ends it",
            "Use fewer qubits or gates.",
        )
    billed = runtime.within(rates.minimum_seconds, longest)
    nano, unit = to_nano(rates.amount), UNIT_SECONDS[rates.unit]
    low, expected, cap = (_up(nano * each, unit) for each in (billed.low, billed.expected, billed.cap))
    if cap > to_nano(MAX_USD):  # before anything is written down: such times can have thousands of digits
        return _too_much()
    return _quote(price, (low, expected, cap), _explain_time(rates, billed, len(history)))


def _explain_time(rates: PerTime, billed: Runtime, runs: int) -> str:
    least = rates.minimum_seconds
    time = f"{billed}, the least that is billed," if least and billed.cap == least else str(billed)
    source = f", by {runs:,} like run{'s' * (runs != 1)}" if runs else ""
    unit = "min" if rates.unit == "minute" else "s"
    return f"{time} at {format_usd(rates.amount)}/{unit}{source}"


def _uncountable(gates: GateCounts) -> Unpriced | None:
    if not gates.other:
        return None
    return Unpriced(
        f"it is charged by one- and two-qubit gates, and {gates.other:,} of the circuit's operations "
        f"{'is neither' if gates.other == 1 else 'are neither'}",
        'Write the circuit in such gates: qiskit.transpile(qc, basis_gates=["rz", "sx", "cx"])',
    )


def _at_least(minimum: Decimal, nano: int, how: str) -> tuple[int, str]:
    least = to_nano(minimum)
    return (nano, how) if nano >= least else (least, f"the minimum of {format_usd(minimum)}; {how} is less")


def _exact(price: Price, nano: int, how: str) -> Quote | Unpriced:
    return _quote(price, (nano, nano, nano), how)


def _quote(price: Price, nano: tuple[int, int, int], how: str) -> Quote | Unpriced:
    if nano[-1] > to_nano(MAX_USD):
        return _too_much()
    low, expected, cap = (from_nano(each) for each in nano)
    return Quote(low, expected, cap, price, how)


def _too_much() -> Unpriced:
    return Unpriced(f"it would cost more than {format_usd(MAX_USD)}", "Use fewer shots or a smaller circuit.")


def _shots(shots: int) -> str:
    return f"{shots:,} shot{'s' * (shots != 1)}"


def _up(number: int, divisor: int) -> int:
    return -(-number // divisor)
