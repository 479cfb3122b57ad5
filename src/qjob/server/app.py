"""The Jupyter server extension: all wiring in one place. Enabled by installing qjob; idle until it is asked."""

from dataclasses import replace
from functools import partial
from typing import Any

from jupyter_server.utils import url_path_join

from qjob.engine import Engine, connect, utc_now
from qjob.reading import Reader
from qjob.server.handler import RouteHandler
from qjob.server.identity import Callers
from qjob.server.newsroom import Newsroom
from qjob.server.openapi import Description
from qjob.server.pages.assets import Assets
from qjob.server.pages.handlers import PAGES
from qjob.server.pool import Pool
from qjob.server.routes import Dialect, Route
from qjob.server.standing import encoded
from qjob.server.stream import Streams, with_streams


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
    reader = Reader()
    callers, pool = Callers(partial(_connected, reader), reader=reader), Pool()
    base = web.settings["base_url"]
    newsroom = Newsroom(lambda: callers.engine, lambda snapshot: encoded(snapshot, utc_now(), base))
    streams = Streams(newsroom)
    for dialect in dialects():
        shared = {"callers": callers, "pool": pool, "streams": streams, "dialect": dialect}
        web.add_handlers(
            ".*$",
            [
                (url_path_join(base, dialect.prefix, pattern), RouteHandler, {**shared, "routes": routes})
                for pattern, routes in by_path(dialect.routes).items()
            ],
        )
    drawn = {"callers": callers, "pool": pool, "assets": Assets()}
    web.add_handlers(".*$", [(url_path_join(base, path), page, drawn) for path, page in PAGES])
    server.log.info("qjob: jobs are served at %s", url_path_join(base, "qjob/api"))


def _connected(reader: Reader) -> Engine:
    """Return the engine of the server's user, which has programs read elsewhere: here the event loop would wait."""
    engine = connect()
    engine.examine = reader.examine
    reader.warm()
    return engine


def by_path(routes: tuple[Route, ...]) -> dict[str, dict[str, Route]]:
    """Return the routes of each path by their methods, in the order of the paths; then what fits no path."""
    table: dict[str, dict[str, Route]] = {}
    for route in routes:
        table.setdefault(route.pattern + "/?", {})[route.method] = route
    table[".*"] = {}
    return table
