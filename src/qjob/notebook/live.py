"""Keeps the cards of running jobs and batches up to date from one thread, as long as any of them runs.

A card shows what the store says and never holds a state of its own, so it makes no difference whether this
kernel or another process runs the job.
"""

import contextlib
import threading
import time
from collections.abc import Callable

from qjob.engine import Engine
from qjob.model.errors import StoreError
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.notebook.card import LiveCard

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

    def show(self, snapshot: Snapshot) -> None:
        """Display a job or a batch: a live card while it runs."""
        card = self._open_card(snapshot)
        card.show()
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
        tick = self._engine.feed.tick
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
                    waits = any(snapshot.outlook is not None for _, snapshot in shown)
                    tick = self._engine.wait_for_news(tick, LOOK_AGAIN if waits else None, mine=mine)
            except StoreError:  # a full or locked disk: the cards stand still until the store answers again
                rested += STORE_RETRY
            with contextlib.suppress(ValueError):  # more than the pause is over
                time.sleep(rested - time.monotonic())

    def _is_mine(self, last: Snapshot) -> bool:
        if isinstance(last, BatchSnapshot):
            return last.pending is None and self._engine.is_owner(last.owner)
        return self._engine.runs_here(last.job)

    def _look(self, last: Snapshot) -> Snapshot:
        if isinstance(last, BatchSnapshot):
            return self._engine.batch_snapshot(last.batch)
        return self._engine.snapshot(last.id)

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
