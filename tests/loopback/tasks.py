"""The quantum tasks: what was asked, in which state each is, and which move is next.

A state machine under one lock. It must not know HTTP, nor how a program is run: it is handed a function that does.
"""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from loopback.model import AwsError

ENDED = ("COMPLETED", "FAILED", "CANCELLED")
CANCEL_MODES = ("after_run", "too_late")
"""What a cancel of a running task does: it is cancelled after the run, or completes all the same."""


@dataclass(eq=False)
class Task:
    """One task. `shown` counts the states that GetQuantumTask has told, so that an older one can be told again."""

    arn: str
    input: dict[str, Any]
    account: str
    region: str
    tags: dict[str, str]
    created: datetime
    generation: int
    history: list[str] = field(default_factory=lambda: ["CREATED", "QUEUED"])
    shown: int = 0
    taken: bool = False
    ended: datetime | None = None
    reason: str | None = None

    @property
    def status(self) -> str:
        return self.history[-1]

    @property
    def device(self) -> str:
        return self.input["deviceArn"]

    @property
    def directory(self) -> str:
        return f"{self.input['outputS3KeyPrefix']}/{self.arn.rsplit('/', 1)[1]}"


Runner = Callable[[Task], str | None]
"""Runs a task and writes its result; returns why it failed, or None."""


class Tasks:
    """Every task since the last reset."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        # one at a time: what Braket's simulators compile aborts the process where two threads run it
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="simulation")
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget all tasks; what still runs ends unseen."""
        with self._lock:
            self._generation = getattr(self, "_generation", 0) + 1
            self._tasks: dict[str, Task] = {}
            self._tokens: dict[tuple[str, str, str], Task] = {}
            self._held: set[str] = set()
            self._others: dict[str, int] = {}
            self._failures: dict[str, str] = {}
            self._cancel_mode = "after_run"

    # what clients do

    def again(self, account: str, region: str, given: dict[str, Any]) -> Task | None:
        """Return the task that a client token stands for, which belongs to an account and region."""
        with self._lock:
            task = self._tokens.get((account, region, given["clientToken"]))
            if task is not None and task.input != given:
                raise AwsError(
                    "ValidationException",
                    f"The client token {given['clientToken']} was used before with other parameters.",
                )
            return task

    def create(self, account: str, region: str, given: dict[str, Any]) -> Task:
        """Make a task, unless its client token stands for one, and send it off unless its device is held."""
        with self._lock:
            if (task := self.again(account, region, given)) is not None:
                return task
            task = Task(
                arn=f"arn:aws:braket:{region}:{account}:quantum-task/{uuid.uuid4()}",
                input=given,
                account=account,
                region=region,
                tags=dict(given.get("tags", {})),
                created=datetime.now(UTC),
                generation=self._generation,
            )
            self._tasks[task.arn] = self._tokens[account, region, given["clientToken"]] = task
            if task.device not in self._held:
                self._pool.submit(self._whole, task)
        return task

    def find(self, account: str, region: str, arn: str) -> Task:
        """Return a task of an account and region."""
        with self._lock:
            task = self._tasks.get(arn)
            if task is None or (task.account, task.region) != (account, region):
                raise AwsError("ResourceNotFoundException", f"Quantum task {arn} not found")
            return task

    def all(self, account: str | None = None, region: str | None = None) -> list[Task]:
        """Return the tasks, oldest first, of an account and region if they are named."""
        with self._lock:
            return [
                task
                for task in self._tasks.values()
                if account in (None, task.account) and region in (None, task.region)
            ]

    def cancel(self, task: Task) -> str:
        """Cancel a task; return the status that the cancel has."""
        with self._lock:
            match task.status:
                case "CREATED" | "QUEUED":
                    self._move(task, "CANCELLED")
                    return "CANCELLED"
                case "RUNNING":
                    self._move(task, "CANCELLING")
                    return "CANCELLING"
                case "CANCELLING":
                    return "CANCELLING"
                case status:
                    raise AwsError("ConflictException", f"Quantum task {task.arn} is already {status}")

    def show(self, task: Task, *, older: bool) -> str | None:
        """Return the status to tell: the newest, or one older than was told last (None if there is none)."""
        with self._lock:
            if older:
                return task.history[task.shown - 2] if task.shown > 1 else None
            task.shown = len(task.history)
            return task.status

    def position(self, task: Task) -> int | None:
        """Return the place in the device's queue, from 1; None once it runs or has ended."""
        with self._lock:
            waiting = self._waiting(task.device)
            return self._others.get(task.device, 0) + waiting.index(task) + 1 if task in waiting else None

    def depth(self, device: str) -> int:
        """Return how many tasks wait for a device, those of others included."""
        with self._lock:
            return self._others.get(device, 0) + len(self._waiting(device))

    # what the control does

    def hold(self, device: str) -> None:
        """Let the tasks of a device wait from now on."""
        with self._lock:
            self._held.add(device)

    def release(self, device: str) -> None:
        """Let the tasks of a device go on by themselves, those that waited first."""
        with self._lock:
            self._held.discard(device)
            for task in self._tasks.values():
                if task.device == device and task.status not in ENDED:
                    self._pool.submit(self._whole, task)

    def step(self, arn: str) -> str:
        """Move one task of a held device by one state, wait until it is there, and return the state."""
        with self._lock:
            task = self._tasks[arn]
            if task.device not in self._held:
                raise ValueError(f"{arn} moves by itself: hold {task.device} first")
            if task.status in ENDED:
                raise ValueError(f"{arn} is {task.status}")
            if task.status in ("CREATED", "QUEUED"):
                self._move(task, "RUNNING")
                return task.status
        self._pool.submit(self._end, task).result()
        return task.status

    def queue(self, device: str, others: int) -> None:
        """Put so many tasks of others in front of all that wait for a device."""
        with self._lock:
            self._others[device] = others

    def fail(self, device: str, reason: str | None) -> None:
        """Let the tasks of a device fail at their end from now on, or (None) no more."""
        with self._lock:
            if reason is None:
                self._failures.pop(device, None)
            else:
                self._failures[device] = reason

    def cancel_mode(self, mode: str) -> None:
        """Say what a cancel of a running task does."""
        if mode not in CANCEL_MODES:
            raise ValueError(f"{mode} is none of {CANCEL_MODES}")
        with self._lock:
            self._cancel_mode = mode

    # how a task moves

    def _waiting(self, device: str) -> list[Task]:
        return [t for t in self._tasks.values() if t.device == device and t.status in ("CREATED", "QUEUED")]

    def _move(self, task: Task, status: str, reason: str | None = None) -> None:
        task.history.append(status)
        if status in ENDED:
            task.reason = reason
            task.ended = datetime.now(UTC)

    def _whole(self, task: Task) -> None:
        with self._lock:
            if task.generation != self._generation or task.status in ENDED or task.device in self._held:
                return
            if task.status in ("CREATED", "QUEUED"):
                self._move(task, "RUNNING")
        self._end(task)

    def _end(self, task: Task) -> None:
        with self._lock:
            if task.taken:  # a release and its creation have both sent it off
                return
            task.taken = True
            refused = self._failures.get(task.device)
        reason = refused if refused is not None else self._runner(task)
        with self._lock:
            if task.generation != self._generation or task.status in ENDED:
                return
            if task.status == "CANCELLING" and self._cancel_mode == "after_run":
                self._move(task, "CANCELLED")
            elif reason is not None:
                self._move(task, "FAILED", reason)
            else:
                self._move(task, "COMPLETED")
