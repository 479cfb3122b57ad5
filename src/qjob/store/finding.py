"""How jobs are found: by what a user types, by page, by status or by owner. Changes nothing."""

from qjob.model.job import JobRecord
from qjob.model.upkeep import Totals
from qjob.store import listing, lookup, rows
from qjob.store.database import Connection
from qjob.store.listing import JobFilter, Order
from qjob.store.pages import Pages, Texts
from qjob.store.part import Part


class Finding(Part):
    """Reads of many jobs."""

    def resolve(self, text: str) -> str:
        """Return the id of the job that an id, the beginning of one, or a name stands for.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            None, or several; what comes near is listed.
        """
        with self._db.read() as connection:
            return lookup.resolve(self._sql, connection, text)

    def jobs(
        self,
        wanted: JobFilter | None = None,
        *,
        order: Order = Order.NEWEST,
        limit: int = 50,
        after: str | None = None,
        offset: int = 0,
    ) -> list[JobRecord]:
        """Return a page of jobs.

        Parameters
        ----------
        wanted
            Which ones; None for all that are not erased.
        order
            How they are sorted.
        limit
            How many at the most.
        after
            The id of the last job of the page before.
        offset
            How many jobs of those, or behind that one, are passed over.

        Raises
        ------
        InvalidRequest
            ``limit`` or ``offset`` is no number of jobs.
        NoSuchJob
            ``after`` is no job.
        """
        with self._db.read_moment() as connection:
            place = None
            if after is not None:
                row = self._sql.get_place_in_orders(connection, id=after)
                if row is None:
                    raise lookup.no_such_job(after)
                place = dict(zip(("number", Order.COST, Order.RUN_TIME, Order.SHOTS), row, strict=True))
            found = self._pages(connection).page(wanted or JobFilter(), order, limit, place, offset)
        return [rows.job_from_row(row) for row in found]

    def totals(self, wanted: JobFilter | None = None) -> Totals:
        """Return what all jobs that pass a filter amount to."""
        with self._db.read_moment() as connection:
            return self._pages(connection).totals(wanted or JobFilter())

    def count_jobs(self, wanted: JobFilter | None = None) -> int:
        """Return how many jobs pass a filter."""
        return self.totals(wanted).jobs

    def _pages(self, connection: Connection) -> Pages:
        texts = Texts(self._db.text_pattern, self._db.text_phrase) if self._db.has_text_index else None
        return Pages(self._sql, connection, texts)

    def unfinished(self) -> list[JobRecord]:
        """Return the jobs that have not ended, oldest first."""
        with self._db.read() as connection:
            return [rows.job_from_row(row) for row in self._sql.unfinished(connection)]

    def followed(self, user: str) -> list[JobRecord]:
        """Return a user's direct jobs that run at services and have not ended, oldest first."""
        with self._db.read() as connection:
            return [rows.job_from_row(row) for row in self._sql.followed(connection, username=user)]

    def owners_of_direct(self) -> list[str]:
        """Return who has direct jobs in hand, or durable ones that are not admitted yet."""
        with self._db.read() as connection:
            return [owner for (owner,) in self._sql.owners_of_direct(connection)]

    def cancelling(self, owner: str) -> list[tuple[str, str | None]]:
        """Return an owner's jobs that are to be cancelled, oldest first: id, and where it runs, if elsewhere."""
        with self._db.read() as connection:
            return [(job_id, site) for job_id, site in self._sql.cancelling(connection, owner=owner)]

    def names(self, prefix: str, limit: int) -> list[str]:
        """Return different names of jobs that begin with a text, the one used last first."""
        with self._db.read() as connection:
            span = listing.prefix_range(prefix)
            return [row[0] for row in self._sql.names(connection, **span, max_rows=limit)]

    def ids(self, prefix: str, limit: int) -> list[str]:
        """Return ids that begin with a text, of the newest jobs first."""
        if not prefix:
            return [job.id for job in self.jobs(limit=limit)]
        with self._db.read() as connection:
            span = listing.prefix_range(prefix.lower())
            return [row[0] for row in self._sql.with_prefix(connection, **span, max_rows=limit)]
