"""Jobs at a service whose process has died: the next process of the same user follows them."""

import logging

from qjob.backends.base import Needs, Task
from qjob.catalog.loader import Catalogue
from qjob.execution.hands import Order, about
from qjob.execution.opened import Opened
from qjob.model.errors import UnknownBackend
from qjob.model.job import JobRecord, JobRequest
from qjob.store.store import Store

LOG = logging.getLogger(__name__)


def adopt(opened: Opened, catalogue: Catalogue, user: str) -> list[str]:
    """Follow a user's jobs at services that nobody follows any more; return their ids.

    Only the user's own: another one has no business at the service, and most probably no account.
    """
    store, me = opened.store, opened.owner.id
    elsewhere = [each for each in store.unfinished() if each.elsewhere and each.user == user]
    owners = {each.owner for each in elsewhere if each.owner is not None} - {me}
    dead = {owner for owner in owners if not store.owners.alive(owner)}
    followed = []
    for record in elsewhere:
        # one of our own may have been adopted when an interrupt came
        lost = record.owner == me and not opened.executor.holds(record.id)
        if record.owner not in dead and not lost:
            continue
        try:
            order = resumed(store, record, catalogue)
        except UnknownBackend as error:
            LOG.warning("job %s is not followed: %s", record.id[:8], error)
            continue
        if lost or store.adopt(record.id, dead=record.owner or "", owner=me):
            opened.executor.begin()
            opened.executor.submit(order)
            followed.append(record.id)
    return followed


def resumed(store: Store, record: JobRecord, catalogue: Catalogue) -> Order:
    """Return the order to go on with a stored job.

    Raises
    ------
    UnknownBackend
        The catalogue has its backend no more.
    """
    request = JobRequest(
        program=store.program(record.program),
        backend=record.backend,
        shots=record.shots,
        seed=record.seed,
        options=record.options,
        mode=record.mode,
        name=record.name,
        tags=record.tags,
    )
    task = Task(
        record.id,
        1,
        request,
        None,
        cap=record.cap,
        site=record.site,
        remote_id=record.remote_id,
        resumed=True,
        ran=record.started_at is not None,
        attachments=store.attachments(record.id),
        about=about(record),
    )
    return Order(task, Needs(agent=catalogue.get(record.backend).adapter), paid=record.cap > 0)
