"""Snapshots of jobs and batches, for everything that shows one."""

from snapshots import batch_of, created, snapshot_of

__all__ = ["batch_of", "created", "snapshot_of"]
