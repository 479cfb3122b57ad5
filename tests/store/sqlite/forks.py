"""What a forked child may do with a store. Usage: forks.py CASE FILE. Prints what child and parent find."""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from qjob.model.errors import StoreError
from qjob.model.job import JobStatus
from qjob.store.sqlite.links import PROCESS
from qjob.store.store import Store

CASE, FILE = sys.argv[1], Path(sys.argv[2])


def clock():
    return datetime.now(UTC)


def child_of(work):
    """Run work in a forked child; return how it ended."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except StoreError as error:
            print(f"{type(error).__name__}: {error}".splitlines()[0])
        finally:
            sys.stdout.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def locks_of(pid):
    """The files of the store on which a process holds a lock, as Linux tells it."""
    inodes = {path.stat().st_ino: path.name for path in FILE.parent.iterdir()}
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    held = {int(line[5].rpartition(":")[2]) for line in lines if "->" not in line and int(line[4]) == pid}
    return sorted(inodes[inode] for inode in held & set(inodes))


def move_all(store, to):
    with store.transaction():
        return [store.move(job.id, to) for job in store.jobs()]


store = Store.open(FILE, clock=clock)
second = Store.open(FILE, clock=clock)  # of two stores on one file, the child uses one
second.jobs()

match CASE:
    case "use":
        print("parent", move_all(store, JobStatus.QUEUED), locks_of(os.getpid()))
        print(
            "child ended",
            child_of(lambda: print("child", move_all(store, JobStatus.RUNNING), locks_of(os.getpid()))),
        )
        print("parent", move_all(store, JobStatus.CANCELLING), locks_of(os.getpid()))
    case "anew":

        def anew():
            own = Store.open(FILE, clock=clock)
            print("child", move_all(own, JobStatus.QUEUED), locks_of(os.getpid()))

        print("child ended", child_of(anew))
        print("parent", locks_of(os.getpid()))
    case "inside":
        with store.transaction():
            move_all(store, JobStatus.QUEUED)
            print("child ended", child_of(lambda: move_all(store, JobStatus.CANCELLED)))
    case "thread":
        inside, done = threading.Event(), threading.Event()

        def write():
            with store.transaction():
                move_all(store, JobStatus.QUEUED)
                inside.set()
                done.wait()

        thread = threading.Thread(target=write)
        thread.start()
        inside.wait()
        print("child ended", child_of(second.jobs))
        done.set()
        thread.join()
    case "background":
        inside = threading.Event()

        def copy():
            with PROCESS.background, store.transaction():
                inside.set()
                time.sleep(0.3)  # the child comes meanwhile, or not before the end
                move_all(store, JobStatus.QUEUED)

        thread = threading.Thread(target=copy)
        thread.start()
        inside.wait()
        print("child ended", child_of(lambda: print("child", move_all(second, JobStatus.RUNNING))))
        thread.join()
    case "orphan":
        reader, writer = os.pipe()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        if os.fork() == 0:
            os.close(writer)
            os.read(reader, 1)  # returns when the parent is gone
            print("orphan", move_all(store, JobStatus.QUEUED), locks_of(os.getpid()))
            sys.stdout.flush()
            os._exit(0)
        os.close(reader)
        os.kill(os.getpid(), signal.SIGKILL)

print("parent", [job.status.value for job in store.jobs()])
store.check()
store.close()
second.close()
