"""The test's handle on a loopback Amazon Braket: start it, switch faults on, see what reached it.

Light to import: it knows no AWS library, so that what starts a loopback need not load one.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from loopback.identity import ACCOUNT, MAIN, OTHER, OTHER_ACCOUNT, SESSION

TESTS = Path(__file__).resolve().parent.parent
KEYS = {"main": MAIN, "other": OTHER, "session": SESSION}
ACCOUNTS = {"main": ACCOUNT, "other": OTHER_ACCOUNT, "session": ACCOUNT}
REGION = "us-east-1"


class LoopbackError(Exception):
    """The loopback did not understand its test."""


@dataclass(frozen=True)
class TaskSeen:
    """A quantum task as the loopback has it; `history` is every status it had, in order."""

    arn: str
    token: str
    tags: dict[str, str]
    account: str
    region: str
    device: str
    shots: int
    status: str
    history: list[str]
    source: str | None
    bucket: str
    directory: str
    reason: str | None


@dataclass(frozen=True)
class RequestSeen:
    """A request that reached it: "GetQuantumTask"; of the others "s3:GetObject", "sts:GetCallerIdentity"."""

    operation: str
    at: datetime
    region: str
    access_key: str


class Loopback:
    """A loopback Amazon Braket, S3 and STS, in a process of its own.

    A device is named by its ARN or the end of it ("sv1", "Garnet"); a key by "main", "other" (of another account),
    "session" (of the first account, can expire) or itself.
    """

    def __init__(self, braket: int, moto: int, pid: int) -> None:
        self.pid = pid
        self.url = f"http://127.0.0.1:{braket}"
        self.moto_url = f"http://127.0.0.1:{moto}"
        # a proxy that the environment names has no business here
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @classmethod
    @contextmanager
    def start(cls) -> Iterator["Loopback"]:
        """Start one, and end it with the block; it also ends with this process, however that dies."""
        with subprocess.Popen(
            [sys.executable, "-m", "loopback.server", str(os.getpid())],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
            | {"OPENBLAS_NUM_THREADS": "1"},
        ) as process:
            line = process.stdout.readline()
            code = process.wait()  # what answers is a grandchild
            if not line:
                raise LoopbackError(f"the loopback ended with {code} before it was ready")
            ready = json.loads(line)
            try:
                yield cls(ready["braket"], ready["moto"], ready["pid"])
            finally:
                process.stdin.close()
                process.stdout.read()  # until it has ended

    def environment(self, key: str = "main", region: str = REGION) -> dict[str, str]:
        """Return the variables with which any AWS client of a process talks to this loopback, and only to it."""
        access_key = KEYS.get(key, key)
        found = {
            "AWS_ENDPOINT_URL_BRAKET": self.url,
            "AWS_ENDPOINT_URL_S3": self.moto_url,
            "AWS_ENDPOINT_URL_STS": self.moto_url,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": f"secret-of-{access_key}",
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "BRAKET_PRICE_OFFERS_URL": f"{self.url}/no-price-list",
        }
        return found | ({"AWS_SESSION_TOKEN": token(access_key)} if access_key.startswith("ASIA") else {})

    # devices

    def hold(self, device: str) -> None:
        """Let a device's tasks stay QUEUED, with their positions, until they are released or stepped."""
        self._do("hold", device=device)

    def release(self, device: str) -> None:
        """Let a device's tasks go on by themselves."""
        self._do("release", device=device)

    def step(self, arn: str) -> str:
        """Move a task of a held device on by one state (QUEUED, RUNNING, its end); return the state."""
        return self._do("step", arn=arn)

    def queue(self, device: str, others: int) -> None:
        """Put so many tasks of others in front."""
        self._do("queue", device=device, others=others)

    def set_status(self, device: str, status: str) -> None:
        """Make a device ONLINE, OFFLINE or RETIRED."""
        self._do("set_status", device=device, status=status)

    def retire(self, device: str) -> None:
        """Make a device RETIRED."""
        self.set_status(device, "RETIRED")

    def change(self, device: str, path: str, value: Any) -> None:
        """Let a device tell something else in its properties ("service.updatedAt"); what it takes stays the same."""
        self._do("change", device=device, path=path, value=value)

    def fail_tasks(self, device: str, reason: str | None) -> None:
        """Let a device's tasks end as FAILED with a reason, or (None) no more."""
        self._do("fail_tasks", device=device, reason=reason)

    def cancel_mode(self, mode: str) -> None:
        """Say what the cancel of a running task does: "after_run" CANCELLED (default), "too_late" COMPLETED."""
        self._do("cancel_mode", mode=mode)

    def duration(self, ms: int) -> None:
        """Say how long simulators tell that they ran, in milliseconds."""
        self._do("duration", ms=ms)

    # faults

    def throttle(self, operation: str, times: int | None = 1) -> None:
        """Answer so many calls with 429 ThrottlingException (S3: SlowDown); None is until the reset."""
        code = {"s3": "SlowDown", "sts": "Throttling"}.get(operation.partition(":")[0], "ThrottlingException")
        self.fail(operation, times, code, "Rate exceeded")

    def fail(
        self, operation: str, times: int | None, code: str, message: str = "The loopback was told to fail"
    ) -> None:
        """Answer so many calls with an error, before they have any effect."""
        self._do("fault", kind="fail", operation=operation, times=times, code=code, message=message)

    def lose_reply(self, operation: str, times: int | None = 1) -> None:
        """Let so many calls take effect and close the connection without an answer."""
        self._do("fault", kind="lose_reply", operation=operation, times=times)

    def delay(self, operation: str, seconds: float, times: int | None = None) -> None:
        """Let calls take so long."""
        self._do("fault", kind="delay", operation=operation, times=times, seconds=seconds)

    def reorder(self, times: int = 1) -> None:
        """Answer so many calls of GetQuantumTask with the state before the one that was told last."""
        self._do("fault", kind="reorder", operation="GetQuantumTask", times=times)

    def calm(self) -> None:
        """Let nothing go wrong any more; calls that are being delayed are answered at once."""
        self._do("calm")

    # keys

    def expire(self, key: str = "session") -> None:
        """Let a key be expired."""
        self._do("expire", access_key=KEYS.get(key, key))

    def renew(self, key: str = "session") -> None:
        """Let a key be valid again."""
        self._do("renew", access_key=KEYS.get(key, key))

    def deny(self, key: str, operation: str) -> None:
        """Take a permission away: "CreateQuantumTask", "s3:GetObject", "braket:*"."""
        self._do("deny", access_key=KEYS.get(key, key), operation=operation)

    def allow(self, key: str) -> None:
        """Give all permissions back."""
        self._do("allow", access_key=KEYS.get(key, key))

    def add_key(self, access_key: str, account: str) -> None:
        """Make another key known; one that begins with ASIA is of a session."""
        self._do(
            "add_key",
            access_key=access_key,
            account=account,
            token=token(access_key) if access_key.startswith("ASIA") else None,
        )

    # what it saw

    def tasks(self) -> list[TaskSeen]:
        """Return all quantum tasks of all accounts, oldest first."""
        return [TaskSeen(**one) for one in self._do("tasks")]

    def requests(self, operation: str | None = None) -> list[RequestSeen]:
        """Return the requests of keys that are known, oldest first, of one operation or all."""
        found = [
            RequestSeen(**one | {"at": datetime.fromisoformat(one["at"])}) for one in self._do("requests")
        ]
        return [one for one in found if operation in (None, one.operation)]

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that are still due."""
        return self._do("faults")

    def bugs(self) -> list[str]:
        """Return what went wrong in the loopback itself; the fixture fails a test that finds one."""
        return self._do("bugs")

    def devices(self) -> list[str]:
        """Return the ARNs of all devices."""
        return self._do("devices")

    def reset(self) -> None:
        """Go back to the beginning: no tasks, no buckets, no faults, all devices and keys as they were."""
        self._do("reset")

    def _do(self, name: str, **arguments: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 - of our own process
            f"{self.url}/_control/{name}", data=json.dumps(arguments).encode(), method="POST"
        )
        try:
            with self._opener.open(request) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            told = json.load(error)
            raise LoopbackError(f"{told['error']}\n{told['trace']}") from None


def token(access_key: str) -> str:
    """Return the session token of a key."""
    return f"token-of-{access_key}"
