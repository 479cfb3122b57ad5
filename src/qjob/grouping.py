"""Groups of jobs that belong together, as an engine answers for them. Submits nothing; `Engine.submit` puts jobs in.

A group belongs to one team, whose members see it and may submit to it. Only who made it, and the team's owners and
admins, may close, cancel or delete it.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime

import orjson

from qjob import typed
from qjob.handle import Job
from qjob.model.backend import did_you_mean
from qjob.model.errors import IllegalMove, InvalidRequest, NotAllowed
from qjob.model.group import MAX_TTL, Group, GroupStatus
from qjob.model.team import Role
from qjob.settings import Settings
from qjob.store.store import Store

MAX_METADATA = 20_000
"""The most bytes that the metadata of a group have as JSON."""


class Grouping(ABC):
    """The groups of the user's team."""

    settings: Settings
    _clock: Callable[[], datetime]

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where they are."""

    @abstractmethod
    def _draw(self, bits: int) -> int:
        """Return random bits, for ids."""

    @abstractmethod
    def _job(self, job_id: str) -> Job:
        """Return the handle of a job."""

    @abstractmethod
    def cancel_all(self, job_ids: list[str]) -> int:
        """Ask for jobs to end, whichever process runs them; return how many had not ended yet."""

    def create_group(
        self,
        name: str | None = None,
        tags: Mapping[str, str | int | bool] | None = None,
        metadata: Mapping[str, object] | None = None,
        max_ttl: int | None = None,
    ) -> Group:
        """Make an open group for the team that the user's jobs belong to.

        Parameters
        ----------
        name, tags
            For people to find it again.
        metadata
            JSON values, kept as they are.
        max_ttl
            Seconds after which it closes by itself, up to a day; None: not before somebody closes it.

        Raises
        ------
        InvalidRequest
            One of these does not fit.
        """
        group = Group(
            id=str(uuid.UUID(int=self._draw(128), version=4)),
            team="",  # the store knows
            user=self.settings.user,
            name=None if name is None else typed.text("name", name),
            tags=_tags(tags or {}),
            metadata=_metadata(metadata or {}),
            max_ttl=None if max_ttl is None else _ttl(max_ttl),
            created_at=self._clock(),
        )
        return self.store.add_group(group)

    def group(self, group_id: str) -> Group:
        """Return a group of the team, as it stands.

        Raises
        ------
        NoSuchGroup
            The team has none of this full id (any more).
        """
        return self.store.group(self.settings.user, group_id)

    def groups(
        self, status: GroupStatus | str | None = None, limit: int = 50, offset: int = 0
    ) -> tuple[list[Group], int]:
        """Return a page of the team's groups, the newest first, and how many there are in all.

        Parameters
        ----------
        status
            Only these.
        limit, offset
            How many at the most, and how many are passed over before.

        Raises
        ------
        InvalidRequest
            There is no such status, or one of the numbers is none.
        """
        for what, number in (("limit", limit), ("offset", offset)):
            if not _is_whole(number, 0, 2**31 - 1):
                raise InvalidRequest(
                    f"{what}={number!r:.60} is no number of groups.", remedy=f"Give one such as {what}=50."
                )
        wanted = None if status is None else _status(status)
        return self.store.groups(self.settings.user, wanted, limit=limit, offset=offset)

    def jobs_of_group(self, group_id: str) -> list[Job]:
        """Return the jobs of a group, the oldest first.

        Raises
        ------
        NoSuchGroup
            The team has none of this full id (any more).
        """
        return [self._job(job_id) for job_id in self.store.jobs_of_group(self.group(group_id).id)]

    def close_group(self, group_id: str) -> Group:
        """Let a group take no more jobs; return it. Those in it go on. Again is harmless.

        Raises
        ------
        NoSuchGroup
            The team has none of this full id (any more).
        NotAllowed
            Somebody else made it, and the user is no owner or admin of the team.
        """
        self._expect_may("close", group_id)
        return self.store.change_group(self.settings.user, group_id, "close")

    def cancel_group(self, group_id: str) -> Group:
        """Close a group, and ask for its unfinished jobs to end; return it.

        Raises
        ------
        NoSuchGroup, NotAllowed
            As for `close_group`.
        IllegalMove
            All of it has ended already.
        """
        before = self._expect_may("cancel", group_id)
        if before.status not in (GroupStatus.OPEN, GroupStatus.CLOSED, GroupStatus.CANCELLED):
            raise IllegalMove(
                f"group {group_id[:8]} is {before.status} already: nothing is left to cancel.",
                remedy="Its jobs can be run again one by one: engine.retry(ID)",
                numbers={"group": group_id, "status": str(before.status)},
            )
        # no job comes in from here on, so that these are all
        self.store.change_group(self.settings.user, group_id, "cancel")
        self.cancel_all(self.store.jobs_of_group(group_id))
        return self.group(group_id)

    def delete_group(self, group_id: str) -> Group:
        """Forget a group whose jobs have all ended; they stay. Return it as it was.

        Raises
        ------
        NoSuchGroup, NotAllowed
            As for `close_group`.
        IllegalMove
            Some of its jobs have not ended.
        """
        with self.store.transaction():
            self._expect_may("delete", group_id)
            group = self.store.change_group(self.settings.user, group_id, "delete")
            unfinished = sum(count for status, count in group.statuses.items() if not status.ended)
            if unfinished:
                raise IllegalMove(
                    f"{unfinished} of the {group.size} jobs of group {group_id[:8]} have not ended.",
                    remedy="Wait for them, or cancel the group first.",
                    numbers={"group": group_id, "unfinished": unfinished},
                )
        return group

    def _expect_may(self, what: str, group_id: str) -> Group:
        user = self.settings.user
        group = self.group(group_id)
        role = self.store.role_of(group.team, user)
        if group.user != user and role not in (Role.OWNER, Role.ADMIN):
            raise NotAllowed(
                f"group {group_id[:8]} is {group.user}'s, and {user} may not {what} it.",
                remedy=f"Ask {group.user}, or an owner or admin of the team.",
                numbers={"user": group.user, "role": role and str(role)},
            )
        return group


def _tags(tags: object) -> dict[str, str | int | bool]:
    """Return tags as they were given, once their texts are found to be fit for tags."""
    if not isinstance(tags, Mapping) or not all(isinstance(value, str | int) for value in tags.values()):
        raise InvalidRequest(
            "the tags of a group are an object whose values are texts, whole numbers, true or false.",
            remedy='Give such as {"run": 7}.',
        )
    typed.tags({key: str(value) for key, value in tags.items()})
    return dict(tags)


def _metadata(metadata: object) -> dict[str, object]:
    try:
        size = len(orjson.dumps(metadata))
    except TypeError:
        size = -1
    if not isinstance(metadata, Mapping) or not 0 <= size <= MAX_METADATA:
        raise InvalidRequest(
            f"the metadata of a group are a JSON object of at most {MAX_METADATA:,} bytes.",
            remedy="Leave out what is not needed.",
            numbers={"maximum": MAX_METADATA},
        )
    return dict(metadata)


def _is_whole(value: object, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _ttl(seconds: int) -> int:
    if not _is_whole(seconds, 1, MAX_TTL):
        raise InvalidRequest(
            f"max_ttl takes a whole number of seconds from 1 to {MAX_TTL:,}, not {seconds!r:.40}.",
            remedy="Leave it out for a group that stays open.",
            numbers={"minimum": 1, "maximum": MAX_TTL},
        )
    return seconds


def _status(status: object) -> GroupStatus:
    known = [each.value for each in GroupStatus]
    word = str(status).upper()
    if word not in known:
        raise InvalidRequest(
            f"a group is never {status!r:.80}{did_you_mean(word, known)}.",
            remedy=f"A group is {', '.join(known)}.",
        )
    return GroupStatus(word)
