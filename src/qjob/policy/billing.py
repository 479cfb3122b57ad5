"""What a run at a service has cost by its price, and how long it may take for what is held. No clock."""

from decimal import ROUND_CEILING, Decimal

from qjob.model.money import NANO, to_nano
from qjob.model.price import Free, PerShot, PerTime, Rates
from qjob.policy.pricing import UNIT_SECONDS, fee_and_shots

MILLISECOND = 1_000


def of_shots(rates: Rates, shots: int) -> int | None:
    """Return what a run of these shots costs, in nano-dollars; None where the rates do not count shots."""
    if isinstance(rates, PerShot):
        return max(fee_and_shots(rates, shots), to_nano(rates.minimum))
    return 0 if isinstance(rates, Free) else None


def of_time(rates: Rates, milliseconds: int) -> int | None:
    """Return what a run of this length costs, in nano-dollars, at least the minimum; None where time costs nothing.

    Rounded up to whole nano-dollars.
    """
    if not isinstance(rates, PerTime):
        return None
    billed = max(milliseconds, rates.minimum_seconds * MILLISECOND)
    exact = to_nano(rates.amount) * Decimal(billed) / (UNIT_SECONDS[rates.unit] * MILLISECOND)
    return int(exact.to_integral_value(ROUND_CEILING))


def seconds_for(rates: Rates, nano: int) -> float | None:
    """Return how many seconds of a run so many nano-dollars pay for; None where time costs nothing."""
    if not isinstance(rates, PerTime) or not rates.amount:
        return None
    return float(Decimal(nano) / NANO / rates.amount * UNIT_SECONDS[rates.unit])
