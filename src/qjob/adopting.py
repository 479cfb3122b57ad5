"""Direct jobs at a service whose process has died: the next process of the same user follows them."""

import logging
from dataclasses import replace

from qjob.backends.base import Needs
from qjob.backends.work import Work
from qjob.catalog.loader import Catalogue
from qjob.execution.opened import Opened
from qjob.execution.stored import order_of
from qjob.model.errors import UnknownBackend

LOG = logging.getLogger(__name__)


def adopt(opened: Opened, catalogue: Catalogue, user: str) -> list[str]:
    """Follow a user's jobs at services that nobody follows any more; return their ids.

    Only the user's own: another one has no business at the service, and most probably no account. Durable ones are
    the business of workers.
    """
    store, me = opened.store, opened.owner.id
    elsewhere = [each for each in store.followed(user) if each.elsewhere]
    owners = {each.owner for each in elsewhere if each.owner is not None} - {me}
    dead = {owner for owner in owners if not store.owners.alive(owner)}
    followed = []
    for record in elsewhere:
        # one of our own may have been adopted when an interrupt came
        lost = record.owner == me and not opened.executor.holds(record.id)
        if record.owner not in dead and not lost:
            continue
        try:
            adapter = catalogue.get(record.backend).adapter
        except UnknownBackend as error:
            LOG.warning("job %s is not followed: %s", record.id[:8], error)
            continue
        order = order_of(store, record, Work(Needs(agent=adapter)))
        if not lost:
            if not store.adopt(record.id, dead=record.owner or "", owner=me):
                continue
            order = replace(order, fence=record.fence + 1)
        opened.executor.begin()
        opened.executor.submit(order)
        followed.append(record.id)
    return followed
