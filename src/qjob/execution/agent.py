"""The agent: a process that imports a vendor's client once and talks to that service for all jobs of one engine.

Begun by `qjob.execution.start` in a session of its own; it ends with the process that started it, and its tasks go on
at the service. Never imports the user's ``__main__`` and never touches the store.

Frames that come in have one of the keys ``adapter`` (the first one), ``job`` (a task), ``cancel`` and ``ask``; those
that go out are events, as a worker's, and answers.
"""

import logging
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

from qjob import programs
from qjob.backends.base import Pause, Remote, Service, Task
from qjob.backends.known import catalogue_of
from qjob.backends.registry import Registry
from qjob.cache import Cache, DeviceBook
from qjob.catalog.loader import Catalogue
from qjob.execution.frames import Frame, arrivals, decode_task, encode, encode_event
from qjob.execution.turns import Turns
from qjob.model import errors
from qjob.model.backend import BackendInfo
from qjob.model.errors import QjobError, UnknownBackend, WorkerError
from qjob.model.events import Event

TOGETHER = 12
"""How many tasks may ask the service at the same time."""

ANSWERING = 4
"""How many questions are answered at the same time."""


class Agent:
    """Answers what one executor asks, and follows the tasks that it gives.

    Parameters
    ----------
    sock
        To the executor.
    service
        The adapter.
    registry, read_catalogue
        What makes backends of the catalogue's rows; these are read anew where one is missing.
    """

    def __init__(
        self,
        sock: socket.socket,
        service: Service,
        registry: Registry,
        read_catalogue: Callable[[], Catalogue],
    ) -> None:
        self._sock = sock
        self._service = service
        self._registry = registry
        self._read_catalogue = read_catalogue
        self._catalogue = read_catalogue()
        self._sending = threading.Lock()
        self._turns = Turns(self._follow, self._say, threads=TOGETHER)
        self._questions = ThreadPoolExecutor(ANSWERING, thread_name_prefix="qjob-question")

    def serve(self, frames: Iterator[Frame]) -> None:
        """Do what the frames say, until there are no more."""
        for head, tail in frames:
            if "cancel" in head:
                self._turns.cancel(head["cancel"])
            elif "let_go" in head:
                self._turns.drop(head["let_go"])
            elif "ask" in head:
                self._questions.submit(self._answer, head, tail)
            else:
                self._turns.add(decode_task(head, tail))

    def _info(self, slug: str) -> BackendInfo:
        try:
            return self._catalogue.get(slug)
        except UnknownBackend:  # a device that the service has shown since
            self._catalogue = self._read_catalogue()
            return self._catalogue.get(slug)

    def _follow(self, task: Task, cancelled: Callable[[], bool]) -> Iterator[Event | Pause | None]:
        # a device that was retired since takes no new jobs; this one is there
        backend = cast(Remote, self._service.backend(self._info(task.request.backend)))
        return backend.run(task, cancelled)

    def _say(self, job_id: str, event: Event) -> None:
        self._send(encode_event(job_id, event))

    def _answer(self, head: Mapping[str, Any], tail: bytes) -> None:
        number = head["ask"]
        try:
            said: Any = {"answer": number, "said": self._said(head, tail)}
        except QjobError as error:
            said = {"answer": number, "error": errors.to_object(error)}
        except Exception as error:  # noqa: BLE001 - the boundary of a process: told to the user, logged whole
            traceback.print_exc()
            broken = WorkerError(f"the adapter failed: {type(error).__name__}: {error}.")
            said = {"answer": number, "error": errors.to_object(broken)}
        self._send(encode(said))

    def _said(self, head: Mapping[str, Any], tail: bytes) -> Any:
        if head["about"] == "devices":
            return self._service.devices(head["targets"])
        task = decode_task(head, tail)
        profile = task.profile or programs.profile(programs.circuit(task.request.program))
        backend = cast(Remote, self._registry.backend(self._info(task.request.backend)))
        return backend.preflight(task.request, profile)

    def _send(self, frame: bytes) -> None:
        with self._sending:
            try:
                self._sock.sendall(frame)
            except (BrokenPipeError, ConnectionResetError):
                return  # the executor is gone, and so is this process in a moment


def _received(sock: socket.socket) -> Iterator[Frame]:
    """Yield frames until the peer closes; they are taken off the socket even while nobody asks for them.

    So the executor, which must never wait, can hand over hundreds of tasks while the vendor's client is imported.
    """
    queue: SimpleQueue[Frame | None] = SimpleQueue()

    def read() -> None:
        try:
            for arrived in arrivals(sock):
                for frame in arrived:
                    queue.put(frame)
        except OSError:
            traceback.print_exc()
        queue.put(None)

    threading.Thread(target=read, name="qjob-reader", daemon=True).start()
    while (frame := queue.get()) is not None:
        yield frame


def main(sock: socket.socket, home: str) -> int:
    """Serve a socket in a process of its own; return the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s")
    frames = _received(sock)
    first, _ = next(frames, ({}, b""))
    if "adapter" not in first:
        return 0
    registry = Registry()
    service = cast(Service, registry.provider(first["adapter"]))
    service.load()
    book = DeviceBook(Cache(Path(home), lambda: datetime.now(UTC)))
    Agent(sock, service, registry, lambda: catalogue_of(Path(home), lambda: book.all().values())).serve(
        frames
    )
    return 0
