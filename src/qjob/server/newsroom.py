"""Tells every open stream when its job or batch has changed: one thread for all of them. Knows no tornado."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from qjob.engine import Engine
from qjob.model.errors import QjobError, StoreError, StoreUnavailable
from qjob.model.snapshot import BatchSnapshot, JobSnapshot

LOG = logging.getLogger(__name__)

PACE = 0.12
"""Seconds between two messages of a stream at the least: eight a second look smooth and stay cheap."""

SHARE = 4.0
"""The thread rests so many times as long as it has worked, so that many streams do not keep the server busy."""

LOOK_AGAIN = 5.0
"""Seconds until it looks once more, for what no news tell: that a worker which a job waits for has not come up."""

STORE_RETRY = 1.0
"""Seconds until a store that does not answer is asked again."""

Snapshot = JobSnapshot | BatchSnapshot


class Kind(StrEnum):
    """What a stream can be about."""

    JOB = "job"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a stream is about, by its full id.

    Parameters
    ----------
    after
        Of a stream for programs: the last row of the log that its reader has had. None: it is for a page.
    """

    kind: Kind
    id: str
    after: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class News:
    """How something stands at one moment.

    Parameters
    ----------
    number
        Grows with every news of a server, and from one server to the next as long as clocks do.
    data
        The whole state, encoded; all streams of one job share these bytes.
    ended
        Whether nothing can change any more.
    """

    number: int
    data: bytes
    ended: bool


class Gone(Exception):
    """What was watched cannot be watched any more."""


Offer = Callable[[News | Gone], None]


class Newsroom:
    """Reads the jobs that streams are about whenever the store may have changed, and offers what is new.

    The thread runs as long as there is a stream.

    Parameters
    ----------
    engine
        Returns the engine that answers for the jobs of everybody. Who may see which is decided before.
    encode
        Makes of a snapshot what is sent.
    clock
        Seconds since 1970, for the numbers of news.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        encode: Callable[[Snapshot], bytes],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine, self._encode, self._clock = engine, encode, clock
        self._lock = threading.Lock()
        self._offers: dict[Subject, dict[object, Offer]] = {}
        self._last: dict[Subject, Snapshot] = {}
        self._new: set[object] = set()  # who has not been told anything yet
        self._number = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def join(self, subject: Subject, offer: Offer) -> Callable[[], None]:
        """Have news of a job or batch offered from now on, how it stands first of all; return what ends that.

        Parameters
        ----------
        offer
            Is called in the thread of the newsroom and must return at once. Its last news have ``ended``; it gets
            `Gone` where there is nothing to watch any more.
        """
        who = object()
        with self._lock:
            self._offers.setdefault(subject, {})[who] = offer
            self._new.add(who)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="qjob-newsroom", daemon=True)
                self._thread.start()
        self._engine().feed.bump()  # so that it looks

        def leave() -> None:
            with self._lock:
                self._new.discard(who)
                offers = self._offers.get(subject, {})
                offers.pop(who, None)
                if not offers:
                    self._offers.pop(subject, None)
                    self._last.pop(subject, None)

        return leave

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            self._engine().feed.bump()
            thread.join(timeout=2)

    def _run(self) -> None:
        engine = self._engine()
        tick, trouble = engine.feed.tick, ""
        while True:
            with self._lock:
                if self._closed or not self._offers:
                    self._thread = None
                    return
                subjects = list(self._offers)
            began = time.monotonic()
            rest = PACE
            try:
                self._round(engine, subjects)
                rest = max(PACE, SHARE * (time.monotonic() - began))
                tick = engine.wait_for_news(tick, LOOK_AGAIN, mine=False)
                trouble = ""
            except StoreUnavailable as error:
                if str(error) != trouble:  # once, not with every try
                    LOG.warning("streams of jobs stand still: %s", error)
                rest, trouble = STORE_RETRY, str(error)
            except Exception:
                LOG.exception("streams of jobs")
                rest = STORE_RETRY
            time.sleep(max(0.0, began + rest - time.monotonic()))

    def _round(self, engine: Engine, subjects: Sequence[Subject]) -> None:
        """Look at each; what keeps one from being read is the affair of its streams alone, which end.

        Raises
        ------
        StoreUnavailable
            None of the last two could be read, so that it is hardly for their sake.
        """
        missed: StoreUnavailable | None = None
        for subject in subjects:
            try:
                self._look(engine, subject)
            except StoreUnavailable as error:
                if missed is not None:
                    raise
                missed = error
            except Exception as error:
                if isinstance(error, QjobError) and not isinstance(error, StoreError):
                    LOG.info("%s %s is not watched any more: %s", subject.kind, subject.id, error)
                else:
                    LOG.exception("%s %s is not watched any more", subject.kind, subject.id)
                self._tell(subject, Gone(str(error)))
        if missed is not None:
            raise missed

    def _look(self, engine: Engine, subject: Subject) -> None:
        """Offer what is new of a job or batch to its streams, and how it stands to those that are new."""
        snapshot = _snapshot(engine, subject)
        with self._lock:
            who: AbstractSet[object] = frozenset(self._offers.get(subject, {}))
            if self._last.get(subject) == snapshot:
                who &= self._new
            elif who:
                self._last[subject] = snapshot
        if who:
            data = self._encode(snapshot)
            self._number = max(self._number + 1, int(self._clock() * 1000))
            self._tell(subject, News(self._number, data, snapshot.ended), who)

    def _tell(self, subject: Subject, news: News | Gone, whom: AbstractSet[object] | None = None) -> None:
        with self._lock:
            offers = self._offers.get(subject, {})
            told = [(who, offer) for who, offer in offers.items() if whom is None or who in whom]
            self._new.difference_update(who for who, _ in told)
        for _, offer in told:
            offer(news)


def _snapshot(engine: Engine, subject: Subject) -> Snapshot:
    if subject.kind is Kind.BATCH:
        return engine.batch_snapshot(engine.store.batch(subject.id))
    return engine.snapshot(subject.id)
