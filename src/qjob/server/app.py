"""The Jupyter server extension: all wiring in one place. Enabled by installing qjob; idle until it is asked."""

from dataclasses import replace
from typing import Any

from jupyter_server.utils import url_path_join

from qjob.server.handler import RouteHandler
from qjob.server.identity import Callers
from qjob.server.openapi import Description
from qjob.server.pool import Pool
from qjob.server.routes import Dialect, Route


def dialects() -> tuple[Dialect, ...]:
    """Return what is spoken; of two whose prefixes begin alike, the longer one comes first."""
    from qjob.server.marqov.routes import MARQOV
    from qjob.server.qbraid.routes import QBRAID

    spoken = (MARQOV, QBRAID)
    description = Description(lambda: spoken)
    return (replace(MARQOV, routes=(description.route, *MARQOV.routes)), *spoken[1:])


def _load_jupyter_server_extension(server: Any) -> None:
    """Add qjob's routes below the server's base URL."""
    web = server.web_app
    callers, pool = Callers(), Pool()
    base = web.settings["base_url"]
    for dialect in dialects():
        shared = {"callers": callers, "pool": pool, "dialect": dialect}
        web.add_handlers(
            ".*$",
            [
                (url_path_join(base, dialect.prefix, pattern), RouteHandler, {**shared, "routes": routes})
                for pattern, routes in by_path(dialect.routes).items()
            ],
        )
    server.log.info("qjob: jobs are served at %s", url_path_join(base, "qjob/api"))


def by_path(routes: tuple[Route, ...]) -> dict[str, dict[str, Route]]:
    """Return the routes of each path by their methods, in the order of the paths; then what fits no path."""
    table: dict[str, dict[str, Route]] = {}
    for route in routes:
        table.setdefault(route.pattern + "/?", {})[route.method] = route
    table[".*"] = {}
    return table
