"""Notebooks open in a real JupyterLab, in windows of a headless browser that show one after the other.

To load JupyterLab takes ten times the effort of opening a notebook in it. So a window is used again: its notebook
is closed and its kernel ended, and the next one is opened by JupyterLab's own command. Loaded anew is what is opened
without a kernel, since nothing of who made it may help it along, and each notebook of a lab where some leave timers
behind.
"""

import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

ARTIFACTS = Path(__file__).parents[1] / "test-artifacts"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PATIENCE = 40  # seconds, for a machine that is busy
NOTEBOOK = "window.jupyterapp.shell.currentWidget"
VIEWPORT = {"width": 1000, "height": 1000}

OPEN = """async path => {
    const app = window.jupyterapp, before = [...app.shell.widgets("main")];
    window.qjobDone = {};
    const opened = await app.commands.execute("docmanager:open", {path, factory: "Notebook"});
    before.forEach(each => each.dispose());
    app.shell.activateById(opened.id);
}"""
# once it is true, nothing of what was shown is at work any more, or can complain of its end
CLOSE = """async patience => {
    const app = window.jupyterapp, main = [...app.shell.widgets("main")];
    const sessions = main.map(each => each.context?.sessionContext?.session?.id).filter(id => id);
    main.forEach(each => each.dispose());
    const later = (after, what) => new Promise(done => setTimeout(() => done(what), after));
    const ends = Promise.all(sessions.map(id => app.serviceManager.sessions.shutdown(id)));
    const ended = await Promise.race([ends.then(() => true, () => false), later(1000 * patience, false)]);
    await later(50);
    return ended && !document.querySelector(".jp-Dialog");
}"""
BUSY = 3
"""Seconds after which a kernel does not end because it is busy; its server kills it soon."""


class Window:
    """A browser window of its own, and the notebook page that it shows."""

    def __init__(self, browser: Any) -> None:
        context = browser.new_context(viewport=VIEWPORT)
        context.set_default_timeout(PATIENCE * 1000)
        self.page, self.shown = context.new_page(), None
        self.page.on("console", lambda line: line.type == "error" and self._tell("failed", line.text))
        self.page.on("pageerror", lambda error: self._tell("failed", str(error)))
        self.page.on("request", lambda request: self._tell("requested", request.url))
        self.page.on("websocket", self._listen)

    def _tell(self, what: str, text: str) -> None:
        if self.shown is not None:
            getattr(self.shown, what)(text)

    def _listen(self, socket: Any) -> None:
        if self.shown is not None:
            socket.on("framereceived", self.shown.received)

    def clear(self) -> bool:
        """Close what is shown; return whether another notebook may be shown here."""
        self.shown = None
        self.page.unroute_all()
        return bool(self.page.evaluate(CLOSE, BUSY))

    def close(self) -> None:
        self.page.context.close()


@dataclass
class Lab:
    """A running JupyterLab server and a browser."""

    root: Path
    url: str
    token: str
    browser: Any
    anew: bool = False
    """Whether each notebook is to have a JupyterLab that has shown no other."""
    pages: list["NotebookPage"] = field(default_factory=list)
    free: list[Window] = field(default_factory=list)

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
        self,
        notebook: Path | list[str],
        *,
        theme: str = "light",
        kernel: bool = True,
        viewport: dict[str, int] = VIEWPORT,
        reduced_motion: str = "no-preference",
    ) -> "NotebookPage":
        """Open a notebook, or one made of these cells, in a browser window that shows nothing else."""
        if isinstance(notebook, list):
            notebook = self.write(f"notebook{len(self.pages)}.ipynb", notebook)
        used = bool(self.free)
        window = self.free.pop() if used else Window(self.browser)
        page = NotebookPage(self, window, notebook, kernel=kernel)
        self.pages.append(page)
        window.page.set_viewport_size(viewport)
        window.page.emulate_media(reduced_motion=reduced_motion)
        window.page.mouse.move(0, 0)
        if used and kernel and not self.anew:
            page.show()
        else:
            page.load()
        if used:
            page.errors.clear()  # what there is came from what was shown before: no cell has run
        page.set_theme(theme)
        return page

    def close(self) -> None:
        for page in self.pages:
            page.close()
        while self.free:
            self.free.pop().close()


class NotebookPage:
    """A notebook open in JupyterLab, and all that went over the wire."""

    def __init__(self, lab: Lab, window: Window, path: Path, *, kernel: bool) -> None:
        self.lab, self.window, self.page = lab, window, window.page
        self.path, self.kernel, self.open = path, kernel, True
        self.messages: list[tuple[str, int, dict[str, Any]]] = []
        """Kernel messages received: type, bytes on the wire, content."""
        self.errors: list[str] = []
        """Errors in the browser's console."""
        self.foreign: list[str] = []
        """Requests to any host but our server."""
        window.shown = self
        if not kernel:
            self.page.route("**/api/sessions**", self._refuse_session)

    def load(self) -> None:
        """Load JupyterLab anew, with this notebook."""
        self.page.goto(f"{self.lab.url}/lab/tree/{self.path.name}?reset&token={self.lab.token}")
        self._ready()

    def show(self) -> None:
        """Open this notebook in a JupyterLab that is there already."""
        self.page.evaluate(OPEN, self.path.name)
        self._ready()

    def reload(self) -> None:
        self.load()

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
            const done = window.qjobDone;
            window.jupyterapp.commands.execute("notebook:run-cell").finally(() => {{ done[cell] = true; }}); }}""",
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
        """End its kernel, and leave the window to others."""
        if not self.open:
            return
        self.open = False
        if self.kernel and self.window.clear():
            self.lab.free.append(self.window)
        else:
            self.window.close()

    def failed(self, error: str) -> None:
        self.errors.append(error)

    def requested(self, url: str) -> None:
        ours = (self.lab.url, self.lab.url.replace("http", "ws", 1), "data:", "blob:", "about:")
        if not url.startswith(ours):
            self.foreign.append(url)

    def received(self, payload: str | bytes) -> None:
        """Record a kernel message in the binary framing of v1.kernel.websocket.jupyter.org."""
        if isinstance(payload, str):
            return
        parts = struct.unpack_from("<Q", payload)[0]
        at = struct.unpack_from(f"<{parts}Q", payload, 8)
        header, content = (json.loads(payload[at[i] : at[i + 1]]) for i in (1, 4))
        self.messages.append((header["msg_type"], len(payload), content))

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
