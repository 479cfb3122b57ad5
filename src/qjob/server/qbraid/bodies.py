"""What qBraid's API takes: bodies and queries, checked for their form alone."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from qjob.model.batch import MAX_PROGRAMS
from qjob.model.group import MAX_TTL
from qjob.model.job import MAX_NAME
from qjob.server.fields import INTEGRAL
from qjob.server.qbraid.base import Asked, Taken, whole, written_in_json
from qjob.server.qbraid.names import MAX_QRN
from qjob.typed import MAX_TAG, MAX_TAGS

MAX_SHOTS = 10**9
MAX_OPTIONS = 50
MAX_METADATA = 50
MAX_PAGE = 1_000_000
MAX_LIMIT = 100
MAX_GROUP_JOBS = 5_000
MAX_LIST = 20_000
"""The longest JSON text in a query, in characters."""

MOST_SOUGHT = 10
"""How many tags are looked for at a time: in a URL each can take 5,000 bytes, and 64 KB are read of one."""

MAX_NAMED = 150
"""Characters of a QRN among many, for the same reason."""

Key = Annotated[str, Field(max_length=MAX_TAG)]
Word = Annotated[str, Field(max_length=MAX_TAG)]
Number = Annotated[int, Field(ge=-(2**63), lt=2**63), INTEGRAL]
Scalar = Word | bool | Number | float
Tags = Annotated[dict[Key, Scalar], Field(max_length=MAX_TAGS)]
Name = Annotated[str, Field(max_length=MAX_NAME)]
Qrn = Annotated[str, Field(max_length=MAX_QRN)]


SOUGHT: dict[str, Any] = {
    "type": "object",
    "maxProperties": MOST_SOUGHT,
    "propertyNames": {"type": "string", "minLength": 1, "maxLength": MAX_TAG},
    "additionalProperties": {
        "anyOf": [{"type": "string", "maxLength": MAX_TAG}, {"type": "number"}, {"type": "boolean"}]
    },
}
NAMED: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_LIMIT,
    "items": {"type": "string", "maxLength": MAX_NAMED},
}


class ProgramBody(Taken):
    """A program."""

    format: str = Field(
        max_length=50,
        description="``qasm2`` or ``qasm3``; no other one runs here.",
        json_schema_extra={"enum": ["qasm2", "qasm3"]},
    )
    data: Annotated[Any, WithJsonSchema({"type": "string"})] = Field(
        description="The text. OpenQASM 3 without ``stdgates.inc`` is read in Amazon Braket's dialect, where "
        "a program without ``measure`` measures every qubit."
    )


def _how_many(given: object) -> str:
    return "several" if isinstance(given, list) else "one"


One = Annotated[ProgramBody, Tag("one")]
Several = Annotated[list[ProgramBody], Field(min_length=1, max_length=MAX_PROGRAMS), Tag("several")]


class JobBody(Taken):
    """A job, or several circuits as one."""

    program: Annotated[One | Several, Discriminator(_how_many)] = Field(
        description="A list is a batch: one name, one admission, and a result for each circuit in its order."
    )
    device_qrn: Qrn = Field(description="The QRN of a device, such as ``aws:aws:sim:sv1``.")
    shots: Annotated[int, Field(ge=1, le=MAX_SHOTS), INTEGRAL] | None = Field(
        default=None, description="null: 1,000, or the most that the device takes."
    )
    name: Name | None = None
    tags: Tags | None = Field(default=None, description="Values are kept, and come back, as text.")
    runtime_options: Annotated[dict[Key, Scalar | None], Field(max_length=MAX_OPTIONS)] | None = Field(
        default=None,
        description="Options of the device; ``noiseModel`` (see the device's ``noiseModels``), ``seed``, and "
        "``executionMode``: ``direct`` (the default; the job ends with the server), or ``durable`` (it outlives it).",
    )
    group_job_qrn: Qrn | None = Field(default=None, description="An open group that the job is to belong to.")


class GroupBody(Taken):
    """A group of jobs."""

    name: Name | None = None
    tags: Annotated[dict[Key, Word | bool | Number], Field(max_length=MAX_TAGS)] | None = None
    metadata: Annotated[dict[Key, Scalar | None], Field(max_length=MAX_METADATA)] | None = None
    max_ttl: Annotated[int, Field(ge=1, le=MAX_TTL), INTEGRAL] | None = Field(
        default=None,
        alias="maxTTL",
        description="Seconds after which it closes by itself; null: 3,600.",
    )


class DevicesQuery(Asked):
    """Which devices."""

    retired: Literal["true", "false"] | None = Field(
        default=None,
        description="Whether those that are retired are listed alone, or not at all; left out: all devices.",
    )


class EstimateQuery(Asked):
    """A device and shots."""

    device_qrn: Qrn
    shots: whole(1, MAX_SHOTS) | None = None  # type: ignore[valid-type]  # made by a function


class BalanceQuery(Asked):
    """Whose credits."""

    organization_id: Annotated[str, Field(max_length=MAX_TAG)] | None = None


class PageQuery(Asked):
    """A page of a list."""

    page: whole(1, MAX_PAGE) = 1  # type: ignore[valid-type]  # as above
    limit: whole(1, MAX_LIMIT) = 50  # type: ignore[valid-type]  # as above


JobStatusName = Literal[
    "INITIALIZING",
    "QUEUED",
    "VALIDATING",
    "RUNNING",
    "CANCELLING",
    "CANCELLED",
    "COMPLETED",
    "FAILED",
    "UNKNOWN",
    "HOLD",
]
"""All that qBraid has; no job here is ever VALIDATING, UNKNOWN or on HOLD."""


class JobsQuery(PageQuery):
    """Which jobs."""

    vendor: Annotated[str, Field(max_length=MAX_TAG)] | None = None
    provider: Annotated[str, Field(max_length=MAX_TAG)] | None = None
    status: JobStatusName | None = Field(default=None, description="Outranks ``statusGroup``.")
    status_group: Literal["pending", "returned", "all"] | None = None
    tags: Annotated[str, Field(max_length=MAX_LIST), written_in_json(SOUGHT)] | None = Field(
        default=None, description="A JSON object, all of which a job's tags have to hold."
    )
    search: Annotated[str, Field(max_length=MAX_QRN)] | None = Field(
        default=None,
        description="A part of the name or of a tag, the beginning of an id, or the QRN of a job.",
    )


class GroupsQuery(PageQuery):
    """Which groups."""

    status: Literal["OPEN", "CLOSED", "COMPLETED", "FAILED", "CANCELLED"] | None = None


class GroupJobsQuery(Asked):
    """A page of a group's jobs: as long as the client, which asks for one page alone, can have it."""

    page: whole(1, MAX_PAGE) = 1  # type: ignore[valid-type]  # as above
    limit: whole(1, MAX_GROUP_JOBS) = MAX_GROUP_JOBS  # type: ignore[valid-type]  # as above


class DeleteQuery(Asked):
    """Which jobs are to be deleted."""

    qrns: Annotated[str, Field(max_length=MAX_LIST), written_in_json(NAMED)] = Field(
        description="A JSON array of up to 100 QRNs."
    )
