"""What all models of qBraid's API have in common, and the kinds of their fields."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from qjob.model.money import CREDITS, NANO

MOST_DIGITS = 10


class Taken(BaseModel):
    """A body: types are exact, and what nobody knows is passed over, since clients send more than they have to."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, allow_inf_nan=False)


def _left_out(schema: dict[str, Any]) -> None:
    """Describe what may be left out of a query as just that: there is no null in it."""
    for field in schema["properties"].values():
        kinds = [kind for kind in field.pop("anyOf", ()) if kind != {"type": "null"}]
        for kind in kinds:
            field.update(kind)
        if field.get("default", ...) is None:
            del field["default"]


class Asked(BaseModel):
    """A query: all of it is text."""

    model_config = ConfigDict(alias_generator=to_camel, json_schema_extra=_left_out)


class Answered(BaseModel):
    """A part of an answer; the names of its fields have capitals on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Envelope(Answered):
    """What every answer is that is no refusal."""

    success: Literal[True] = True


Credits = Annotated[float, Field(ge=0, description="Credits: US cents.")]


def credits_of(nano: int) -> float:
    """Return nano-dollars in credits, as JSON has them: exact up to 15 digits."""
    return nano / (NANO // CREDITS)


def written_in_json(schema: dict[str, Any]) -> WithJsonSchema:
    """Return the description of text that is itself JSON: OpenAPI tells such a parameter from plain text."""
    return WithJsonSchema({"type": "string", "contentMediaType": "application/json", "contentSchema": schema})


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: object) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and low <= int(text) <= high):
            raise PydanticCustomError(
                "whole", "it takes a whole number from {low} to {high}", {"low": low, "high": high}
            )
        return int(text)

    return read


def whole(low: int, high: int) -> Any:
    """Return the type of a whole number in a query."""
    schema = WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})
    return Annotated[int, BeforeValidator(_whole(low, high)), schema]
