"""What a worker has to know of a durable job beside its row, as the row keeps it: so it need not read the circuit."""

from dataclasses import dataclass, replace

import orjson

from qjob.backends.base import Needs
from qjob.model.program import CircuitProfile


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of a job since it was checked.

    Parameters
    ----------
    needs
        What it takes of the machine; or whose agent runs it.
    profile
        Of its circuit; None where only the service reads that.
    trace
        The W3C ``traceparent`` of its submission, where somebody traces.
    """

    needs: Needs
    profile: CircuitProfile | None = None
    trace: str | None = None

    def to_text(self) -> str:
        """Return it as JSON text."""
        return orjson.dumps(self).decode()

    @classmethod
    def from_text(cls, text: str) -> "Work":
        """Return what was written as this text."""
        plain = orjson.loads(text)
        profile = plain["profile"]
        return cls(
            Needs(**plain["needs"]),
            None if profile is None else CircuitProfile.from_object(profile),
            plain["trace"],
        )


def traced(text: str, trace: str) -> str:
    """Return the text of a work with what its submission is called in a trace."""
    return replace(Work.from_text(text), trace=trace).to_text()
