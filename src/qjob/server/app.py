"""The Jupyter server extension: all wiring in one place. Enabled by installing qjob; does nothing until asked."""

from typing import Any

from jupyter_server.utils import url_path_join

from qjob.server.handlers import CancelHandler, LazyEngine


def _load_jupyter_server_extension(server: Any) -> None:
    """Add qjob's routes below the server's base URL."""
    web = server.web_app
    engine = LazyEngine()
    base = web.settings["base_url"]
    web.add_handlers(
        ".*$",
        [
            (
                url_path_join(base, "qjob", "api", "jobs", "([^/]+)", "cancel"),
                CancelHandler,
                {"engine": engine},
            )
        ],
    )
    server.log.info("qjob: jobs can be cancelled at %s", url_path_join(base, "qjob/api/jobs"))
