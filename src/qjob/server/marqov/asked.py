"""What Marqov's API takes: bodies and queries, with their exact types and bounds. Its description is made of them.

Bodies are strict: ``"12"`` is no number, ``true`` no 1, and NaN nothing at all.
"""

from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from qjob.model.job import MAX_NAME
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS
from qjob.typed import MAX_TAG, MAX_TAGS, SEED_BITS

MOST_SHOTS = 100_000
MOST_CODE = 50_000
MOST_OPTIONS = 50
MOST_ANGLES = 1_000
LONGEST = 200
"""Characters of a name or a value."""

MOST_INT = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""

PAGE, MOST_PAGE, MOST_OFFSET = 50, 100, 1_000_000

NO_NUL = r"^[^\x00]*$"
PRINTED = r"^[^\x00-\x1f\x7f]+$"

Line = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=PRINTED)]
Whole = Annotated[int, Field(ge=-MOST_INT, le=MOST_INT)]
OptionValue = bool | Whole | float | Annotated[str, Field(max_length=LONGEST, pattern=NO_NUL)]
Options = Annotated[dict[Line, OptionValue], Field(max_length=MOST_OPTIONS)]
Marks = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=MAX_TAG, pattern=PRINTED)],
        Annotated[str, Field(min_length=1, max_length=MAX_TAG, pattern=PRINTED)],
    ],
    Field(max_length=MAX_TAGS),
]

EXACTLY_ONE: Any = [
    {"required": [name], "properties": {name: {"type": "string"}}}
    for name in ("script_id", "script_slug", "inline_code")
]


class Asked(BaseModel):
    """A body, or a part of one."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Params(Asked):
    """How a program is run. Inline code finds all of it under the name ``params``."""

    shots: int = Field(default=DEFAULT_SHOTS, ge=1, le=MOST_SHOTS, description="How often to measure.")
    noise_model: Options | None = Field(
        default=None,
        description="Of noisy backends: gate errors, readout errors, T1 and T2 times, under the names that the "
        "backend's options have.",
    )
    options: Options | None = Field(
        default=None, description="The backend's options, as GET backends lists them."
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        lt=1 << SEED_BITS,
        description="For the same counts again; one is drawn where it is missing.",
    )
    theta: float | Annotated[list[float], Field(max_length=MOST_ANGLES)] | None = Field(
        default=None, description="An angle, or several, for the code."
    )
    graph_size: int | None = Field(
        default=None, ge=2, le=20, description="The size of a graph, for the code."
    )
    layers: int | None = Field(default=None, ge=1, le=10, description="The number of layers, for the code.")

    @property
    def all_options(self) -> dict[str, Any]:
        """The backend's options, those of the noise model among them."""
        return {**(self.noise_model or {}), **(self.options or {})}

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        both = set(self.noise_model or ()) & set(self.options or ())
        if both:
            raise PydanticCustomError(
                "twice", "{names} is given in noise_model and in options", {"names": ", ".join(sorted(both))}
            )
        return self


class Submission(Asked):
    """A job, or, where inline code makes a list of circuits, a batch of jobs."""

    model_config = ConfigDict(json_schema_extra={"oneOf": EXACTLY_ONE})

    script_id: UUID | None = Field(
        default=None, description="A saved script. Scripts are a later step: this is a 404."
    )
    script_slug: Line | None = Field(default=None, description="The same by its name.")
    inline_code: str | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_CODE,
        pattern=NO_NUL,
        description="OpenQASM 2 or 3 text; or Python code that makes one circuit, or one list of circuits.",
    )
    framework: Literal["qiskit", "cirq", "pennylane", "openqasm", "marqov"] | None = Field(
        default=None, description="What the code is written in; detected where it is missing."
    )
    backend: Line = Field(default=DEFAULT_BACKEND, description="The slug of a backend, or its QRN.")
    params: Params = Params()
    execution_mode: Literal["direct", "durable", "temporal"] = Field(
        default="direct",
        description="direct: in processes of this server, with which it ends. durable and temporal: both in a worker "
        "process of its own, which outlives this server and tries again.",
    )
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=PRINTED)] | None = Field(
        default=None, description="For people to find it again."
    )
    tags: Marks | None = Field(default=None, description="The same, as keys and values.")
    create_capsule: bool = Field(default=False, description="Capsules are a later step: true is a 400.")
    capsule_name: Line | None = Field(default=None, description="Goes with create_capsule.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        names = ("script_id", "script_slug", "inline_code")
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "one_program",
                "it takes exactly one of script_id, script_slug and inline_code, and has {given}",
                {"given": " and ".join(given) or "none"},
            )
        return self


class Query(BaseModel):
    """A query, in which everything is text; Jupyter's own token and cross-site check may stand beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    jupyters: ClassVar[frozenset[str]] = frozenset({"token", "_xsrf"})

    @model_validator(mode="before")
    @classmethod
    def _without_jupyters(cls, given: Any) -> Any:
        if isinstance(given, dict):
            return {name: value for name, value in given.items() if name not in cls.jupyters}
        return given


Searched = Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f]*$")]


class JobsQuery(Query):
    """Which jobs a list shows."""

    status: Searched = Field(
        default="", description="Statuses with commas between: Marqov's words, or qjob's own."
    )
    backend: Searched = Field(default="", description="The slug of a backend.")
    text: Searched = Field(
        default="", description="Something in the name or the tags, or the beginning of the id."
    )
    tag: Searched = Field(default="", description="KEY or KEY=VALUE.")
    since: AwareDatetime | None = Field(
        default=None, description="Created then or later: ISO 8601 with a zone."
    )
    until: AwareDatetime | None = Field(default=None, description="Created before then.")
    limit: int = Field(default=PAGE, ge=1, le=MOST_PAGE, description="How many at the most.")
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET, description="How many to pass over first.")


class EventsQuery(Query):
    """Which events of a job."""

    after: int = Field(default=-1, ge=-1, le=2**31 - 1, description="Only those behind this sequence number.")


class ResultQuery(Query):
    """How much of a result."""

    statevector: bool = Field(
        default=True, description="Whether the state vector comes too, where there is one."
    )


class QuoteQuery(Query):
    """What is to be priced without a circuit."""

    backend: Line = Field(description="The slug of a backend, or its QRN.")
    shots: int = Field(default=DEFAULT_SHOTS, ge=1, le=MOST_SHOTS, description="How often to measure.")
