"""A picture as the browser gets it: values of JSON, and arrays as bytes, in one message. Pure."""

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from qjob.model.bits import BitLayout, Words
from qjob.model.distribution import Distribution, over_bits
from qjob.notebook.pictures.shown import Series, Shown
from qjob.notebook.pictures.words import Told
from qjob.showing.wording import plain

MOST_AMPLITUDES = 1 << 16
"""Amplitudes that are sent at the most: the largest ones, 1 MiB."""

TINY = 1e-15
"""Amplitudes whose squares are below this are rounding errors."""

WORD = 32  # bits a number of the browser's arrays


def packed(shown: Shown, found: tuple[Told, ...], *, running: bool) -> dict[str, Any]:
    """Return a picture for the browser.

    Keys are rows of unsigned 32-bit words, least significant first: bit j of a row is the value of classical bit
    ``clbits[j]``, or of qubit j in a state. Values are 64-bit floats, a state's pairs (real, imaginary) of 32-bit
    ones; all little endian.
    """
    layout = shown.layout or BitLayout(0, ())
    clbits = tuple(sorted({bit for one in shown.series for bit in one.outcomes.layout.measured}))
    return {
        "title": plain(shown.title),
        "facts": [plain(fact) for fact in shown.facts],
        "notes": list(shown.notes),
        "bits": layout.num_clbits,
        "registers": [[register.name, register.size] for register in layout.registers],
        "clbits": list(clbits),
        "series": [_series(one, clbits) for one in shown.series],
        "comparisons": [asdict(each) for each in found],
        "view": {"sort": shown.view.sort, "top": shown.view.top, "bits": shown.view.bits},
        "state": None if shown.state is None else _state(shown.state, shown.state_of),
        "running": running,
    }


def _series(one: Series, clbits: tuple[int, ...]) -> dict[str, Any]:
    outcomes = one.outcomes
    values = outcomes.probabilities if isinstance(outcomes, Distribution) else outcomes.tallies
    return {
        "label": plain(one.label),
        "head": plain(one.head or one.label),
        "shots": one.shots,
        "distinct": one.distinct,
        "keys": _words(over_bits(outcomes.layout, outcomes.outcomes, clbits), len(clbits)),
        "values": values.astype("<f8").tobytes(),
    }


def _state(state: npt.NDArray[np.complex128], of: str) -> dict[str, Any]:
    chances = state.real**2 + state.imag**2
    index = np.flatnonzero(chances > TINY)
    left = max(0, len(index) - MOST_AMPLITUDES)
    if left:
        index = np.sort(index[np.argpartition(-chances[index], MOST_AMPLITUDES)[:MOST_AMPLITUDES]])
    qubits = len(state).bit_length() - 1
    return {
        "label": plain(of),
        "qubits": qubits,
        "left": left,
        "keys": _words(index.astype(np.uint64)[:, None], qubits),
        "values": state[index].astype("<c8").tobytes(),
    }


def _words(keys: Words, width: int) -> bytes:
    low_first = np.ascontiguousarray(keys[:, ::-1]).astype("<u8").view("<u4")
    return np.ascontiguousarray(low_first[:, : max(1, -(-width // WORD))]).tobytes()
