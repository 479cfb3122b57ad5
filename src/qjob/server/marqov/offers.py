"""Backends, budget and quotes: what somebody wants to know who has not decided yet. Stores nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

from qjob.engine import utc_now
from qjob.model.backend import BackendInfo, OptionSpec
from qjob.model.bits import BitLayout
from qjob.model.budget import Period
from qjob.model.device import DeviceFacts
from qjob.model.errors import InvalidRequest
from qjob.model.money import from_nano, to_nano, usd_to_credits
from qjob.model.price import Free, PerGateShot, PerHqc, PerShot, PerTime, Price
from qjob.model.program import CircuitProfile
from qjob.model.quote import Quote, Unpriced
from qjob.policy import pricing
from qjob.policy.admission import Claim, refusal
from qjob.policy.windows import is_open, next_opening
from qjob.server.availability import judge
from qjob.server.desk import Desk
from qjob.server.marqov import market
from qjob.server.marqov.asked import LONGEST, QuoteQuery, Submission
from qjob.server.marqov.submitting import expect_supported, made_of
from qjob.server.marqov.words import SPEECH
from qjob.server.routes import Answer, Call
from qjob.server.wording import said

NO_CIRCUIT = CircuitProfile(0, 0, BitLayout(0, ()), 0, {}, terminal=True)
"""For prices that no circuit changes."""


# -- backends -------------------------------------------------------------------------------------------------


def backends(desk: Desk, _: Call) -> Answer:
    """Return all backends, and which belong together."""
    rows = [_backend(desk, info, utc_now()) for info in desk.engine.catalogue]
    tiers = [
        market.Tier(name=name, backends=[row.slug for row in rows if row.tier == name])
        for name in dict.fromkeys(row.tier for row in rows)
    ]
    return Answer(market.Backends(tiers=tiers, backends=rows))


def backend(desk: Desk, call: Call) -> Answer:
    """Return one backend by its slug or its QRN."""
    return Answer(_backend(desk, desk.engine.catalogue.get(call.path["slug"][:LONGEST]), utc_now()))


def _backend(desk: Desk, info: BackendInfo, now: datetime) -> market.Backend:
    facts = desk.engine.device_facts().get(info.target)
    found = judge(info, facts, now, runs_here=desk.engine.can_run(info))
    return market.Backend(
        slug=info.slug,
        qrn=info.qrn,
        title=info.title,
        tier=info.tier,
        description=info.description,
        max_qubits=info.max_qubits,
        min_shots=info.min_shots,
        max_shots=info.max_shots,
        local=info.local,
        available=found.state in ("available", "closed"),
        availability=found.state,
        reason=found.why or "",
        instead=list(info.instead),
        price=None if info.price is None else rates(info.price, now),
        options=[_option(spec) for spec in info.options],
        device=None if facts is None else _device(facts, now),
    )


def _device(facts: DeviceFacts, now: datetime) -> market.Device:
    queue, windows = facts.queue, facts.windows
    return market.Device(
        asked_at=facts.at,
        fresh=facts.is_fresh(now),
        status=facts.status,
        region=facts.region,
        queue=None if queue is None else queue.count,
        queue_is_a_lower_bound=queue is not None and queue.at_least,
        open_now=None if windows is None else is_open(windows, now),
        opens_at=None if windows is None else next_opening(windows, now),
        min_shots=None if facts.shots is None else facts.shots[0],
        max_shots=None if facts.shots is None else facts.shots[1],
    )


def _option(spec: OptionSpec) -> market.Option:
    return market.Option(
        name=spec.name,
        type=spec.type,
        help=spec.help,
        minimum=spec.minimum,
        maximum=spec.maximum,
        choices=list(spec.choices),
        unit=spec.unit,
        default=spec.default,
    )


def rates(price: Price, now: datetime) -> market.Rates:
    """Return what a backend charges."""
    shown = market.Rates(
        kind="free",
        summary=str(price),
        currency=price.currency,
        source=price.source,
        as_of=price.as_of,
        old=price.is_old(now.date()),
    )
    match price.rates:
        case Free():
            return shown
        case PerShot(fee, shot, least):
            more: dict[str, object] = {
                "kind": "task",
                "task_fee_usd": _usd(fee),
                "per_shot_usd": _usd(shot),
                "minimum_usd": _usd(least),
            }
        case PerTime(amount, unit, seconds):
            more = {"kind": "time", "per_unit_usd": _usd(amount), "unit": unit, "minimum_seconds": seconds}
        case PerGateShot(one, two, least):
            more = {
                "kind": "gate-shot",
                "per_1q_gate_shot_usd": _usd(one),
                "per_2q_gate_shot_usd": _usd(two),
                "minimum_usd": _usd(least),
            }
        case PerHqc(worth):
            more = {"kind": "hqc", "per_hqc_usd": None if worth is None else _usd(worth)}
    return shown.model_copy(update=more)


def _usd(amount: Decimal) -> str:
    return f"{from_nano(to_nano(amount)):f}"  # cents, and beyond them only what is there


# -- budget ---------------------------------------------------------------------------------------------------


def budget(desk: Desk, _: Call) -> Answer:
    """Return what the caller's team may spend and has spent, and how fast it may submit."""
    found, limits = desk.engine.budget(), desk.engine.limits()
    return Answer(
        market.Budget(
            team=found.team,
            per_job_usd=_usd(found.job),
            remaining_usd=_usd(found.remaining),
            day=_period(found.day),
            month=_period(found.month),
            rates=market.Rate(
                user_per_minute=limits.user_per_minute,
                team_per_day=limits.team_per_day,
                local_jobs_count=limits.local,
            ),
        )
    )


