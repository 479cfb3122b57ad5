"""A real JupyterLab in headless Chromium.

`pages.open([cell, ...])` writes a notebook of these code cells, opens it and returns a `NotebookPage`; see
`lab_window`. One browser, and one server for the modules whose cards are driven by hand, are shared by all browser
tests that follow one another in a process; a module that needs a store or settings of its own, or whose notebooks
leave timers behind, says ``OWN_LAB = True`` and has a server of its own and JupyterLab loaded anew for each test.
Everything is bound to 127.0.0.1 and lives in temporary folders; only what was
started here is ended.
"""

import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab_window import PATIENCE, Lab, NotebookPage

HERE = Path(__file__).parent
CHROMIUM = (
    os.environ.get("QJOB_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


class House:
    """The browser of this process and the lab that modules share, for as long as browser tests follow one another."""

    def __init__(self) -> None:
        self.running = contextlib.ExitStack()
        self.browser: Any = None
        self.shared: Lab | None = None

    def a_browser(self) -> Any:
        if self.browser is None:
            from playwright.sync_api import sync_playwright

            driver = self.running.enter_context(sync_playwright())
            self.browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
            self.running.callback(self.browser.close)
        return self.browser

    def shared_lab(self, folder: Callable[[str], Path]) -> Lab:
        if self.shared is None:
            self.shared = self.running.enter_context(serving(folder("lab"), self.a_browser(), []))
        return self.shared

    def close(self) -> None:
        """End all: while it runs, no other test of this process can have an event loop."""
        self.browser = self.shared = None
        self.running.close()


HOUSE = pytest.StashKey[House]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """After the last of several browser tests, nothing of theirs runs on."""
    try:
        return (yield)
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            house = item.config.stash.get(HOUSE, None)
            if house is not None:
                house.close()


@pytest.fixture(scope="module")
def switched_off() -> list[str]:
    """Extensions that JupyterLab is to do without; a test's module with a lab of its own overrides it."""
    return []


@pytest.fixture(scope="module")
def lab(request, tmp_path_factory: pytest.TempPathFactory, switched_off: list[str]) -> Iterator[Lab]:
    """A JupyterLab server and a browser; skips where there is no Chromium."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH (Debian: apt-get install chromium), nor in QJOB_TEST_CHROMIUM")
    house = request.config.stash.setdefault(HOUSE, House())
    if getattr(request.module, "OWN_LAB", False):
        with serving(tmp_path_factory.mktemp("lab"), house.a_browser(), switched_off) as lab:
            lab.anew = True
            yield lab
    else:
        yield house.shared_lab(tmp_path_factory.mktemp)


@contextlib.contextmanager
def serving(folder: Path, browser: Any, switched_off: list[str]) -> Iterator[Lab]:
    """Give a JupyterLab server with a root, settings and a store of its own."""
    root, port, token = folder / "root", _free_port(), secrets.token_hex(16)
    root.mkdir()
    shutil.copy(HERE / "scripted.py", root)  # what cells import to drive a card by hand
    url = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}"),
        *(f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"),
    ]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env=_environment(folder, switched_off),
            cwd=root,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for_server(server, url, token, folder / "server.log")
        lab = Lab(root, url, token, browser)
        yield lab
        lab.close()
    finally:
        _end(server, url, token)


@pytest.fixture
def pages(lab: Lab) -> Iterator[Lab]:
    """The lab, for one test: its pages are closed at the end."""
    first = len(lab.pages)
    yield lab
    for page in lab.pages[first:]:
        page.close()


GRAVE = {"serious", "critical"}


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """Return what fails where axe-core finds a serious or critical barrier in a part of a page."""
    found = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )

    def check(page: NotebookPage, part: str = ".jp-OutputArea-output") -> None:
        barriers = found.Axe().run(page.page, context=part).response["violations"]
        grave = [
            f"{barrier['id']} ({barrier['impact']}): {node['html'][:200]}\n{node.get('failureSummary', '')}"
            for barrier in barriers
            if barrier["impact"] in GRAVE
            for node in barrier["nodes"]
        ]
        assert not grave, "\n\n".join(grave)

    return check


def _environment(folder: Path, switched_off: list[str]) -> dict[str, str]:
    """Return an environment in which this server shares nothing with the user's own Jupyter and qjob."""
    own = {"HOME": folder / "home", "QJOB_HOME": folder / "qjob", "IPYTHONDIR": folder / "ipython"}
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        own[f"JUPYTER_{name}"] = folder / name.lower()
    settings = own["JUPYTERLAB_SETTINGS_DIR"] = folder / "settings"
    own["JUPYTERLAB_WORKSPACES_DIR"] = folder / "workspaces"
    own["HOME"].mkdir()
    pages = own["JUPYTER_CONFIG_DIR"] / "labconfig"
    pages.mkdir(parents=True)
    disabled = {"disabledExtensions": dict.fromkeys(switched_off, True)}
    (pages / "page_config.json").write_text(json.dumps(disabled), "utf-8")
    for name, values in SETTINGS.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), "utf-8")
    return {**os.environ, **{name: str(path) for name, path in own.items()}, "NO_PROXY": "127.0.0.1"}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _call(method: str, url: str, path: str, token: str) -> None:
    server = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        server.request(method, path, headers={"Authorization": f"token {token}"})
        server.getresponse().read()
    finally:
        server.close()


def _wait_for_server(server: subprocess.Popen[bytes], url: str, token: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        try:
            return _call("GET", url, "/api/status", token)
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def _end(server: subprocess.Popen[bytes], url: str, token: str) -> None:
    """End the server, which ends its kernels; where it does not, its process group."""
    try:
        _call("POST", url, "/api/shutdown", token)
        server.wait(15)
    except (OSError, subprocess.TimeoutExpired):
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(5)
