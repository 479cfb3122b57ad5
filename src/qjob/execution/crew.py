"""The workers of one executor: started when there is work, killed, and buried once it is known how they died.

Decides nothing about jobs: which worker holds which is in `qjob.execution.hands`, what becomes of them the runner's.
"""

import selectors
from collections.abc import Callable

from qjob.execution.hands import Hands
from qjob.execution.pool import Spawner
from qjob.execution.worker import Worker


class Crew:
    """Used from one thread, the executor's.

    Parameters
    ----------
    start
        Starts what workers come from; called when there is work and it is not there.
    selector
        Watches the sockets of the workers, whose data they are, and that of the spawner.

    Attributes
    ----------
    hands : Hands
        Which worker holds which jobs.
    """

    def __init__(self, start: Callable[[], Spawner], selector: selectors.BaseSelector) -> None:
        self.hands = Hands()
        self._start = start
        self._selector = selector
        self._spawner: Spawner | None = None

    def prepare(self) -> None:
        """Start what workers come from, where it is not there."""
        if self._spawner is None:
            self._spawner = self._start()
            if self._spawner.control is not None:
                self._selector.register(self._spawner.control, selectors.EVENT_READ, self._spawner)

    def hire(self) -> Worker:
        """Return a new worker."""
        self.prepare()
        assert self._spawner is not None  # noqa: S101 - prepared above
        worker = self._spawner.spawn()
        self._selector.register(worker.sock, selectors.EVENT_READ, worker)
        return worker

    def kill(self, worker: Worker) -> None:
        """End a worker now, whatever it does."""
        assert self._spawner is not None  # noqa: S101 - it started this worker
        self._spawner.kill(worker)

    def ended(self) -> list[Worker]:
        """Take the news of the spawner; return the workers that are known to have ended by it."""
        assert self._spawner is not None  # noqa: S101 - its socket was selected
        return self._spawner.control_ready()

    def leave(self, worker: Worker) -> None:
        """Watch a worker no more whose socket has come to its end."""
        self._forget(worker)
        if worker in self.hands.idle:
            self.hands.idle.remove(worker)
        self.hands.closing.add(worker)

    def buried(self) -> list[Worker]:
        """Return those that left and of which it is known by now how they died; they are dropped here."""
        dead = [
            worker
            for worker in self.hands.closing
            if self._spawner is not None and self._spawner.reap(worker)
        ]
        self.hands.closing.difference_update(dead)
        return dead

    def rest_if_gone(self) -> None:
        """Take leave of a spawner that has died, once all its workers are buried; the next job starts another."""
        if self._spawner is not None and self._spawner.gone and not self.hands.closing:
            self.rest()

    def rest(self) -> None:
        """End all workers and what they come from; the next job starts it again."""
        spawner, self._spawner = self._spawner, None
        self.hands = Hands()
        if spawner is None:
            return
        for key in list(self._selector.get_map().values()):
            if isinstance(key.data, Worker):
                self._forget(key.data)
        if spawner.control is not None:
            self._selector.unregister(spawner.control)
        spawner.close()

    def _forget(self, worker: Worker) -> None:
        if worker.sock.fileno() >= 0:
            self._selector.unregister(worker.sock)
            worker.sock.close()
