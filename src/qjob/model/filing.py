"""How a submission is filed: under which key of who sent it, and in which group. Values only."""

from dataclasses import dataclass
from datetime import timedelta

KEPT = timedelta(days=7)
"""How long a request key stands for what was submitted with it."""

MAX_KEY = 255
"""The longest request key, in characters."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What who sends a request calls it, so that the same one sent again is not a second one.

    Parameters
    ----------
    key
        The name, such as a UUID; of one user in one team.
    digest
        Of everything that was asked for: another one under the same key is a mistake.
    """

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Filing:
    """What is stored beside the jobs of a submission, in the same transaction."""

    request: RequestKey | None = None
    group: str | None = None  # the full id of the group that they belong to


UNFILED = Filing()
"""Neither."""
