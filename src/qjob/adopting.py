"""Jobs at a service whose process has died: whoever opens the store next follows them."""

import logging

from qjob.backends.base import Needs, Task
from qjob.catalog.loader import Catalogue
from qjob.execution.hands import Order, about
from qjob.execution.opened import Opened
from qjob.model.errors import UnknownBackend
from qjob.model.job import JobRecord, JobRequest
from qjob.store.store import Store

LOG = logging.getLogger(__name__)


def adopt(opened: Opened, catalogue: Catalogue) -> list[str]:
    """Follow the jobs at services that nobody follows any more; return their ids."""
    store, me = opened.store, opened.owner.id
    elsewhere = [record for record in store.unfinished() if record.elsewhere and record.owner != me]
    dead = {
        owner
        for owner in {record.owner for record in elsewhere}
        if owner is not None and not store.owners.alive(owner)
    }
    orders = []
    for record in elsewhere:
        if record.owner in dead and record.owner is not None:
            try:
                order = resumed(store, record, catalogue)
            except UnknownBackend as error:
                LOG.warning("job %s is not followed: %s", record.id[:8], error)
                continue
            if store.adopt(record.id, dead=record.owner, owner=me):
                orders.append(order)
    if orders:
        opened.executor.begin()
        opened.executor.submit(*orders)
    return [order.job_id for order in orders]


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
        attachments=store.attachments(record.id),
        about=about(record),
    )
    return Order(task, Needs(agent=catalogue.get(record.backend).adapter), paid=record.cap > 0)
