"""The teams of a user: who is in them, and which one pays. Submits nothing.

With the store on this machine roles are a courtesy between people who can read the same file, not a lock.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from qjob.model.errors import AmbiguousJob, InvalidRequest, NoSuchTeam
from qjob.model.team import Role
from qjob.policy.roles import Action, refusal
from qjob.settings import Settings
from qjob.store.store import Store

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team as one of its members sees it."""

    id: str
    name: str
    role: Role  # of the user who asks
    members: Mapping[str, Role]  # by user, in the order they came
    chosen: bool  # whether the user's jobs belong to it


class Membership(ABC):
    """The user's teams, as an engine answers for them."""

    settings: Settings

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where they are."""

    def team(self) -> TeamView:
        """Return the team that the user's jobs belong to; it is made where there is none."""
        self.store.budget_of(self.settings.user)
        return next(team for team in self.teams() if team.chosen)

    def teams(self) -> list[TeamView]:
        """Return all teams that the user is a member of, the oldest first."""
        user = self.settings.user
        return [
            TeamView(team_id, name, members[user], members, chosen)
            for team_id, name, chosen in self.store.teams_of(user)
            if user in (members := self.store.members(team_id))
        ]

    def create_team(self, name: str) -> TeamView:
        """Make a team with the user as its owner, and choose it.

        Raises
        ------
        InvalidRequest
            No name, or one that a team of the user has.
        """
        label = _name("team", name)
        if any(team.name == label for team in self.teams()):
            raise InvalidRequest(f"there is a team {label!r} already.", remedy="Give another name.")
        self.store.make_team(self.settings.user, label)
        return self.team()

    def switch_team(self, text: str) -> TeamView:
        """Let the user's next jobs belong to another team, by its name or the beginning of its id.

        Raises
        ------
        NoSuchTeam, AmbiguousJob
            None of the user's teams, or several.
        """
        self.store.choose_team(self.settings.user, self.team_called(text).id)
        return self.team()

    def team_called(self, text: str) -> TeamView:
        """Return one of the user's teams by its name or the beginning of its id.

        Raises
        ------
        NoSuchTeam, AmbiguousJob
            None of them, or several.
        """
        mine = self.teams()
        found = [team for team in mine if team.name == text] or [
            team
            for team in mine
            if len(text) >= 4 and team.id.startswith(text.lower())  # noqa: PLR2004 - as for jobs
        ]
        if not found:
            known = ", ".join(repr(team.name) for team in mine) or "none"
            raise NoSuchTeam(
                f"{self.settings.user} is in no team {text!r}.",
                remedy=f"Your teams: {known}. To be in another one, ask its owner for an invitation.",
                numbers={"text": text},
            )
        if len(found) > 1:
            raise AmbiguousJob(
                f"{text!r} stands for {len(found)} teams.",
                remedy="Give the beginning of an id: " + ", ".join(team.id[:8] for team in found),
                numbers={"text": text, "candidates": [team.id for team in found]},
            )
        return found[0]

    def invite(self, user: str, role: str = "member") -> TeamView:
        """Make somebody a member of the user's team, or give a member another role.

        Raises
        ------
        InvalidRequest
            No name, or no role.
        NotAllowed
            The user's own role does not allow it.
        """
        label = _name("user", user)
        if role not in list(Role):
            raise InvalidRequest(
                f"there is no role {role!r}.", remedy=f"Roles: {', '.join(Role)}.", numbers={"role": role}
            )
        with self.store.transaction():
            team = self.team()
            old = team.members.get(label, Role.MEMBER)
            checks = [(Action.INVITE, Role(role))]
            if label in team.members and old is not Role(role):  # who gets another role gives up this one
                checks.append((Action.REMOVE, old))
            self._check(team, checks)
            self.store.set_member(team.id, label, Role(role))
        return self.team()

    def remove(self, user: str) -> TeamView | None:
        """Take somebody out of the user's team; the user alone may always leave. Jobs and money stay with the team.

        Returns
        -------
        TeamView or None
            The team; None for who has left it.

        Raises
        ------
        InvalidRequest
            Nobody of this name is in the team.
        NotAllowed
            The user's own role does not allow it, or the team would be without an owner.
        """
        with self.store.transaction():
            team = self.team()
            if user not in team.members:
                raise InvalidRequest(
                    f"{user!r} is not in team {team.name}.",
                    remedy=f"Members: {', '.join(team.members)}.",
                    numbers={"user": user},
                )
            leaving = user == self.settings.user
            self._check(team, [(Action.LEAVE if leaving else Action.REMOVE, team.members[user])])
            self.store.remove_member(team.id, user)
        return None if leaving else self.team()

    @staticmethod
    def _check(team: TeamView, checks: list[tuple[Action, Role]]) -> None:
        owners = sum(role is Role.OWNER for role in team.members.values())
        for action, other in checks:
            if (error := refusal(action, team.role, other, owners=owners)) is not None:
                raise error


def _name(what: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_NAME or not value.isprintable():
        raise InvalidRequest(
            f"{what} {value!r:.80} does not fit: it takes 1 to {MAX_NAME} printable characters.",
            remedy=f"Give the name of a {what}.",
        )
    return value.strip()
