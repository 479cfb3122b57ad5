"""A real JupyterLab in headless Chromium: one server and one browser for the session, a page for a test.

`pages.open([cell, ...])` writes a notebook of these code cells, opens it and returns a `NotebookPage`.
Everything is bound to 127.0.0.1 and lives in one temporary folder; only what was started here is ended.
"""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest

ARTIFACTS = Path(__file__).parents[2] / "test-artifacts"
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
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
PATIENCE = 40  # seconds, for a machine that is busy
NOTEBOOK = "window.jupyterapp.shell.currentWidget"


@dataclass
class Lab:
    """A running JupyterLab server and a browser."""

    root: Path
    url: str
    token: str
    browser: Any
    pages: list["NotebookPage"] = field(default_factory=list)

    def write(self, name: str, cells: list[str]) -> Path:
        """Write a notebook of code cells into the server's root."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        path = self.root / name
        nbformat.write(notebook, path)
        return path

    def artifact(self, name: str) -> Path:
        """Return where to save a picture for people to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        return ARTIFACTS / f"{name}.png"

    def open(
        self, notebook: Path | list[str], *, theme: str = "light", kernel: bool = True, **context: Any
    ) -> "NotebookPage":
        """Open a notebook, or one made of these cells, in a browser window of its own.

        Further arguments go to Playwright's ``new_context``, such as ``reduced_motion="reduce"``.
        """
        if isinstance(notebook, list):
            notebook = self.write(f"notebook{len(self.pages)}.ipynb", notebook)
        window = self.browser.new_context(**{"viewport": {"width": 1000, "height": 1000}, **context})
        window.set_default_timeout(PATIENCE * 1000)
        page = NotebookPage(self, window.new_page(), notebook, kernel=kernel)
        self.pages.append(page)
        page.goto()
        page.set_theme(theme)
        return page


class NotebookPage:
    """A notebook open in JupyterLab, and all that went over the wire."""

    def __init__(self, lab: Lab, page: Any, path: Path, *, kernel: bool) -> None:
        self.lab, self.page, self.path, self.kernel = lab, page, path, kernel
        self.messages: list[tuple[str, int, dict[str, Any]]] = []
        """Kernel messages received: type, bytes on the wire, content."""
        self.errors: list[str] = []
        """Errors in the browser's console."""
        self.foreign: list[str] = []
        """Requests to any host but our server."""
        page.on("console", lambda line: line.type == "error" and self.errors.append(line.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        if not kernel:
            page.route("**/api/sessions**", self._refuse_session)

    def goto(self) -> None:
        self.page.goto(f"{self.lab.url}/lab/tree/{self.path.name}?reset&token={self.lab.token}")
        self._ready()

    def reload(self) -> None:
        self.page.reload()
        self._ready()

    def run(self, cell: int) -> None:
        """Run one cell and wait until it is done."""
        self.start(cell)
        self.wait_done(cell)

    def start(self, cell: int) -> None:
        """Run one cell, waiting for nothing."""
        self.page.evaluate(
            f"""cell => {{ const notebook = {NOTEBOOK}.content;
            notebook.deselectAll(); notebook.activeCellIndex = cell;
            (window.qjobDone ??= {{}})[cell] = false;
            window.jupyterapp.commands.execute("notebook:run-cell").finally(() => {{
                window.qjobDone[cell] = true; }}); }}""",
            cell,
        )

    def wait_done(self, cell: int) -> None:
        self.page.wait_for_function("cell => window.qjobDone[cell]", arg=cell)

    def output(self, cell: int) -> Any:
        """Return the locator of a cell's outputs."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-Cell-outputArea").first

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something on this side of the wire while the browser goes on."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"waited {PATIENCE} s in vain: {what}"
            self.page.wait_for_timeout(50)

    def cells(self) -> int:
        return int(self.page.evaluate(f"() => {NOTEBOOK}.content.widgets.length"))

    def save(self) -> None:
        self.page.evaluate(f"() => {NOTEBOOK}.context.save().then(() => true)")

    def restart_kernel(self) -> None:
        self.page.evaluate(f"() => {NOTEBOOK}.sessionContext.restartKernel().then(() => true)")

    def set_theme(self, theme: str) -> None:
        self.page.evaluate(
            "theme => { window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }",
            THEMES[theme],
        )
        light = str(theme == "light").lower()
        self.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)

    def screenshot(self, cell: int, name: str) -> None:
        """Save a picture of a cell's outputs for people to look at."""
        self.page.mouse.move(0, 0)
        self.output(cell).scroll_into_view_if_needed()
        self.output(cell).screenshot(path=str(self.lab.artifact(name)), animations="allow")

    def in_both_themes(self, names: list[str]) -> None:
        """Save pictures of the first cells' outputs, once what grows in them has grown."""
        for theme in THEMES:
            self.set_theme(theme)
            self.page.wait_for_timeout(400)
            for cell, name in enumerate(names):
                self.screenshot(cell, f"{name}-{theme}")

    def close(self) -> None:
        self.page.context.close()

    def _ready(self) -> None:
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(f"() => {NOTEBOOK}?.content?.widgets")
        if self.kernel:
            self.page.wait_for_function(
                f"() => {NOTEBOOK}.sessionContext?.session?.kernel?.status === 'idle'"
            )
        else:
            # first it says that the kernel did not start, then it asks for another
            self.page.locator(".jp-Dialog button.jp-mod-accept").click()
            self.page.locator(".jp-Dialog").get_by_role("button", name="No Kernel", exact=True).click()
            self.page.locator(".jp-Dialog").wait_for(state="detached")

    @staticmethod
    def _refuse_session(route: Any) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    def _request(self, url: str) -> None:
        ours = (self.lab.url, self.lab.url.replace("http", "ws", 1), "data:", "blob:", "about:")
        if not url.startswith(ours):
            self.foreign.append(url)

    def _frame(self, payload: str | bytes) -> None:
        """Record a kernel message in the binary framing of v1.kernel.websocket.jupyter.org."""
        if isinstance(payload, str):
            return
        parts = struct.unpack_from("<Q", payload)[0]
        at = struct.unpack_from(f"<{parts}Q", payload, 8)
        header, content = (json.loads(payload[at[i] : at[i + 1]]) for i in (1, 4))
        self.messages.append((header["msg_type"], len(payload), content))


@pytest.fixture(scope="module")
def switched_off() -> list[str]:
    """Extensions that JupyterLab is to do without; a test's module overrides it."""
    return []


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, switched_off: list[str]) -> Iterator[Lab]:
    """A JupyterLab server and a browser; skips where there is no Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH (Debian: apt-get install chromium), nor in QJOB_TEST_CHROMIUM")
    folder = tmp_path_factory.mktemp("lab")
    root, port, token = folder / "root", _free_port(), secrets.token_hex(16)
    root.mkdir()
    shutil.copy(Path(__file__).with_name("scripted.py"), root)  # what cells import to drive a card by hand
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
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
            yield Lab(root, url, token, browser)
            browser.close()
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
