"""Programs read in another process, for who must not stand still meanwhile: a server with an event loop.

A parser holds the interpreter: a long text stops every thread for seconds. What is short is read by one process that
stays, what is long by one of its own that ends with it. Both say only what is known of the circuit, never the
circuit. JSON between them, no pickle. Run as ``python -m qjob.reading FD`` this module is that process.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from threading import BoundedSemaphore, Lock
from typing import Any

import orjson

from qjob.examining import Examined, examined
from qjob.model.errors import InvalidRequest, QjobError, Refusal, ServiceUnavailable, WorkerError
from qjob.model.program import CircuitProfile, Program, ProgramFormat

SHORT = 20_000
"""Bytes that are read by the process that stays, within some milliseconds."""

AT_ONCE = 2
"""How many long texts are read at a time."""

LONGEST = 60.0
"""Seconds that one may take."""

AGAIN = 5.0
MODULE = "qjob.reading"

Work = Callable[[Mapping[str, Any], bytes], tuple[Mapping[str, Any], bytes]]
"""What the other process does: arguments and bytes in, figures and bytes out."""


class TooSlow(Refusal):
    """It takes longer to read than anybody waits for."""

    code = "too_slow"


class Reader:
    """Has functions run in other processes; all methods may be called from any thread.

    Parameters
    ----------
    longest
        Seconds that one call may take.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._staying: _Process | None = None
        self._turn, self._room = Lock(), BoundedSemaphore(AT_ONCE)

    def examine(self, program: object) -> Examined:
        """Do what `qjob.examining.examined` does.

        Raises
        ------
        Refusal
            The program can run nowhere, or is too long to be read; or too many long ones are being read.
        WorkerError
            No process could be started, or it has ended.
        """
        if not isinstance(program, Program):
            return examined(program)
        ask = partial(self._of_program, program)
        return Examined(
            program,
            CircuitProfile.from_object(ask("profile")),
            lambda: str(ask("fingerprint")),
            lambda: dict(ask("elementary")),
        )

    def _of_program(self, program: Program, wanted: str) -> Any:
        given = {"format": program.format.value, "wanted": wanted}
        return self.ask(f"{MODULE}:known_of", given, program.data)[0]["known"]

    def ask(self, work: str, given: Mapping[str, Any], data: bytes) -> tuple[Mapping[str, Any], bytes]:
        """Return what a function returns, or raise its refusal.

        Parameters
        ----------
        work
            Where that `Work` is: ``module:name``.
        """
        if len(data) > SHORT:
            with self._of_its_own() as process:
                return process.ask(work, given, data, self._longest)
        with self._turn:
            if self._staying is None:
                self._staying = _Process()
            try:
                return self._staying.ask(work, given, data, self._longest)
            except QjobError as error:
                if self._staying.over:
                    self._staying = None
                raise error from None

    def warm(self) -> None:
        """Have the process that stays there before it is needed."""
        with self._turn:
            if self._staying is None:
                self._staying = _Process()

    def close(self) -> None:
        """End it."""
        with self._turn:
            staying, self._staying = self._staying, None
            if staying is not None:
                staying.end()

    @contextmanager
    def _of_its_own(self) -> "Iterator[_Process]":
        if not self._room.acquire(blocking=False):
            raise ServiceUnavailable(
                f"{AT_ONCE} long requests are being read, and no more are at a time.",
                remedy="Send it again in a few seconds.",
                numbers={"at_once": AT_ONCE},
                retry_after=AGAIN,
            )
        try:
            process = _Process()
            try:
                yield process
            finally:
                process.end()
        finally:
            self._room.release()


class _Process:
    """One other process, for one call at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", MODULE, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise WorkerError(
                    f"no process could be started that reads programs: {error}.",
                    remedy="Free some memory, files or processes, then send it again.",
                ) from error
        self._line = Connection(ours.detach())
        self.over = False

    def ask(
        self, work: str, given: Mapping[str, Any], data: bytes, longest: float
    ) -> tuple[Mapping[str, Any], bytes]:
        try:
            self._line.send_bytes(orjson.dumps({"work": work, "given": given, "longest": longest}))
            self._line.send_bytes(data)
            if not self._line.poll(longest):
                self.end()
                raise TooSlow(
                    f"this takes longer than {longest:g} s to read ({len(data):,} bytes).",
                    remedy="Shorten the program with gate definitions, or send OpenQASM 2, which is read faster.",
                    numbers={"seconds": longest, "bytes": len(data)},
                )
            head = orjson.loads(self._line.recv_bytes())
            rest = self._line.recv_bytes()
        except (OSError, EOFError) as error:
            self.end()
            raise WorkerError(
                "the process that reads programs has ended.",
                remedy="Send it again; if it happens once more, the program takes more memory than there is.",
            ) from error
        if "refused" in head:
            raise _refusal(head["refused"])
        return head, rest

    def end(self) -> None:
        self.over = True
        self._line.close()
        self._process.kill()
        self._process.wait()


def _refusal(said: Mapping[str, Any]) -> QjobError:
    """Return an error of the class that the other process had; one that is not known here is an `InvalidRequest`."""
    kinds: list[type[QjobError]] = [QjobError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    known = next((kind for kind in kinds if kind.__name__ == said["kind"]), InvalidRequest)
    return known(said["message"], remedy=said["remedy"], numbers=said["numbers"])


# -- in the other process -----------------------------------------------------------------------------------------


def known_of(given: Mapping[str, Any], data: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Return what is wanted of a program: its ``profile``, ``fingerprint`` or ``elementary`` gates."""
    found = examined(Program(ProgramFormat(given["format"]), data))
    wanted = getattr(found, given["wanted"])
    return {"known": wanted() if callable(wanted) else wanted}, b""


def main(descriptor: int) -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(descriptor)
    import_module("qiskit")
    import_module("qiskit.qasm2")
    with suppress(EOFError, OSError):
        while True:
            asked, data = orjson.loads(line.recv_bytes()), line.recv_bytes()
            signal.alarm(int(asked["longest"]) + 5)  # should whoever asks be gone, nobody else ends this
            module, _, name = asked["work"].partition(":")
            try:
                head, rest = getattr(import_module(module), name)(asked["given"], data)
            except Refusal as refusal:
                told = {"message": refusal.message, "remedy": refusal.remedy, "numbers": refusal.numbers}
                head, rest = {"refused": {"kind": type(refusal).__name__, **told}}, b""
            line.send_bytes(orjson.dumps(head, default=str))
            line.send_bytes(rest)
            signal.alarm(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)
