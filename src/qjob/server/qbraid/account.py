"""Who asks, over qBraid's API, and what is left to spend."""

from typing import Literal

from qjob.model.errors import NoSuchTeam
from qjob.model.money import to_nano
from qjob.server.desk import Desk
from qjob.server.qbraid import names
from qjob.server.qbraid.base import Answered, Credits, Envelope, credits_of
from qjob.server.qbraid.bodies import BalanceQuery
from qjob.server.qbraid.errors import NoAccessTokens
from qjob.server.routes import Answer, Call


class Who(Answered):
    """Whose key it is."""

    valid: Literal[True] = True
    organization_user_id: str
    organization_id: str
    organization_name: str
    user_id: str
    user_name: str
    email: str | None
    user_email: str | None
    user_roles: list[str]
    user_permissions: list[str]


class WhoAnswer(Envelope):
    """Whose key it is."""

    data: Who


class User(Answered):
    """A user."""

    user_id: str
    user_name: str
    email: str | None
    is_admin: Literal["user"] = "user"


class Organization(Answered):
    """A team."""

    organization_id: str
    organization_name: str
    organization_user_id: str


class Context(Answered):
    """A user, and the team that pays."""

    user: User
    organization: Organization


class ContextAnswer(Envelope):
    """A user, and the team that pays."""

    data: Context


class Balance(Answered):
    """What the team may still spend: the smaller one of the day's and the month's rest."""

    qbraid_credits: Credits
    aws_credits: Credits = 0
    auto_recharge: Literal["disabled"] = "disabled"
    organization_id: str
    user_id: str


class BalanceAnswer(Envelope):
    """What the team may still spend."""

    data: Balance


def verify(desk: Desk, _: Call) -> Answer:
    """Return whose key it is."""
    return Answer(WhoAnswer(data=_who(desk)))


def context(desk: Desk, _: Call) -> Answer:
    """Return the user and the team."""
    who = _who(desk)
    return Answer(
        ContextAnswer(
            data=Context(
                user=User(user_id=who.user_id, user_name=who.user_name, email=who.email),
                organization=Organization(
                    organization_id=who.organization_id,
                    organization_name=who.organization_name,
                    organization_user_id=who.organization_user_id,
                ),
            )
        )
    )


def balance(desk: Desk, call: Call) -> Answer:
    """Return what the team may still spend, in credits."""
    query: BalanceQuery = call.query
    who = _who(desk)
    if query.organization_id not in (None, who.organization_id):
        raise NoSuchTeam(
            f"this key belongs to no organization {str(query.organization_id)[:80]!r}.",
            remedy="Leave out organizationId, or send the one of GET users/verify.",
            numbers={"organizationId": query.organization_id},
        )
    left = to_nano(desk.engine.budget().remaining)
    return Answer(
        BalanceAnswer(
            data=Balance(
                qbraid_credits=credits_of(left), organization_id=who.organization_id, user_id=who.user_id
            )
        )
    )


def refresh(desk: Desk, _: Call) -> Answer:
    """Refuse: keys of this server do not run out within a day, and there are no access tokens."""
    raise NoAccessTokens(
        f"{desk.caller.user} has no access token to refresh: this server knows API keys alone.",
        remedy="Make one with `qjob key create NAME`; it is valid until it is revoked.",
    )


def _who(desk: Desk) -> Who:
    team, user, key = desk.engine.team(), desk.caller.user, desk.caller.key
    known = None if key is None else key.email
    email = known or (user if "@" in user else None)
    return Who(
        organization_user_id=names.organization_user_id(user, team.id),
        organization_id=names.organization_id(team.id),
        organization_name=team.name,
        user_id=names.user_id(user),
        user_name=user,
        email=email,
        user_email=email,
        user_roles=[str(team.role)],
        user_permissions=sorted(scope.value for scope in desk.caller.scopes),
    )
