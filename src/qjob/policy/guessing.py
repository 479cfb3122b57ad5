"""How fast keys may be guessed. Pure: who keeps the state, and whose clock it is, is the caller's affair."""

from dataclasses import dataclass, replace

WINDOW = 60.0
"""Seconds for which a wrong key counts."""

PER_ADDRESS, IN_ALL = 10, 100
"""How many wrong keys in that time one address may send, and all of them together."""


@dataclass(frozen=True, slots=True)
class Guesses:
    """The wrong keys of the last minute: so few that they are looked through each time.

    A right key takes nothing from them: who has one could go on guessing others with it else.

    Parameters
    ----------
    wrong
        When each came, in seconds of a clock that never goes back, and from which address; in that order. Never more
        than `IN_ALL`, as long as those beyond the bounds are not added.
    """

    wrong: tuple[tuple[float, str], ...] = ()

    def wait(self, address: str, now: float) -> float | None:
        """Return for how many seconds an address is to send no wrong key; None where it may.

        A right one is never refused for others' wrong ones: behind a proxy all share an address, and nobody finds
        one of 2**256 by guessing.
        """
        recent = [(at, whose) for at, whose in self.wrong if now - at < WINDOW]
        own = [at for at, whose in recent if whose == address]
        full = [
            times[-most]  # once this one no longer counts, there is room for another one
            for times, most in ((own, PER_ADDRESS), ([at for at, _ in recent], IN_ALL))
            if len(times) >= most
        ]
        return max(full) + WINDOW - now if full else None

    def and_wrong(self, address: str, now: float) -> "Guesses":
        """Return these and a wrong key that came now, without those that count no more."""
        recent = tuple((at, whose) for at, whose in self.wrong if now - at < WINDOW)
        return replace(self, wrong=(*recent, (now, address)))
