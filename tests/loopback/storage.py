"""The buckets, which are moto's, of the same process."""

from moto.core.base_backend import BackendDict
from moto.s3.models import FakeBucket, s3_backends

PARTITION = "aws"


def bucket(name: str, account: str) -> FakeBucket | None:
    """Return a bucket that an account owns."""
    return s3_backends[account][PARTITION].buckets.get(name)


def write(name: str, account: str, key: str, body: bytes) -> None:
    """Write an object into a bucket of an account."""
    s3_backends[account][PARTITION].put_object(name, key, body)


def reset() -> None:
    """Remove all buckets."""
    BackendDict.reset()
