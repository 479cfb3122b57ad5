"""Brings a picture of jobs that run up to date until they have ended, from a thread. Knows not what is drawn."""

import atexit
import contextlib
import threading
from typing import TYPE_CHECKING

from qjob.model.errors import QjobError, StoreError

if TYPE_CHECKING:
    from qjob.notebook.pictures.picture import Picture
    from qjob.notebook.session import Session

PAUSE = 0.25
"""Seconds between two updates of a picture."""

STORE_RETRY = 1.0
"""Seconds until a store that does not answer is asked again."""


class Following:
    """What keeps one picture up to date; ends by itself when its jobs have, or with the session.

    Parameters
    ----------
    session
        Whose picture it is.
    picture
        What is brought up to date.
    """

    def __init__(self, session: "Session", picture: "Picture") -> None:
        self._session, self._engine, self._picture = session, session.engine, picture
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="qjob-picture", daemon=True)

    def begin(self) -> None:
        """Start to follow."""
        # registered after the engine's own, so run before it: who still looks would open it again
        atexit.register(self.rest)
        self._session.open.append(self)
        self._thread.start()

    def rest(self) -> None:
        """Look for no more news; what is shown stays."""
        self._closed.set()
        self._engine.feed.bump()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2)
        self._forget()

    def wait(self, timeout: float) -> bool:
        """Return whether it has ended within so many seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _follow(self) -> None:
        tick = self._engine.feed.tick
        while not self._closed.is_set():
            pause = PAUSE
            try:
                for each in self._picture.going:
                    self._picture.update(self._engine.snapshot(each.id))
                going = self._picture.going
                if not going:  # no news may come any more
                    break
                mine = all(self._engine.runs_here(each.job) for each in going)
                tick = self._engine.wait_for_news(tick, None, mine=mine)
            except (
                StoreError
            ):  # a full or locked disk: the picture stands still until the store answers again
                pause = STORE_RETRY
            except QjobError as error:  # a job was deleted, or its bits do not fit beside the others
                self._picture.tell(str(error))
                break
            self._closed.wait(pause)
        self._forget()

    def _forget(self) -> None:
        atexit.unregister(self.rest)
        with contextlib.suppress(ValueError):
            self._session.open.remove(self)
