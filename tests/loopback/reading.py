"""One reading of an OpenQASM program for one device, statement by statement, up to the first that it refuses.

It must not know how the program came or what becomes of it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from braket.default_simulator.openqasm.parser import openqasm_ast as ast

from loopback.devices.shapes import Device

UNSUPPORTED = {
    "QuantumGateDefinition": "gate",
    "SubroutineDefinition": "def",
    "BranchingStatement": "if",
    "ForInLoop": "for",
    "WhileLoop": "while",
    "QuantumReset": "reset",
    "ConstantDeclaration": "const",
    "AliasStatement": "let",
    "ClassicalAssignment": "=",
    "ExternDeclaration": "extern",
    "DelayInstruction": "delay",
    "CalibrationGrammarDeclaration": "defcalgrammar",
    "CalibrationDefinition": "defcal",
    "EndStatement": "end",
}
RESULT = re.compile(r"braket result (\w+)")
NOISE = re.compile(r"braket noise (\w+)")
TARGET = re.compile(r"(\w+)\[(\d+)\]")


class Refused(Exception):
    """What the device cannot take, in the service's words."""


@dataclass
class Reader:
    """What one reading has found so far."""

    device: Device
    register: str | None = None
    size: int = 0
    bits: str | None = None
    used: set[int] = field(default_factory=set)
    physical: set[int] = field(default_factory=set)
    measured: set[int] = field(default_factory=set)
    results: list[str] = field(default_factory=list)
    verbatim: bool = False

    def read(self, statement: Any) -> None:
        """Take in one statement.

        Raises
        ------
        Refused
            at the first that the device does not take.
        """
        at, kind = _at(statement), type(statement).__name__
        readers = {
            "QubitDeclaration": self._qubits,
            "ClassicalDeclaration": self._bits,
            "QuantumGate": self._gate,
            "QuantumPhase": self._phase,
            "QuantumMeasurementStatement": self._measure,
            "QuantumBarrier": self._barrier,
            "Pragma": self._pragma,
            "Box": self._box,
            "IODeclaration": lambda *_: None,
        }
        if kind not in readers:
            name = UNSUPPORTED.get(kind, kind)
            raise Refused(f"{at} Uses '{name}' which is not supported on device")  # AWS's words for a barrier
        readers[kind](statement, at)

    def end(self, shots: int) -> None:
        """Check what only the whole program tells."""
        if self.results and self.measured:
            raise Refused("Qubits should not be explicitly measured when result types are requested.")
        used = len(self.used | self.physical)
        if used > self.device.qubits or self.size > self.device.qubits:
            count = max(used, self.size)
            raise Refused(
                f"Used {count} qubits, which is more than the device qubit count of {self.device.qubits}"
            )
        unused = [f"{self.register}[{index}]" for index in range(self.size) if index not in self.used]
        if unused and self.device.contiguous:
            raise Refused(
                f"Device requires contiguous qubits. Qubit register {self.register} has unused qubits "
                f"{', '.join(unused)}."
            )
        self._result_types(shots)

    def _result_types(self, shots: int) -> None:
        action = self.device.capabilities["action"]["braket.ir.openqasm.program"]
        known = {one["name"].lower(): one for one in action["supportedResultTypes"]}
        for name in self.results:
            if name not in known:
                raise Refused(f"Result type {name} is not supported on device")  # a guess
            if not known[name]["minShots"] <= shots <= known[name]["maxShots"]:
                raise Refused(f"Result type {name} is not supported with {shots} shots")  # a guess
        if not shots and not self.results:
            raise Refused("No result types specified for the program and shots is 0")  # a guess

    def _qubits(self, statement: Any, at: str) -> None:
        if self.register is not None:
            raise Refused(f"{at} cannot declare a qubit register. Only 1 qubit register is supported.")
        self.register = statement.qubit.name
        self.size = statement.size.value if statement.size is not None else 1

    def _bits(self, statement: Any, at: str) -> None:
        if not isinstance(statement.type, ast.BitType):
            raise Refused(f"{at} Uses a classical variable which is not supported on device")  # a guess
        if self.bits is not None:
            raise Refused(f"{at} cannot declare a bit register. Only 1 bit register is supported.")
        self.bits = statement.identifier.name

    def _measure(self, statement: Any, at: str) -> None:
        self.measured |= self._one(statement.measure.qubit, at)

    def _barrier(self, _: Any, at: str) -> None:
        if not self.device.barriers:
            raise Refused(f"{at} Uses 'barrier' which is not supported on device")

    def _phase(self, statement: Any, at: str) -> None:
        self._gate_name("gphase", statement.modifiers, at, native=False)

    def _gate(self, gate: Any, at: str, *, native: bool = False) -> None:
        self._gate_name(gate.name.name, gate.modifiers, at, native=native)
        targets = set().union(*(self._one(qubit, at) for qubit in gate.qubits))
        if targets & self.measured:
            raise Refused(
                f"{at} uses a qubit after it is measured, which is not supported on device"
            )  # a guess
        pair = tuple(sorted(targets))
        if native and self.device.edges is not None and len(pair) == 2 and pair not in self.device.edges:
            raise Refused(f"{at} uses disconnected qubits {pair[0]} and {pair[1]}")

    def _gate_name(self, name: str, modifiers: list[Any], at: str, *, native: bool) -> None:
        if modifiers:
            raise Refused(
                f"{at} uses an unsupported GateModifer: '{modifiers[0].modifier.name}'"
            )  # AWS's spelling
        if native and name not in self.device.native:
            raise Refused(
                f"In verbatim boxes, native gates are required. {name} is not a device native gate."
            )
        if not native and name not in self.device.gates | self.device.native:
            raise Refused(
                f"{at} uses a gate: {name} which is not supported by the device or defined via a defcal"
            )

    def _one(self, qubit: Any, at: str) -> set[int]:
        name = qubit.name if isinstance(qubit.name, str) else qubit.name.name
        if name.startswith("$"):
            return self._physical(int(name[1:]), at)
        if self.physical:
            raise Refused(f"{at} mixes physical qubits and qubits registers.")
        if not isinstance(qubit, ast.IndexedIdentifier):
            self.used |= set(range(self.size))
            return set(range(self.size))
        index = qubit.indices[0][0] if isinstance(qubit.indices[0], list) else None
        if not isinstance(index, ast.IntegerLiteral):
            raise Refused(f"{at} uses an array operation which is not supported on device")  # a guess
        if not 0 <= index.value < self.size:
            raise Refused(f"{at} index {index.value} is out of range of {name}[{self.size}]")  # a guess
        self.used.add(index.value)
        return {index.value}

    def _physical(self, number: int, at: str) -> set[int]:
        if self.register is not None:
            raise Refused(f"{at} mixes physical qubits and qubits registers.")
        if self.device.simulator or (self.device.numbers and number not in self.device.numbers):
            raise Refused(f"{at} uses the physical qubit ${number} which the device does not have")  # a guess
        self.physical.add(number)
        return {number}

    def _pragma(self, pragma: Any, at: str) -> None:
        command = pragma.command.strip()
        self.verbatim = command == "braket verbatim"
        if (found := NOISE.match(command)) and not self.device.noise:
            raise Refused(
                f"{at} uses the pragma braket_noise_{found[1]} which is forbidden on device"
            )  # a guess
        if command.startswith("braket unitary") and not self.device.simulator:
            raise Refused(
                f"{at} uses the pragma braket_unitary_matrix which is not supported on device"
            )  # a guess
        if found := RESULT.match(command):
            self.results.append(found[1].replace("_", ""))
        self.used |= {int(index) for name, index in TARGET.findall(command) if name == self.register}

    def _box(self, box: Any, at: str) -> None:
        if not self.verbatim or self.device.simulator:
            raise Refused(
                f"{at} uses a box which is not preceded by a verbatim pragma of a device that knows it"
            )
        self.verbatim = False
        for inner in box.body:
            if not isinstance(inner, ast.QuantumGate):
                raise Refused(f"{_at(inner)} Uses something else than gates in a verbatim box")  # a guess
            if any(not getattr(qubit, "name", "").startswith("$") for qubit in inner.qubits):
                raise Refused(f"{_at(inner)} Physical qubits are required in verbatim boxes")  # a guess
            self._gate(inner, _at(inner), native=True)


def _at(node: Any) -> str:
    return f"[line {node.span.start_line}]" if node.span else "[line ?]"
