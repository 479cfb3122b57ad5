"""Who may do what in a team. Pure."""

from enum import StrEnum

from qjob.model.errors import NotAllowed, Refusal
from qjob.model.team import Role


class Action(StrEnum):
    """What members do with each other."""

    INVITE = "invite"
    REMOVE = "remove"
    LEAVE = "leave"


def refusal(action: Action, actor: Role | None, other: Role, *, owners: int) -> Refusal | None:
    """Return why somebody may not do something; None where they may.

    Owners may do everything. Admins invite and remove who is no owner, and make nobody one. Everybody may leave, but
    for the last owner.

    Parameters
    ----------
    actor
        The role of who does it; None: no member.
    other
        The role of whom it is done to, or the role that they are to have.
    owners
        How many owners the team has.
    """
    last = other is Role.OWNER and owners <= 1
    if action is not Action.INVITE and last:
        return NotAllowed(
            "a team cannot be without an owner.",
            remedy="Make somebody else an owner first: %qjob team invite USER --role owner",
        )
    if action is Action.LEAVE:
        return None
    if actor is Role.OWNER or (actor is Role.ADMIN and other is not Role.OWNER):
        return None
    return NotAllowed(
        f"your role in the team, {actor or 'none'}, does not allow to {action} a user as {other}.",
        remedy="Ask an owner of the team."
        if other is Role.OWNER
        else "Ask an owner or an admin of the team.",
        numbers={"role": actor and str(actor), "action": str(action)},
    )
