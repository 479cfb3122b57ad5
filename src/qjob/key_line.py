"""``qjob key``: make, list and revoke API keys. Prints a key once; the rest is the engine's."""

import argparse
import sys
from datetime import datetime

from qjob.engine import Engine, connect
from qjob.model.key import ApiKey, Scope

GRANTS = {
    Scope.READ: "see the jobs, results and budget of the team",
    Scope.SUBMIT: "submit, cancel and retry jobs, which the team pays, and delete those of this user",
    Scope.INLINE: "run Python code of its own on the machine of the server",
}
"""What each scope lets whoever has the key do."""


def add_parser(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to a command line."""
    parser = verbs.add_parser(
        "key",
        help="make, list and revoke the API keys that open this user's jobs over HTTP",
        description="Whoever has the text of a key is this user, in one team, as far as its scopes go.",
    )
    what = parser.add_subparsers(dest="what", required=True)
    create = what.add_parser(
        "create",
        help="make a key and print it; it cannot be shown again",
        description="Make a key and print it, and nothing else, to standard output:\n"
        "  QJOB_KEY=$(qjob key create NAME)\nOnly a digest of it is stored, so that it cannot be shown again.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="scopes:\n"
        + "".join(f"  {scope:<7} lets whoever has the key {does}\n" for scope, does in GRANTS.items())
        + "\ninline is never given unless it is asked for. The code runs in a process of its own, with limits on\n"
        "time, memory, output and processes, without this user's environment. It still is code of somebody else\n"
        "on this machine: give it only to whom you would lend the machine.",
    )
    create.add_argument("name", metavar="NAME", help="for people, such as the script that is to use it")
    create.add_argument(
        "--scope", default="read,submit", metavar="S[,S]", help="what it is for (default: read,submit)"
    )
    create.add_argument(
        "--team", metavar="T", help="the team that it opens (default: the one you are in now)"
    )
    create.add_argument("--email", metavar="E", help="who uses it; a request that says otherwise is refused")
    create.add_argument("--organization", metavar="O", help="for whom; as above")
    create.add_argument("--days", type=int, metavar="N", help="how long it is valid (default: until revoked)")
    what.add_parser("list", help="list your keys, without their texts")
    revoke = what.add_parser("revoke", help="let a key open nothing any more, from now on and for good")
    revoke.add_argument("id", metavar="ID", help="its id, the beginning of it, or its name")


def main(arguments: argparse.Namespace) -> int:
    """Do what the arguments say; return the exit status."""
    with connect() as engine:
        if arguments.what == "create":
            text, said = _create(engine, arguments)
            print(text)
            print(said, file=sys.stderr)
        elif arguments.what == "list":
            print(table(engine))
        else:
            key = engine.revoke_key(arguments.id)
            print(f"Key {key.id} ({key.name}) opens nothing any more.")
    return 0


def _create(engine: Engine, arguments: argparse.Namespace) -> tuple[str, str]:
    """Make a key; return its text, and what is to be said of it."""
    key, text = engine.create_key(
        arguments.name,
        scopes=arguments.scope,
        team=arguments.team,
        email=arguments.email,
        organization=arguments.organization,
        days=arguments.days,
    )
    teams = {team.id: team.name for team in engine.teams()}
    until = "until it is revoked" if key.expires_at is None else f"until {_moment(key.expires_at)}"
    said = "\n".join(
        [
            f"This is the only time that it is shown. It stands for {key.user} in team {teams[key.team]}, {until}.",
            "Whoever has it can",
            *(f"  - {does}" for scope, does in GRANTS.items() if scope in key.scopes),
            f"Take it back: qjob key revoke {key.id}",
        ]
    )
    return text, said


def table(engine: Engine) -> str:
    """Return the user's keys, a line each; of their texts nothing but the ids."""
    keys = engine.keys()
    if not keys:
        return f"{engine.settings.user} has no API keys. Make one: qjob key create NAME"
    teams = {team.id: team.name for team in engine.teams()}
    lines = [("ID", "NAME", "TEAM", "SCOPES", "EMAIL", "ORGANIZATION", "LAST USED", "VALID")]
    for key in keys:
        left = key.team not in teams
        lines.append(
            (
                key.id,
                key.name,
                teams.get(key.team, key.team[:8]),
                ",".join(scope for scope in Scope if scope in key.scopes),
                key.email or "any",
                key.organization or "any",
                "never" if key.last_used_at is None else _moment(key.last_used_at),
                "no: you have left the team" if left else _validity(key, engine.store.clock()),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _validity(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"no: revoked {_moment(key.revoked_at)}"
    if key.expires_at is None:
        return "until revoked"
    return f"{'until' if key.valid(now) else 'no: over since'} {_moment(key.expires_at)}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
