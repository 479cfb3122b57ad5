"""Aer's counts as keys: hexadecimal numbers over all classical bits become rows of words over the measured ones."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from qjob.model.bits import WORD, BitLayout, Words, select_bits
from qjob.model.counts import Counts

WORD_BYTES = WORD // 8


def counts_of(counts: Mapping[str, int], layout: BitLayout) -> Counts:
    """Return Aer's counts, ``{"0x3": 10}`` with classical bit 0 the lowest bit, in this layout."""
    keys = _words(counts, layout.num_clbits)
    if layout.measured != tuple(range(layout.num_clbits)):
        keys = select_bits(keys, layout.num_clbits, layout.measured)
    return Counts.collect(layout, keys, np.fromiter(counts.values(), np.int64, len(counts)))


def _words(counts: Mapping[str, int], bits: int) -> npt.NDArray[np.uint64]:
    """Return the keys over all classical bits, shape (n, words), most significant word first."""
    if bits <= WORD:
        keys: Words = np.fromiter((int(text, 16) for text in counts), np.uint64, len(counts))
        return keys[:, None]
    words = -(-bits // WORD)
    data = b"".join(int(text, 16).to_bytes(words * WORD_BYTES, "big") for text in counts)
    return np.frombuffer(data, ">u8").astype(np.uint64).reshape(len(counts), words)
