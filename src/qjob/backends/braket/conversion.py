"""From a program to the text that a device of Amazon Braket takes, and which column of its result is which bit.

A text in Braket's own dialect that the device takes goes as its author wrote it, verbatim boxes, unitaries, noise
and physical qubits included; only measurements that it leaves out are written out below it. Every other program is
written anew (see `qjob.backends.braket.rewriting`); a text that means certain qubits or native gates of a QPU cannot
be, and is refused with the line that is in the way.

Which column is which bit
-------------------------
A result has a column for each measured qubit and says, as ``measuredQubits``, which qubit each column is. Braket's
local simulators order the columns by the index of the bit, ``b[0]`` first, leave unmeasured bits out, and list the
qubits in that same order. Other orders that a device could choose are that of the statements and that of the qubits.
In a text that is written anew all of these are one: its statements, bits and qubits ascend together, and which of the
author's bits reads which column is kept here (`Converted.columns`). In a text that its author wrote the bits may have
any order; the result is then read by the qubits that it names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count

import orjson
from qiskit import QuantumCircuit

from qjob.backends.braket import dialect
from qjob.backends.braket.limits import refuse
from qjob.backends.braket.rewriting import rewrite
from qjob.backends.braket.side import DeviceSide, side_of
from qjob.model.bits import BitLayout
from qjob.model.errors import BackendRefused
from qjob.model.program import Program
from qjob.programs.load import with_tree
from qjob.programs.profile import profile as profile_of

__all__ = ["Converted", "DeviceSide", "convert", "side_of"]


@dataclass(frozen=True, slots=True)
class Converted:
    """A program as it is sent, and how to read its result.

    Parameters
    ----------
    source
        OpenQASM 3 in Braket's dialect.
    layout
        The classical bits of the program as its author wrote it.
    qubits
        For each column of the result, the qubit of ``source`` that it stands for.
    columns
        For each bit of ``layout.measured``, the column that it reads. Two bits that read one qubit share a column; a
        column that no bit reads is there since the device measures all qubits.
    rewritten
        Whether ``source`` is another text than the program's own.
    fixed
        Whether the text names qubits of the device outside of a verbatim box, so that the task has to switch off
        rewiring (``disableQubitRewiring``).
    """

    source: str
    layout: BitLayout
    qubits: tuple[int, ...]
    columns: tuple[int, ...]
    rewritten: bool
    fixed: bool = False

    def to_text(self) -> str:
        """Return all but the source as JSON, by which a result is read whatever becomes of the device."""
        plain = {name: getattr(self, name) for name in ("layout", "qubits", "columns", "rewritten", "fixed")}
        return orjson.dumps(plain).decode()

    @classmethod
    def from_text(cls, source: str, text: str) -> "Converted":
        """Return what `to_text` wrote, with its source."""
        plain = orjson.loads(text)
        return cls(
            source,
            BitLayout.from_object(plain["layout"]),
            tuple(plain["qubits"]),
            tuple(plain["columns"]),
            plain["rewritten"],
            plain["fixed"],
        )


def convert(program: Program, device: DeviceSide) -> Converted:
    """Return the text of a program for a device.

    The same program and device give the same text.

    Raises
    ------
    ProgramRefused
        The program is malformed, or measures nothing.
    BackendRefused
        The device cannot run it, with the numbers and the way out.
    """
    circuit, tree = with_tree(program)
    profile = profile_of(circuit)
    refuse(device.limits, profile)
    pairs = _measurements(circuit)
    if tree is not None:
        reading = dialect.read(tree, device)
        obstacles = [*reading.obstacles, *_obstacles(circuit, pairs, reading)]
        if not obstacles:
            return _as_written(program.data.decode(), reading, profile.layout, pairs)
        if reading.bound:
            raise _refuse_text(obstacles[0], device)
    reads = {bit: qubit for qubit, bit in pairs}  # where a bit is written twice, the last measurement wins
    new = rewrite(circuit, device, reads)
    columns = tuple(new.measured.index(reads[bit]) for bit in profile.layout.measured)
    return Converted(new.source, profile.layout, new.numbers, columns, rewritten=True)


def _measurements(circuit: QuantumCircuit) -> list[tuple[int, int]]:
    """Return the qubit and the classical bit of every measurement, in their order."""
    qubits = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    clbits = {clbit: index for index, clbit in enumerate(circuit.clbits)}
    return [(qubits[one.qubits[0]], clbits[one.clbits[0]]) for one in circuit.data if one.name == "measure"]


def _obstacles(
    circuit: QuantumCircuit, pairs: Sequence[tuple[int, int]], reading: dialect.Reading
) -> list[dialect.Obstacle]:
    """Return what of the circuit as a whole keeps its text from being sent as it is."""
    found, device = [], reading.device
    measured = {qubit for qubit, _ in pairs}
    if len(measured) < len(pairs) or len({bit for _, bit in pairs}) < len(pairs):
        found.append("a qubit that is measured twice, or a bit that is written twice")
    index = {qubit: place for place, qubit in enumerate(circuit.qubits)}
    idle = {"barrier", "measure"}  # a qubit that is only measured may pass for an unused one
    used = {index[qubit] for one in circuit.data if one.name not in idle for qubit in one.qubits}
    if device.contiguous and not reading.named and len(used) < circuit.num_qubits:
        found.append(f"qubits without a gate, which {device.name} does not take")
    if device.measures_all and not used <= measured:
        found.append(f"qubits that are not measured; {device.name} measures all")
    return [dialect.Obstacle(0, what) for what in found]


def _as_written(
    text: str, reading: dialect.Reading, layout: BitLayout, pairs: Sequence[tuple[int, int]]
) -> Converted:
    """Return the author's own text; where it measures nothing, with the measurement of all qubits below it."""
    by_bit = sorted(pairs, key=lambda pair: pair[1])
    qubits = tuple(qubit for qubit, _ in by_bit)
    if not reading.measures:
        text = "\n".join([text.rstrip(), *_measure_all(reading, qubits), ""])
    return Converted(
        source=text,
        layout=layout,
        qubits=qubits,
        columns=tuple(range(len(qubits))),
        rewritten=False,
        fixed=bool(reading.named) and not reading.verbatim,
    )


def _measure_all(reading: dialect.Reading, qubits: Sequence[int]) -> list[str]:
    """Return the statements that measure these qubits, into a declared register of their number or a new one."""
    size = len(qubits)
    declared = next((name for name, bits in reading.bits.items() if bits == size), None)
    names = [
        name if bits is None else f"{name}[{index}]"
        for name, bits in reading.qubits.items()
        for index in range(bits or 1)
    ]
    taken = {*reading.bits, *reading.qubits}
    register = declared or next(name for name in chain("b", map("b{}".format, count())) if name not in taken)
    lines = [] if declared else [f"bit[{size}] {register};"]
    return lines + [
        f"{register}[{bit}] = measure {names[qubit] if names else f'${qubit}'};"
        for bit, qubit in enumerate(qubits)
    ]


def _refuse_text(obstacle: dialect.Obstacle, device: DeviceSide) -> BackendRefused:
    where = f"line {obstacle.line}: " if obstacle.line else ""
    return BackendRefused(
        f"{where}{obstacle.what}. The text names qubits or native gates of {device.name}, so it is sent as it is or "
        "not at all.",
        remedy="Remove what the device does not take. Or declare qubits (qubit[2] q;) instead of naming them, and "
        "write no verbatim box: such a text is rewritten for the device.",
        numbers={"line": obstacle.line} if obstacle.line else {},
    )
