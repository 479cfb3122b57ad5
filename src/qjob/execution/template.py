"""The warm template: a process that has imported the simulators once and forks a worker in milliseconds.

Begun by `qjob.execution.start` in a session of its own, so that it never sees the user's ``__main__`` nor the
signals that Jupyter sends to a kernel's process group. It never runs a simulation itself: a process with worker
threads of OpenMP or rayon in it cannot be forked safely, so the warm-up runs in a thread that ends, and the template
refuses to fork unless it has exactly one thread.

It ends, and takes its workers along, as soon as the process that started it is gone: Linux kills it, the control
socket closes, the pidfd becomes readable, or (where there is none) the parent changes.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue, load_catalogue
from qjob.execution import child
from qjob.execution.control import UNFIT_TO_FORK, Record, Word, receive
from qjob.execution.ties import parent_death_signal

POLL_SECONDS = 1.0
SETTLE_SECONDS = 2.0


class Template:
    """The state of one template process."""

    def __init__(self, control: socket.socket, home: Path) -> None:
        self.control = control
        self.parent = os.getppid()
        self.me = os.getpid()
        self.registry = Registry()
        self.catalogue: Catalogue = load_catalogue(home)
        self.workers: dict[int, int] = {}  # process id -> token
        self.die_with_parent = parent_death_signal()

    def warm_up(self) -> None:
        """Import and exercise the local simulators in a thread that ends before anything forks.

        An adapter that is broken is passed over here: its own jobs fail with the reason, those of others run.
        """
        providers = []
        for name in sorted({info.adapter for info in self.catalogue if info.local}):
            try:
                provider = self.registry.provider(name)
                provider.load()
                providers.append(provider)
            except Exception:  # noqa: BLE001 - whatever a foreign module does; logged whole
                traceback.print_exc()

        def run() -> None:
            for provider in providers:
                try:
                    provider.warm_up()
                except Exception:  # noqa: BLE001 - as above
                    traceback.print_exc()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        gc.collect()
        gc.freeze()  # what was warmed up stays in pages that the workers share

    def loop(self) -> None:
        """Serve the control socket until the executor is gone."""
        wake, parent_end = self._watch_children(), self._watch_parent()
        self.control.sendall(Record(Word.READY, 0, self.me).pack())
        sources: list[Any] = [self.control, wake, *([parent_end] if parent_end is not None else [])]
        while True:
            ready, _, _ = select.select(sources, [], [], POLL_SECONDS)
            if parent_end in ready or os.getppid() != self.parent:
                return
            if wake in ready:
                with contextlib.suppress(BlockingIOError):
                    while os.read(wake, 4096):
                        pass
            self._reap()
            if self.control in ready:
                message = receive(self.control)
                if message is None:
                    return
                self._obey(*message)

    def kill_all(self) -> None:
        """End every worker."""
        for pid in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _watch_children(self) -> int:
        """Return a descriptor that becomes readable when a child ends."""
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return read

    def _watch_parent(self) -> int | None:
        """Return a descriptor that becomes readable when the parent ends; None where only polling can tell."""
        try:
            return os.pidfd_open(self.parent)
        except (AttributeError, OSError):  # not Linux, or an old one: the loop compares getppid each second
            return None

    def _reap(self) -> None:
        for pid, token in list(self.workers.items()):  # by process id: -1 would take children of others
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                del self.workers[pid]
                peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
                code = os.waitstatus_to_exitcode(status)
                self.control.sendall(Record(Word.EXITED, token, code, peak).pack())

    def _obey(self, record: Record, descriptor: int | None) -> None:
        if record.word is Word.KILL:
            for pid, token in self.workers.items():
                if token == record.token:  # not yet reaped, so the process id is still ours
                    os.kill(pid, signal.SIGKILL)
        elif record.word is Word.FORK and descriptor is not None:
            self._fork(record.token, descriptor)

    def _fork(self, token: int, descriptor: int) -> None:
        try:
            pid = os.fork()
        except OSError as error:  # no memory or no process left: the executor decides
            os.close(descriptor)
            self.control.sendall(Record(Word.REFUSED, token, error.errno or 0).pack())
            return
        if pid == 0:
            self._become_worker(descriptor)
        os.close(descriptor)
        self.workers[pid] = token
        self.control.sendall(Record(Word.FORKED, token, pid).pack())

    def _become_worker(self, descriptor: int) -> None:
        """Serve tasks in the forked child; never returns."""
        code = 1
        try:
            self.die_with_parent()
            if os.getppid() == self.me:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                self.control.close()
                child.die_first_when_memory_is_short()
                child.serve(socket.socket(fileno=descriptor), self.registry, self.catalogue)
                code = 0
        except BaseException as error:  # noqa: BLE001 - a forked child must not run its parent's clean-up
            sys.stderr.write(f"worker: {error!r}\n")
        finally:
            sys.stderr.flush()
            os._exit(code)


def threads_alive() -> int:
    """Return how many threads this process has, those of C libraries included."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - a count, not paths
    except OSError:
        return threading.active_count()


def alone_within(seconds: float) -> int:
    """Wait until this process has one thread, and return how many there are in the end.

    A joined thread, and the pool that belonged to it, may take the system a moment to clear away.
    """
    end = time.monotonic() + seconds
    while (threads := threads_alive()) != 1 and time.monotonic() < end:
        time.sleep(0.002)
    return threads


def main(control: socket.socket, home: str) -> int:
    """Warm up, then fork workers on request; return the exit code."""
    template = Template(control, Path(home))
    template.warm_up()
    threads = alone_within(SETTLE_SECONDS)
    if threads != 1:
        sys.stderr.write(f"the template has {threads} threads and cannot fork safely\n")
        return UNFIT_TO_FORK
    try:
        template.loop()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the executor went away between two records
    finally:
        template.kill_all()
    return 0
