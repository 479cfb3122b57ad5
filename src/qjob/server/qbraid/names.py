"""Resource names: what qBraid's API calls jobs, batches, groups and who asks. Pure; knows no store.

A job's is ``{QRN of the device}-{4 hex}-qjob-{32 hex}``: the four digits are the last ones of its team, which also
end the ``organizationUserId`` of whoever is in that team, and the 32 are its id. A batch's looks the same. Read are
only the kind and the id: a device may get another QRN later, and its jobs keep their names.
"""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Kind = Literal["qjob", "qgroup"]
JOB: Kind = "qjob"
GROUP: Kind = "qgroup"

MAX_QRN = 400
"""The longest resource name that is read, in characters."""

FORM = re.compile(r"[^/\s]+-[0-9a-f]{4}-(?P<kind>qjob|qgroup)-(?P<id>[0-9a-f]{32})")
GROUPS = "qjob:qjob:group:jobs"
"""What stands in place of a device in the name of a group, whose jobs may run anywhere."""


SPEECH: Mapping[str, str] = MappingProxyType(
    {
        "status": "GET jobs/{jobQrn}",
        "cancel": "POST jobs/{jobQrn}/cancel",
        "retry": "POST jobs",
        "list": "GET jobs",
        "quote": "GET jobs/cost-estimate",
        "backends": "GET devices",
        "budget": "GET billing/credits/balance",
        "group": "POST jobs/group",
        "backend": "deviceQrn",
        "options": "runtimeOptions",
    }
)
"""What qBraid's API has where a notebook has magics; see `qjob.server.wording`."""


def job_qrn(device: str, team: str | None, job_id: str) -> str:
    """Return the name of a job, or of a batch, by the QRN of its device and the ids of its team and its own."""
    return f"{device}-{last_four(team)}-{JOB}-{_hex(job_id)}"


def group_qrn(team: str, group_id: str) -> str:
    """Return the name of a group."""
    return f"{GROUPS}-{last_four(team)}-{GROUP}-{_hex(group_id)}"


def id_of(qrn: str, kind: Kind) -> str | None:
    """Return the full id that a resource name holds; None of what is no name of this kind."""
    found = FORM.fullmatch(qrn) if len(qrn) <= MAX_QRN else None
    if found is None or found["kind"] != kind:
        return None
    digits = found["id"]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def last_four(team: str | None) -> str:
    """Return the four digits that stand for a team."""
    return _hex(team)[-4:] if team else "0000"


def organization_id(team: str) -> str:
    """Return what a team is called as an organization."""
    return _hex(team)


def user_id(user: str) -> str:
    """Return what stands for a user, who may be called anything."""
    return hashlib.sha256(user.encode(errors="surrogatepass")).hexdigest()[:24]


def organization_user_id(user: str, team: str | None) -> str:
    """Return what stands for a user in a team; it ends with the team's four digits."""
    digest = hashlib.sha256(f"{user}\0{team}".encode(errors="surrogatepass")).hexdigest()
    return digest[:20] + last_four(team)


def _hex(uuid: str) -> str:
    return uuid.replace("-", "")
