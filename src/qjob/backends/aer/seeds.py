"""Where a run's randomness begins. Aer gives shot i the seed base + i, so neighbouring job seeds must not be near."""

import hashlib

SEED_BITS = 62
"""Aer takes seeds below 2^63 and adds shot numbers to them."""


def base_seed(seed: int, part: int = 0) -> int:
    """Return the seed of a run, below 2^62, from the job's seed and the part of the job it is for."""
    digest = hashlib.sha256(f"qjob {seed} {part}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)
