"""What keeps an archive of jobs in order: tags, what it takes up on the disk, and what is erased of it for good.

Erased are program and result; what a job cost, when it ran and what it was asked for are never forgotten.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from qjob import typed
from qjob.model.errors import IllegalMove, InvalidRequest, NotAllowed, StoreUnavailable
from qjob.model.job import JobRecord
from qjob.model.team import Role
from qjob.model.upkeep import DiskUse, Erased
from qjob.settings import Settings
from qjob.store.sqlite.space import BESIDE
from qjob.store.store import Store

CHUNK = 100
"""Jobs that are erased in one transaction at the most: some milliseconds, for which a submission waits."""

CHUNK_BYTES = 32_000_000
"""How many bytes of them, unless one job alone has more; a SQLite file's log becomes as long as a transaction."""

SHOWN = 5
"""How many jobs an error names."""

LONGEST = timedelta(days=36500)
"""The highest age that is taken."""


class Upkeep(ABC):
    """The archive as its user tidies it up, as an engine does it."""

    settings: Settings

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where the jobs are."""

    @abstractmethod
    def resolve(self, text: str) -> str:
        """Return the full id that an id, the beginning of one, or a name stands for."""

    # -- tags -------------------------------------------------------------------------------------------------

    def tag(self, job_id: str, changes: Mapping[str, str | None]) -> JobRecord:
        """Change the tags of a job; the others stay.

        Parameters
        ----------
        job_id
            The job's id, the beginning of it, or its name.
        changes
            Key to value; None takes a tag away, if it is there.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            No job, or several.
        InvalidRequest
            A key or a value that does not fit, or more tags than a job can have.
        NotAllowed
            The job is somebody else's, of a team that the user is not in.
        """
        taken = {typed.text("tag", key, typed.MAX_TAG) for key, value in changes.items() if value is None}
        given = typed.tags({key: value for key, value in changes.items() if value is not None})

        def change(before: Mapping[str, str]) -> Mapping[str, str]:
            left = {key: value for key, value in before.items() if key not in taken}
            return typed.tags({**left, **given})

        record = self.store.job(self.resolve(job_id))
        self._check_may(record, "tag", (Role.OWNER, Role.ADMIN, Role.MEMBER))
        return self.store.set_tags(record.id, change)

    # -- erasing ----------------------------------------------------------------------------------------------

    def delete(self, ids: Sequence[str]) -> Erased:
        """Erase the programs and results of ended jobs, for good: counts, state vector, progress, kept texts.

        Times, money, rate slots, names, tags and the log stay, and a line of it says who erased them. A program that
        another job has run too stays until that one is erased. What a service keeps of its own is not touched. Lists
        show erased jobs no more, unless they are asked to.

        Parameters
        ----------
        ids
            Ids, beginnings of ids, or names; the same twice is once, and what is erased already is passed over.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            One of them is no job, or stands for several; nothing was erased.
        IllegalMove
            Some have not ended yet; nothing was erased.
        NotAllowed
            Some are somebody else's, and the user is no owner or admin of their team; nothing was erased.
        """
        return self._erase(self.expect_erasable(ids))

    def expect_erasable(self, ids: Sequence[str]) -> list[str]:
        """Refuse what `delete` would refuse; return the full ids of the jobs, each once. Nothing is erased."""
        texts = [ids] if isinstance(ids, str) else list(ids)
        full = list(dict.fromkeys(self.resolve(text) for text in texts))
        records = [self.store.job(job_id) for job_id in full]
        for record in records:
            self._check_may(record, "delete", (Role.OWNER, Role.ADMIN))
        going_on = [record for record in records if not record.status.ended]
        if going_on:
            raise _not_ended(going_on)
        return full

    def gc(self, older: timedelta) -> Erased:
        """Erase, as `delete` does, what all jobs of the user have run that ended so long ago or longer.

        Some at a time, so that others can submit meanwhile. Then what is free in the store is given back to the disk,
        where nothing runs; ``kept`` says why not.

        Raises
        ------
        InvalidRequest
            The age is not positive, or more than a hundred years.
        """
        before, after, erased = self._before(older), -1, Erased(0, 0)
        while found := self.store.ended_before(self.settings.user, before, after=after, limit=CHUNK):
            after = found[-1][0]
            some = self._erase([job_id for _, job_id in found])
            erased = Erased(erased.jobs + some.jobs, erased.bytes + some.bytes)
        freed, kept = self._give_back()
        return Erased(erased.jobs, erased.bytes, freed, kept)

    def count_older(self, older: timedelta) -> int:
        """Return how many jobs `gc` would erase.

        Raises
        ------
        InvalidRequest
            As for `gc`.
        """
        return self.store.count_ended_before(self.settings.user, self._before(older))

    def _before(self, older: object) -> datetime:
        if not isinstance(older, timedelta) or not timedelta() < older <= LONGEST:
            raise InvalidRequest(
                f"an age of {older!s:.80} does not fit: it is more than nothing and at most {LONGEST.days:,} days.",
                remedy="Give one such as timedelta(days=90). To erase single jobs: %qjob delete JOB",
            )
        return self.store.clock() - older

    def _erase(self, ids: Sequence[str]) -> Erased:
        jobs = size = 0
        for chunk in _chunks(ids, self.store.sizes(ids)):
            some = self.store.erase(chunk, self.settings.user)
            jobs, size = jobs + some.jobs, size + some.bytes
        return Erased(jobs, size)

    def _give_back(self) -> tuple[int, str]:
        """Give disk space back; return how many bytes, and why not."""
        if self.store.any_unfinished():
            return (
                0,
                "Jobs are under way: what is free in the store is used again, and given back another time.",
            )
        try:
            return self.store.shrink(), ""
        except StoreUnavailable as error:  # what was erased is erased all the same
            return 0, f"What is free in the store was not given back: {error.message}"

    # -- the disk ---------------------------------------------------------------------------------------------

    def disk(self) -> DiskUse:
        """Return how many bytes the archive takes up: the store, wherever it is, and the rest of the home folder."""
        home, store = self.settings.home, self.settings.database
        own = (
            set()
            if self.settings.database_url is not None
            else {store.with_name(store.name + end) for end in BESIDE}
        )
        parts = {"store": self.store.size(), "logs": 0, "cache": 0, "other": 0}
        for file in home.rglob("*"):
            if file not in own:
                parts[_part_of(file.relative_to(home))] += _size(file)
        return DiskUse(sum(parts.values()), parts)

    def _check_may(self, record: JobRecord, what: str, roles: Sequence[Role]) -> None:
        user = self.settings.user
        role = None if record.team is None else self.store.role_of(record.team, user)
        if record.user == user or role in roles:
            return
        raise NotAllowed(
            f"job {record.id[:8]} is {record.user}'s, and {user} may not {what} it.",
            remedy=f"Ask {record.user}, or an owner or admin of the team.",
            numbers={"job": record.id, "user": record.user, "role": role and str(role)},
        )


def _chunks(ids: Sequence[str], sizes: Sequence[int]) -> Iterator[list[str]]:
    """Split ids so that no part is more than `CHUNK` jobs, nor, where it is several, more than `CHUNK_BYTES`."""
    chunk: list[str] = []
    total = 0
    for job_id, size in zip(ids, sizes, strict=True):
        if chunk and (len(chunk) == CHUNK or total + size > CHUNK_BYTES):
            yield chunk
            chunk, total = [], 0
        chunk.append(job_id)
        total += size
    if chunk:
        yield chunk


def _not_ended(jobs: Sequence[JobRecord]) -> IllegalMove:
    named = ", ".join(f"{job.id[:8]} ({job.status})" for job in jobs[:SHOWN])
    more = f" and {len(jobs) - SHOWN} more" if len(jobs) > SHOWN else ""
    one = len(jobs) == 1
    return IllegalMove(
        f"{len(jobs)} of these jobs {'has' if one else 'have'} not ended: {named}{more}. Nothing was erased.",
        remedy=f"Wait for {'it' if one else 'them'}, or cancel: %qjob cancel {jobs[0].id[:8]}",
        numbers={"unfinished": len(jobs), "jobs": [job.id for job in jobs]},
    )


def _part_of(path: Path) -> str:
    if path.parts[0] == "logs":
        return "logs"
    return "cache" if path.parts[0].startswith("cache.sqlite") else "other"


def _size(file: Path) -> int:
    try:
        found = file.lstat()
    except OSError:  # gone meanwhile
        return 0
    return found.st_size if not file.is_dir() else 0
