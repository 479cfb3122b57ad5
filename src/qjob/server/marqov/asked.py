"""What Marqov's API takes: bodies and queries, with their exact types and bounds. Its description is made of them.

Bodies are strict: ``"12"`` is no number, ``true`` no 1, and NaN nothing at all.
"""

import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from qjob.model.job import MAX_NAME
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS
from qjob.server.fields import INTEGRAL
from qjob.server.seeds import Seed
from qjob.typed import MAX_TAG, MAX_TAGS

MOST_SHOTS = 100_000
MOST_CODE = 50_000
MOST_OPTIONS = 50
MOST_ANGLES = 1_000
LONGEST = 200
"""Characters of a name or a value."""

MOST_INT = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""

PAGE, MOST_PAGE, MOST_OFFSET = 50, 100, 1_000_000


def said_once(message: str) -> WrapValidator:
    """Return what makes one complaint of those that each kind of several has, where a value is of none of them."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise PydanticCustomError("kind", "{message}", {"message": message}) from None

    return WrapValidator(check)


def written_as(pattern: str, message: str) -> BeforeValidator:
    """Return what refuses text of a query that has another form, which would be taken for a value all the same."""
    form = re.compile(pattern, re.ASCII)

    def check(value: Any) -> Any:
        if isinstance(value, str) and not form.fullmatch(value):
            raise PydanticCustomError("form", "{message}", {"message": message})
        return value

    return BeforeValidator(check)


NO_NUL = r"^[^\x00]*$"
PRINTED = r"^[^\x00-\x1f\x7f]+$"

Line = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=PRINTED)]
Whole = Annotated[int, Field(ge=-MOST_INT, le=MOST_INT), INTEGRAL]
OptionValue = Annotated[
    bool | Whole | float | Annotated[str, Field(max_length=LONGEST, pattern=NO_NUL)],
    said_once(f"it takes a finite number, true or false, or text of up to {LONGEST} characters"),
]
Theta = Annotated[
    float | Annotated[list[float], Field(max_length=MOST_ANGLES)],
    said_once(f"it takes a finite number, or a list of up to {MOST_ANGLES:,} of them"),
]
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

    shots: Annotated[int, Field(ge=1, le=MOST_SHOTS), INTEGRAL] = Field(
        default=DEFAULT_SHOTS, description="How often to measure."
    )
    noise_model: Options | None = Field(
        default=None,
        description="Of noisy backends: gate errors, readout errors, T1 and T2 times, under the names that the "
        "backend's options have.",
    )
    options: Options | None = Field(
        default=None, description="The backend's options, as GET backends lists them."
    )
    seed: Annotated[Seed, said_once("it takes a whole number from 0 to 2**62 - 1, or its digits")] | None = (
        Field(
            default=None,
            description="For the same counts again, as a number or as its digits; one is drawn where it is missing.",
        )
    )
    theta: Theta | None = Field(default=None, description="An angle, or several, for the code.")
    graph_size: Annotated[int, Field(ge=2, le=20), INTEGRAL] | None = Field(
        default=None, description="The size of a graph, for the code."
    )
    layers: Annotated[int, Field(ge=1, le=10), INTEGRAL] | None = Field(
        default=None, description="The number of layers, for the code."
    )

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

    script_id: Line | None = Field(
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
    create_capsule: bool = Field(
        default=False,
        description="Capsules are a later step: true is a 400.",
        json_schema_extra={"const": False},
    )
    capsule_name: Annotated[Line | None, WithJsonSchema({"type": "null"})] = Field(
        default=None, description="Goes with create_capsule: the same holds."
    )

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


Number = Annotated[int, written_as(r"-?[0-9]{1,10}", "it takes a whole number")]
Flag = Annotated[bool, written_as("true|false", "it takes true or false")]
Moment = Annotated[
    AwareDatetime,
    written_as(
        r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
        "it takes a time with its zone, such as 2026-03-01T12:00:00Z",
    ),
]
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
    since: Moment | None = Field(default=None, description="Created then or later: ISO 8601 with a zone.")
    until: Moment | None = Field(default=None, description="Created before then.")
    limit: Number = Field(default=PAGE, ge=1, le=MOST_PAGE, description="How many at the most.")
    offset: Number = Field(default=0, ge=0, le=MOST_OFFSET, description="How many to pass over first.")


class EventsQuery(Query):
    """Which events of a job."""

    after: Number = Field(
        default=-1, ge=-1, le=2**31 - 1, description="Only those behind this sequence number."
    )


class ResultQuery(Query):
    """How much of a result."""

    statevector: Flag = Field(
        default=True, description="Whether the state vector comes too, where there is one."
    )


class QuoteQuery(Query):
    """What is to be priced without a circuit."""

    backend: Line = Field(description="The slug of a backend, or its QRN.")
    shots: Number = Field(default=DEFAULT_SHOTS, ge=1, le=MOST_SHOTS, description="How often to measure.")
