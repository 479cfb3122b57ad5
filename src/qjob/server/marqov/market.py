"""What Marqov's API answers about backends and money, as pydantic models; see `models`."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from qjob.server.availability import Availability
from qjob.server.marqov.models import Usd


class Option(BaseModel):
    """One option of a backend."""

    name: str
    type: Literal["number", "integer", "boolean", "choice"]
    help: str
    minimum: float | None
    maximum: float | None
    choices: list[str]
    unit: str
    default: str | int | float | bool | None = Field(description="null: off unless it is given.")


class Rates(BaseModel):
    """What a backend charges, and who says so."""

    kind: Literal["free", "task", "time", "gate-shot", "hqc"]
    summary: str
    currency: str
    task_fee_usd: Usd | None = None
    per_shot_usd: Usd | None = None
    minimum_usd: Usd | None = None
    per_unit_usd: Usd | None = None
    unit: Literal["minute", "second"] | None = None
    minimum_seconds: int | None = None
    per_1q_gate_shot_usd: Usd | None = None
    per_2q_gate_shot_usd: Usd | None = None
    per_hqc_usd: Usd | None = None
    source: str
    as_of: date | None = Field(description="The day for which the source says so.")
    old: bool = Field(description="Whether that is more than a year ago.")


class Device(BaseModel):
    """What a service said last of its device."""

    asked_at: datetime
    fresh: bool = Field(description="Whether that is its present state.")
    status: Literal["online", "offline", "retired"] | None
    region: str | None
    queue: int | None
    queue_is_a_lower_bound: bool
    open_now: bool | None
    opens_at: datetime | None
    min_shots: int | None
    max_shots: int | None


class Backend(BaseModel):
    """A backend, with its price and whether it can be used."""

    slug: str
    qrn: str
    title: str
    tier: str
    description: str
    max_qubits: int
    min_shots: int
    max_shots: int
    local: bool = Field(description="Whether it runs on this machine.")
    available: bool = Field(description="Whether it is known that a job can be submitted now.")
    availability: Availability = Field(
        description="closed: what is submitted now waits for its device to open. unknown: nobody has asked its "
        "service yet, which needs credentials for it; a job is checked with it first."
    )
    reason: str = Field(description="Why it is not simply available.")
    instead: list[str] = Field(description="What to use in place of a retired one.")
    price: Rates | None = Field(description="null where nobody knows it.")
    options: list[Option]
    device: Device | None


class Tier(BaseModel):
    """Backends that belong together."""

    name: str
    backends: list[str]


class Backends(BaseModel):
    """All backends, in the catalogue's order."""

    tiers: list[Tier]
    backends: list[Backend]


class Period(BaseModel):
    """A UTC day or month."""

    limit_usd: Usd
    held_usd: Usd
    charged_usd: Usd
    remaining_usd: Usd
    ends_at: datetime


class Rate(BaseModel):
    """How fast a team may submit."""

    user_per_minute: int
    team_per_day: int
    local_jobs_count: bool


class Budget(BaseModel):
    """What a team may spend and has spent."""

    team: str
    per_job_usd: Usd
    remaining_usd: Usd = Field(description="The smaller one of the day's and the month's rest.")
    day: Period
    month: Period
    rates: Rate


class Quote(BaseModel):
    """What a job or a batch would cost."""

    backend: str
    shots: int
    programs: int
    priced: bool = Field(description="Whether anybody can say it.")
    free: bool
    low_usd: Usd | None
    estimated_usd: Usd | None
    cap_usd: Usd | None = Field(description="What it can cost at the most, and what is held for it.")
    credits: str | None = Field(description="estimated_usd in qBraid credits.")
    explanation: str
    price: Rates | None
    reason: str = Field(description="Why it has no price, or why the budgets would not admit it.")
    remedy: str
    within_budget: bool | None = Field(description="Whether the budgets would admit it now.")
