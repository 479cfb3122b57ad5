"""``%qjob team``: what its words do, and the team as a table. Knows no shell."""

from collections.abc import Callable

from qjob.engine import Engine
from qjob.membership import TeamView
from qjob.model.errors import InvalidRequest
from qjob.showing.tables import Table
from qjob.showing.wording import short_id

USAGE = (
    "%qjob team, %qjob team invite USER [--role owner|admin|member], %qjob team remove USER, "
    "%qjob team switch NAME, %qjob team new NAME"
)


def run(engine: Engine, words: list[str]) -> Table:
    """Do what the words say, and return the team that the user's jobs belong to then.

    Raises
    ------
    Refusal
        Words that mean nothing, or what the user may not do.
    """
    actions: dict[str, Callable[[str], object]] = {
        "switch": engine.switch_team,
        "new": engine.create_team,
        "remove": engine.remove,
    }
    match words:
        case []:
            pass
        case ["invite", user]:
            engine.invite(user)
        case ["invite", user, "--role", role] | ["invite", "--role", role, user]:
            engine.invite(user, role)
        case [verb, name] if verb in actions:
            actions[verb](name)
        case _:
            raise InvalidRequest(f"%qjob team cannot do {' '.join(words)!r:.80}.", remedy=USAGE)
    return view(engine.team(), engine.teams())


def view(team: TeamView, all_teams: list[TeamView]) -> Table:
    """Return a team's members, and the other teams of the user."""
    rows = [(user, str(role)) for user, role in team.members.items()]
    others = [
        f"{other.name} ({short_id(other.id)}, {other.role})" for other in all_teams if other.id != team.id
    ]
    lines = [f"Team {team.name} ({short_id(team.id)}): your jobs belong to it, and it pays for them."]
    if others:
        lines.append(f"You are also in {', '.join(others)}. Change with: %qjob team switch NAME")
    return Table(("member", "role"), rows, "\n".join(lines))
