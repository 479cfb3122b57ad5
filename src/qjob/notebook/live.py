"""Keeps the cards of running jobs and batches up to date from one thread, as long as any of them runs.

A card shows what the store says and never holds a state of its own, so it makes no difference whether this
kernel or another process runs the job.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from qjob.engine import Engine, utc_now
from qjob.model.errors import StoreError
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.notebook import notifying
from qjob.notebook.card import LiveCard
from qjob.notebook.expecting import AFTER, Expecting, history

PAUSE = 0.12
"""Seconds between two updates of a card: eight a second look smooth and stay cheap."""

LOOK_AGAIN = 5.0
"""Seconds until a card looks once more whether the worker that its job waits for has come up: no news says so."""

STORE_RETRY = 1.0
"""Seconds until a store that does not answer is asked again."""

Snapshot = JobSnapshot | BatchSnapshot


class LiveCards:
    """The cards of one session.

    Parameters
    ----------
    engine
        Answers for the jobs.
    open_card
        Makes a card for a snapshot.
    """

    def __init__(self, engine: Engine, open_card: Callable[[Snapshot], LiveCard]) -> None:
        self._engine = engine
        self._open_card = open_card
        self._cards: list[tuple[LiveCard, Snapshot]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._expecting = Expecting(history(engine))
        self._notify: bool | None = None  # None: nobody has looked yet whether the user wants it

    def show(self, snapshot: Snapshot) -> None:
        """Display a job or a batch: a live card while it runs."""
        card = self._open_card(snapshot)
        card.show()
        if self._notify:
            card.notify(on=True)
        with self._lock:
            self._cards.append((card, snapshot))
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="qjob-cards", daemon=True)
                self._thread.start()
        self._engine.feed.bump()

    def settle(self, shown_id: str) -> None:
        """Bring the cards of one job or batch up to date now, in the calling thread."""
        with self._lock:
            last = next((last for _, last in self._cards if last.id == shown_id), None)
        if last is None:
            return
        snapshot = self._look(last)
        with self._lock:
            renewed = [self._renew(entry, snapshot) for entry in self._cards]
            self._cards = [entry for entry in renewed if entry is not None]

    def notify(self, *, on: bool) -> None:
        """Have every card show whether the end of its job is going to be told."""
        with self._lock:
            self._notify, cards = on, [card for card, _ in self._cards]
        for card in cards:
            card.notify(on=on)

    def leave(self) -> None:
        """Replace what is still live by the receipt of its last state; nothing will bring it up to date again."""
        with self._lock:
            left, self._cards = self._cards, []
        for card, last in left:
            card.finish(self._look(last))

    def close(self) -> None:
        """End the thread; cards stay as they are."""
        with self._lock:
            thread, self._closing = self._thread, True
        self._engine.feed.bump()
        if thread is not None:
            thread.join(timeout=2)

    def _loop(self) -> None:
        tick, began = self._engine.feed.tick, time.monotonic()
        while True:
            with self._lock:
                if self._closing or not self._cards:
                    self._thread = None
                    return
                shown = list(self._cards)
            mine = all(self._is_mine(snapshot) for _, snapshot in shown)
            rested = time.monotonic() + PAUSE
            try:
                for shown_id in {snapshot.id for _, snapshot in shown}:
                    self.settle(shown_id)
                if self._cards:  # else the last one has just ended, and no news may come any more
                    tick = self._engine.wait_for_news(tick, self._patience(), mine=mine)
                if self._notify is None and self._cards and time.monotonic() - began >= AFTER:
                    self._look_for_wish()
            except StoreError:  # a full or locked disk: the cards stand still until the store answers again
                rested += STORE_RETRY
            with contextlib.suppress(ValueError):  # more than the pause is over
                time.sleep(rested - time.monotonic())

    def _patience(self) -> float | None:
        """Return after how many seconds to look again even if there is no news; None: never."""
        with self._lock:
            shown = [snapshot for _, snapshot in self._cards]
        waits = [LOOK_AGAIN for snapshot in shown if snapshot.outlook is not None]
        return min([*waits, *self._thoughts(shown)], default=None if self._notify is not None else AFTER)

    def _thoughts(self, shown: Iterable[Snapshot]) -> list[float]:
        jobs = [snapshot for snapshot in shown if isinstance(snapshot, JobSnapshot)]
        return [pause for pause in map(self._expecting.again, jobs) if pause is not None]

    def _look_for_wish(self) -> None:
        """Look whether the user wants to be told: late, since that takes a file, and short jobs are never told of."""
        if notifying.wanted(self._engine):
            self.notify(on=True)
        elif self._notify is None:
            self._notify = False

    def _is_mine(self, last: Snapshot) -> bool:
        if isinstance(last, BatchSnapshot):
            return last.pending is None and self._engine.is_owner(last.owner)
        return self._engine.runs_here(last.job)

    def _look(self, last: Snapshot) -> Snapshot:
        if isinstance(last, BatchSnapshot):
            return self._engine.batch_snapshot(last.batch)
        found = self._engine.snapshot(last.id)
        expected = self._expecting.of(found, utc_now())
        return found if expected is None else replace(found, eta=expected)

    @staticmethod
    def _renew(entry: tuple[LiveCard, Snapshot], now: Snapshot) -> tuple[LiveCard, Snapshot] | None:
        """Show a newer snapshot on a card of the same job or batch; None where the card is done."""
        card, last = entry
        if last.id != now.id or last == now:
            return entry
        if now.ended:
            card.finish(now)
            return None
        card.update(now)
        return card, now
