"""Who we are for AWS: one session for each profile and region, shared by all threads of the agent.

The client is the Braket SDK's own; what this adds is that many threads may use one session, and that none sleeps.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from braket.aws import AwsSession

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=16,  # as many threads as ask at the same time, and some
)

ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For tasks: a second try of which nobody knows would hide that the first one was not answered."""

HOME_REGION = "us-east-1"
"""Where on-demand simulators are asked for when neither environment nor profile names a region."""


class Session(AwsSession):  # type: ignore[misc]  # the SDK has no types
    """The SDK's session, with its lazily made clients made at once: to make them is not safe in several threads."""

    def __init__(self, profile: str, region: str) -> None:
        super().__init__(boto3.Session(profile_name=profile or None, region_name=region), config=ONCE)
        self.profile = profile
        self._sts = self.boto_session.client("sts", region_name=region, config=CONFIG)
        self._s3 = self.boto_session.client("s3", region_name=region, config=CONFIG)
        self._asking = self.boto_session.client(
            "braket", config=CONFIG, endpoint_url=os.environ.get("BRAKET_ENDPOINT")
        )
        self._lock = threading.Lock()

    def retrieve_s3_object_body(self, s3_bucket: str, s3_object_key: str) -> str:
        """Return an object's text; the SDK would make another client for each."""
        answer = self._s3.get_object(Bucket=s3_bucket, Key=s3_object_key)
        text: str = answer["Body"].read().decode("utf-8")
        return text

    def get_device(self, arn: str) -> dict[str, Any]:
        """Return what AWS says of a device; asked more than once where it is busy."""
        answer: dict[str, Any] = self._asking.get_device(deviceArn=arn)
        return answer

    def get_quantum_task(self, arn: str) -> dict[str, Any]:
        """Return what AWS says of a task; the SDK would sleep and ask again where that is refused."""
        answer: dict[str, Any] = self.braket_client.get_quantum_task(
            quantumTaskArn=arn, additionalAttributeNames=["QueueInfo"]
        )
        return answer

    def default_bucket(self) -> str:
        """Return the bucket of results, made where it is the default one and is not there; once for all threads."""
        with self._lock:
            name: str = super().default_bucket()
            return name

    def has_bucket(self, name: str) -> bool:
        """Whether a bucket is there; one that is somebody else's, or may not be listed, is."""
        try:
            self._s3.head_bucket(Bucket=name)
        except ClientError as error:
            return str(error.response.get("Error", {}).get("Code")) != "404"
        return True

    def who(self) -> str:
        """Return the number of the account, asked afresh."""
        account: str = self._sts.get_caller_identity()["Account"]
        self._account_id = account
        return account


YOUNG = 1.0
"""Seconds for which a session is used again though it is of no use: of many tasks that wait for a login each would
make one, which takes a tenth of a second."""


class Sessions:
    """The sessions of one agent.

    Parameters
    ----------
    clock
        A monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, str], Session] = {}
        self._made: dict[tuple[str, str], float] = {}
        self._useless: set[tuple[str, str]] = set()

    def get(self, profile: str, region: str) -> Session:
        """Return the session of a profile (an empty one: the environment's) and region."""
        key, now = (profile, region), self._clock()
        with self._lock:
            if key not in self._sessions or (key in self._useless and now - self._made[key] >= YOUNG):
                self._sessions[key] = Session(profile, region)
                self._made[key] = now
                self._useless.discard(key)
            return self._sessions[key]

    def forget(self, profile: str) -> None:
        """Read a profile's credentials anew with the next use, `YOUNG` seconds later: these are of no use."""
        with self._lock:
            self._useless.update(key for key in self._sessions if key[0] == profile)


def profile_here() -> str:
    """Return the profile that the environment names; empty where it names none."""
    return os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or ""


def region_here(profile: str) -> str:
    """Return the region that environment or profile names, else `HOME_REGION`; the SDK's order."""
    named: Any = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if named:
        return str(named)
    return str(boto3.Session(profile_name=profile or None).region_name or HOME_REGION)
