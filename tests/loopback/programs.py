"""What a device refuses before there is a task: programs, shots and parameters it cannot take.

Where AWS's own message is known, from its documentation or from bug reports, it is used; the others are guesses in
its style, marked so. All of them are ValidationExceptions. What gets through and cannot be run all the same ends as
a FAILED task. It must not know tasks, queues or HTTP.
"""

import json
import threading
from typing import Any

from braket.default_simulator.openqasm.parser.openqasm_parser import QASM3ParsingError, parse
from braket.ir.openqasm import Program
from braket.schema_common import BraketSchemaBase

from loopback.devices.shapes import Device
from loopback.model import AwsError
from loopback.reading import Reader, Refused

ACTION = "braket.ir.openqasm.program"
PARSING = threading.Lock()
"""The parser's caches are shared by all threads."""


def check(device: Device, given: dict[str, Any]) -> None:
    """Refuse what a device cannot run.

    Raises
    ------
    AwsError
        ValidationException.
    """
    try:
        _shots(device, given["shots"])
        _parameters(given.get("deviceParameters"))
        _program(device, _source(given["action"]), given["shots"])
    except Refused as refused:
        raise AwsError("ValidationException", str(refused)) from None


def _shots(device: Device, shots: int) -> None:
    low, high = device.shots
    if not low <= shots <= high:
        raise Refused(f"Shot count should be between {low} and {high} on {device.arn}, but found {shots}.")


def _parameters(parameters: str | None) -> None:
    if parameters is None:
        return
    try:
        BraketSchemaBase.parse_raw_schema(parameters)
    except (ValueError, ImportError, KeyError, AttributeError) as error:
        raise Refused(f"The deviceParameters are not valid: {error}") from None  # a guess


def _source(action: str) -> str:
    try:
        kind = json.loads(action)["braketSchemaHeader"]["name"]
    except (ValueError, KeyError, TypeError):
        raise Refused("The action is not valid JSON of a Braket schema") from None  # a guess
    if kind != ACTION:
        raise Refused(f"Action {kind} is not supported by the device")  # a guess
    try:
        return Program.parse_raw(action).source
    except ValueError as error:
        raise Refused(f"The action is not valid: {error}") from None  # a guess


def _program(device: Device, source: str, shots: int) -> None:
    for number, line in enumerate(source.splitlines(), 1):
        if line.lstrip().startswith("include"):  # the parser of the service does not know the word
            raise Refused(
                f"No terminal matches '\"' in the current parser context, at line {number} col "
                f"{line.index('include') + len('include') + 2}."
            )
    try:
        with PARSING:
            program = parse(source)
    except QASM3ParsingError as error:
        raise Refused(f"The program cannot be parsed: {error.__cause__!r}") from None  # a guess
    reader = Reader(device)
    for statement in program.statements:
        reader.read(statement)
    reader.end(shots)
