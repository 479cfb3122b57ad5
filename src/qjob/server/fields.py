"""How bodies are read, whatever the dialect; and what their fields have in common. Knows no tornado.

A long body is looked at by another process first: JSON of a million small parts would hold the interpreter, and with
it the server's event loop, for half a second. What comes back has nothing in it that its model does not know.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pydantic import BaseModel, BeforeValidator, ValidationError

from qjob.reading import Reader
from qjob.server.errors import invalid

LONG = 256 * 1024
"""Bytes of a body that another process looks at first."""


def _integral(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


INTEGRAL = BeforeValidator(_integral)
"""Takes ``1000.0`` for the whole number that it is in JSON, which has one kind of number; ``"1000"`` is none."""


def body_of(model: type[BaseModel], raw: bytes, reader: Reader) -> BaseModel:
    """Return the body that bytes are.

    Raises
    ------
    InvalidRequest
        It does not fit; the message has the places.
    """
    if len(raw) > LONG:
        where = {"module": model.__module__, "name": model.__qualname__}
        raw = reader.ask(f"{__name__}:boiled_down", where, raw)[1]
    return _read(model, raw)


def boiled_down(given: Mapping[str, Any], raw: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Return a body without what its model passes over; in the other process."""
    body = _read(getattr(import_module(given["module"]), given["name"]), raw)
    return {}, body.model_dump_json(by_alias=True, exclude_unset=True).encode()


def _read(model: type[BaseModel], raw: bytes) -> BaseModel:
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise invalid(error, "body", model) from None