def _period(period: Period) -> market.Period:
    return market.Period(
        limit_usd=_usd(period.limit),
        held_usd=_usd(period.held),
        charged_usd=_usd(period.charged),
        remaining_usd=_usd(period.remaining),
        ends_at=period.ends,
    )


# -- quotes ---------------------------------------------------------------------------------------------------


def quote(desk: Desk, call: Call) -> Answer:
    """Return what the same body would cost if it were submitted."""
    body = cast("Submission", call.body)
    expect_supported(body)
    made = made_of(body, desk)
    info, shots = desk.engine.catalogue.get(body.backend), body.params.shots
    options = body.params.all_options
    quotes = [
        desk.engine.quote(program, backend=info.slug, shots=shots, options=options)
        for program in made.programs
    ]
    return Answer(_quoted(desk, info, shots, quotes))


def price(desk: Desk, call: Call) -> Answer:
    """Return what so many shots cost on a backend whose price no circuit changes."""
    query = cast("QuoteQuery", call.query)
    info = desk.engine.catalogue.get(query.backend)
    if info.price is not None and not isinstance(info.price.rates, Free | PerShot):
        raise InvalidRequest(
            f"what {info.slug} costs depends on the circuit: {info.price}.",
            remedy="Send the circuit: POST qjob/api/quote, with the body of a submission.",
            numbers={"backend": info.slug, "price": str(info.price)},
        )
    return Answer(_quoted(desk, info, query.shots, [pricing.quote(info.price, NO_CIRCUIT, query.shots)]))


def _quoted(desk: Desk, info: BackendInfo, shots: int, quotes: Sequence[Quote | Unpriced]) -> market.Quote:
    price = None if info.price is None else rates(info.price, utc_now())
    priced = [one for one in quotes if isinstance(one, Quote)]
    missing = next((one for one in quotes if isinstance(one, Unpriced)), None)
    if missing is not None:
        return market.Quote(
            backend=info.slug,
            shots=shots,
            programs=len(quotes),
            priced=False,
            free=False,
            low_usd=None,
            estimated_usd=None,
            cap_usd=None,
            credits=None,
            explanation="",
            price=price,
            reason=missing.reason,
            remedy=said(missing.remedy, SPEECH),
            within_budget=None,
        )
    low, expected, cap = (_sum(getattr(one, name) for one in priced) for name in ("low", "expected", "cap"))
    caps = tuple(to_nano(one.cap) for one in priced)
    against = refusal(desk.engine.store.standing_of(desk.engine.settings.user), Claim(caps, counts=False))
    how = (
        priced[0].explanation
        if len(priced) == 1
        else f"{len(priced):,} programs; the first: {priced[0].explanation}"
    )
    return market.Quote(
        backend=info.slug,
        shots=shots,
        programs=len(quotes),
        priced=True,
        free=not cap,
        low_usd=_usd(low),
        estimated_usd=_usd(expected),
        cap_usd=_usd(cap),
        credits=f"{usd_to_credits(expected):f}",
        explanation=how,
        price=price,
        reason="" if against is None else against.message,
        remedy="" if against is None else said(against.remedy, SPEECH),
        within_budget=against is None,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return from_nano(sum(map(to_nano, amounts)))
