"""The Jupyter server extension: all wiring in one place. Enabled by installing qjob; idle until it is asked."""

import atexit
import gc
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

from qjob.acting import look_after_all
from qjob.engine import Engine, connect, utc_now
from qjob.model.errors import QjobError
from qjob.reading import Reader
from qjob.server.handler import RouteHandler
from qjob.server.identity import Callers
from qjob.server.intake import Intake
from qjob.server.marqov.told import told
from qjob.server.newsroom import Newsroom
from qjob.server.openapi import Description
from qjob.server.pages.assets import Assets
from qjob.server.pages.handlers import PAGES
from qjob.server.pool import Pool
from qjob.server.routes import Dialect, Route
from qjob.server.standing import encoded
from qjob.server.stream import Streams, with_streams

LOG = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a request waits for a service: it holds a thread meanwhile, and proxies give up after a minute."""


def dialects() -> tuple[Dialect, ...]:
    """Return what is spoken; of two whose prefixes begin alike, the longer one comes first."""
    from qjob.server.marqov.routes import MARQOV
    from qjob.server.qbraid.routes import QBRAID

    marqov = with_streams(MARQOV)
    description = Description(lambda: spoken)  # itself included
    spoken = (replace(marqov, routes=(description.route, *marqov.routes)), QBRAID)
    return spoken


def _load_jupyter_server_extension(server: Any) -> None:
    """Add qjob's routes below the server's base URL."""
    web = server.web_app
    pool = Pool()
    reader = Reader()
    base = web.settings["base_url"]

    def end() -> None:
        """End it all, whoever asks before what is asked: the engine last, or it would be opened again."""
        pool.close()
        newsroom.close()
        programs.close()
        callers.close()

    callers = Callers(lambda: opened(reader, end), reader=reader)
    newsroom = Newsroom(lambda: callers.engine, lambda snapshot: encoded(snapshot, utc_now(), base))
    programs = Newsroom(lambda: callers.engine, lambda snapshot: told(callers.engine, snapshot, base))
    streams, intake = Streams(newsroom, programs=programs), Intake()
    web.add_handlers(
        ".*$",
        [
            (url_path_join(base, path), Signpost, {"there": url_path_join(base, there)})
            for path, there in SIGNPOSTS.items()
        ],
    )
    common = {"callers": callers, "pool": pool}
    for dialect in dialects():
        shared = {**common, "intake": intake, "streams": streams, "dialect": dialect}
        web.add_handlers(
            ".*$",
            [
                (url_path_join(base, dialect.prefix, pattern), RouteHandler, {**shared, "routes": routes})
                for pattern, routes in by_path(dialect.routes).items()
            ],
        )
    drawn = {**common, "assets": Assets()}
    web.add_handlers(".*$", [(url_path_join(base, path), page, drawn) for path, page in PAGES])
    server.log.info("qjob: your jobs are at %s", url_path_join(base, "qjob/jobs"))


def opened(reader: Reader, end: Callable[[], None]) -> Engine:
    """Return the server's engine, open, with what users have left under way in hand.

    Parameters
    ----------
    reader
        Reads programs in another process: here the event loop would wait.
    end
        What is to be called before the engine is closed at exit.
    """
    engine = connect()
    engine.patience, engine.examine = PATIENCE, reader.examine
    reader.warm()
    engine.store  # noqa: B018 - this opens it, and has it closed at exit
    atexit.register(end)  # what was registered last is called first
    gc.freeze()  # what is loaded stays: to look through all of it now and then would stop the event loop for 70 ms
    try:
        look_after_all(engine)
    except QjobError as error:  # who asks for these jobs has them looked after then
        LOG.warning("not all jobs of users with keys are looked after: %s", error)
    return engine


class Signpost(JupyterHandler):
    """Leads to where there is something."""

    def initialize(self, there: str) -> None:
        """Take the path that it leads to."""
        self.there = there

    @allow_unauthenticated
    def get(self) -> None:
        """Lead there; who has to sign in is told so there."""
        self.redirect(self.there)

    head = get


SIGNPOSTS = {"qjob/?": "qjob/jobs", "qjob/api/?": "qjob/api/openapi.yaml"}
"""What leads where, below the server's base URL: what people try first."""


def by_path(routes: tuple[Route, ...]) -> dict[str, dict[str, Route]]:
    """Return the routes of each path by their methods, in the order of the paths; then what fits no path."""
    table: dict[str, dict[str, Route]] = {}
    for route in routes:
        table.setdefault(route.pattern + "/?", {})[route.method] = route
    table[".*"] = {}
    return table
