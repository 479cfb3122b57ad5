"""What the routes answer. Errors become JSON in one place; the work is the engine's, in a thread of its own."""

import asyncio
from functools import cached_property
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

from qjob.engine import Engine, connect
from qjob.model.errors import QjobError


class LazyEngine:
    """The server's engine, connected with the first request."""

    @cached_property
    def engine(self) -> Engine:
        """The engine of this server's environment."""
        return connect()


class JobHandler(APIHandler):
    """What all routes share: the engine, and how errors look.

    Jupyter's own sign-in and cross-site checks apply.
    """

    def initialize(self, engine: LazyEngine) -> None:
        """Take the engine from the route."""
        super().initialize()
        self.lazy = engine

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error of qjob's tree with its own status and remedy."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(error, QjobError):
            super().write_error(status_code, **kwargs)
            return
        self.set_status(error.http_status)
        self.finish(
            {"error": error.message, "code": error.code, "remedy": error.remedy, "details": error.numbers}
        )

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is not the caller's to mend."""
        if not isinstance(value, QjobError):
            super().log_exception(typ, value, tb)


class CancelHandler(JobHandler):
    """``POST qjob/api/jobs/<id>/cancel``: the way to cancel that works while the kernel is busy."""

    @web.authenticated
    async def post(self, job_id: str) -> None:
        """Ask for the job to end; answer its status and whether there was anything to cancel."""

        def cancel() -> dict[str, Any]:
            engine = self.lazy.engine
            full = engine.resolve(job_id)
            asked = engine.cancel(full)
            return {"job_id": full, "status": engine.store.job(full).status, "cancelled": asked}

        self.finish(await asyncio.to_thread(cancel))
