"""The pages in a real browser: a job watched to its end, one cancelled; no JavaScript, light and dark, narrow."""

import re
import socket
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

import qjob

ARTIFACTS = Path(__file__).parents[2] / "test-artifacts"
pytestmark = [pytest.mark.slow, pytest.mark.browser]

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
LONG = """
OPENQASM 3.0;
include "stdgates.inc";
qubit[12] q;
bit[12] c;
h q[0];
c[0] = measure q[0];
if (c[0]) { x q[1]; }
c = measure q;
"""
MOVED = "before => document.querySelector('.qjob-phase > .qjob-quiet')?.textContent !== before"
HOSTILE = '</title><img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"&amp;'


@pytest.fixture(scope="module")
def engine(lab):
    with qjob.connect(home=lab.root.parent / "qjob") as engine:
        yield engine


@pytest.fixture(scope="module")
def bell(engine):
    return engine.submit(BELL, shots=1000, name=HOSTILE, tags={"<i>k": "</dd>v"}, seed=7).wait(60)


@pytest.fixture(scope="module")
def pair(engine):
    batch = engine.submit([BELL] * 2, shots=20, name="pair")
    engine.wait_for_all([job.id for job in batch[:]], 30)
    return batch


@pytest.fixture(scope="module")
def page_of(lab):
    """Open a page of the server, signed in; fail where it asks another host, or its policy is broken."""

    @contextmanager
    def open_page(path, **context):
        window = lab.browser.new_context(**{"viewport": {"width": 800, "height": 900}, **context})
        page, faults = window.new_page(), []
        ours = (lab.url, "data:", "blob:")
        page.on("request", lambda asked: asked.url.startswith(ours) or faults.append(asked.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: "Security Policy" in line.text and faults.append(line.text))
        try:
            page.goto(f"{lab.url}/qjob/{path}?token={lab.token}")
            yield page
            assert faults == []
        finally:
            window.close()

    return open_page


def cut(page):
    """Return the texts of a receipt's cells that do not fit into them."""
    return page.locator("#qjob-live td").evaluate_all(
        "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"
    )


def picture(page, name):
    """Save a picture for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTIFACTS / f"{name}.png"), full_page=True)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def widths(page):
    return page.locator(".qjob-bar").evaluate_all("bars => bars.map(bar => parseFloat(bar.style.width))")


def test_a_job_is_watched_to_its_end(engine, page_of):
    job = engine.submit(LONG, shots=5_000, name="watched")
    with page_of(f"jobs/{job.id}") as page:
        page.wait_for_selector(".qjob-card[data-status='RUNNING'] .qjob-row")
        counted = page.locator(".qjob-phase > .qjob-quiet")
        before = counted.text_content()
        page.wait_for_function(MOVED, arg=before)  # more shots than there were
        assert max(widths(page)) > 0
        picture(page, "page-running")
        page.wait_for_selector("#qjob-live[data-ended]")
        assert page.locator("#qjob-live").inner_text().count("COMPLETED") == 1
        assert page.locator("#qjob-rest td", has_text=re.compile("^completed$")).count() == 1
        assert page.title() == "watched: COMPLETED · qjob"
        page.wait_for_function("document.querySelector('#qjob-said').textContent === 'watched: COMPLETED'")
    assert job.status == "COMPLETED"


def test_a_job_is_cancelled_in_two_steps(engine, page_of, axe):
    job = engine.submit(LONG, shots=100_000)
    with page_of(f"jobs/{job.id}") as page:
        cancel = page.locator(".qjob-cancel")
        cancel.click()
        assert cancel.text_content() == "Really cancel?"
        page.wait_for_timeout(550)  # two taps in a row are one
        axe(SimpleNamespace(page=page), "body")
        cancel.press("Enter")
        page.wait_for_selector("#qjob-live[data-ended]")
        assert "CANCELLED" in page.locator("#qjob-live").inner_text()
        assert page.locator("h1").text_content().endswith(": CANCELLED")
        assert page.evaluate("document.activeElement.id") == "qjob-live"  # its button has gone
        assert page.get_by_role("button", name="Run it again").count() == 1
        assert "%qjob" not in page.locator("body").inner_text()
    assert job.status == "CANCELLED"


class Wire:
    """What lies between a browser and the server, and can be cut."""

    def __init__(self, port):
        self.to, self.ends = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open(self.listener)

    def open(self, listener=None):
        self.listener = listener or socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._take, args=[self.listener], daemon=True).start()

    def cut(self):
        for end in (self.listener, *self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()

    def _take(self, listener):
        with suppress(OSError):
            while True:
                near, far = listener.accept()[0], socket.create_connection(("127.0.0.1", self.to))
                self.ends += near, far
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    @staticmethod
    def _pass(near, far):
        with suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
            far.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(lab):
    wire = Wire(int(lab.url.rpartition(":")[2]))
    yield wire
    wire.cut()


TROUBLE = "document.querySelector('#qjob-trouble').textContent"


def cancel_twice(page):
    """Press Cancel, and agree."""
    page.locator(".qjob-cancel").click()
    page.wait_for_timeout(550)  # two taps in a row are one
    page.locator(".qjob-armed").press("Enter")


def test_a_server_that_is_gone_is_told_until_it_is_back(engine, lab, wire):
    job = engine.submit(LONG, shots=100_000, name="cut off")
    window = lab.browser.new_context(viewport={"width": 800, "height": 900})
    page = window.new_page()
    page.goto(f"http://127.0.0.1:{wire.port}/qjob/jobs/{job.id}?token={lab.token}")
    page.wait_for_selector(".qjob-card[data-status='RUNNING'] .qjob-row")
    wire.cut()
    page.wait_for_function(
        f"() => /^There is no connection to the server since ..:.. UTC; try/.test({TROUBLE})"
    )
    assert page.locator(".qjob-card > .qjob-header > .qjob-status").inner_text() == "last seen RUNNING"
    clock = page.locator(".qjob-now").inner_text()
    cancel_twice(page)
    notice = page.locator(".qjob-notice")
    notice.wait_for(timeout=4000)  # at once, not after the six seconds that a busy kernel gets
    assert notice.inner_text() == "It is not cancelled: there is no connection to the server."
    assert page.locator(".qjob-cancel").inner_text() == "Cancel"
    assert page.locator(".qjob-now").inner_text() == clock
    picture(page, "page-cut-off")
    wire.open()
    page.wait_for_function(f"() => {TROUBLE} === ''")
    page.wait_for_selector(".qjob-card[data-status='RUNNING']")
    assert notice.is_hidden()
    assert page.locator(".qjob-now").inner_text() != clock
    cancel_twice(page)
    page.wait_for_selector("#qjob-live[data-ended]")
    window.close()
    assert job.status == "CANCELLED"


def test_who_is_signed_out_is_told_where_to_sign_in(engine, page_of):
    job = engine.submit(LONG, shots=100_000, name="signed out")
    with page_of(f"jobs/{job.id}") as page:
        page.wait_for_selector(".qjob-card[data-status='RUNNING']")
        page.context.clear_cookies()
        cancel_twice(page)
        page.wait_for_selector(".qjob-notice:not([hidden])")
        said = page.locator(".qjob-notice").inner_text()
        assert said == "It is not cancelled: you are not signed in any more."
        page.get_by_role("link", name="Sign in again").click()
        page.wait_for_url("**/login?next=*")
    assert job.status == "RUNNING"
    job.cancel()


def test_the_parts_of_a_batch_tell_the_same_while_it_runs(engine, page_of):
    batch = engine.submit([LONG] * 4, shots=1_500, name="parts")
    with page_of(f"jobs/{batch.id}") as page:
        page.wait_for_selector(".qjob-part[data-part='completed']:not([hidden])")
        page.wait_for_function(
            "() => { const ended = document.querySelector('.qjob-part[data-part=completed]')?.textContent;"
            " return ended === document.querySelectorAll('#qjob-rest [data-status=COMPLETED]').length"
            " + ' completed'; }",
            timeout=8000,
        )
        assert page.locator(".qjob-card").count() == 1, "it had ended before it was looked at"
    batch.cancel()


def test_the_list_goes_on_by_itself(engine, page_of):
    job = engine.submit(LONG, shots=100_000, name="listed")
    with page_of("jobs") as page:
        assert "token" not in page.url
        row = page.locator("tbody tr", has_text=job.id[:8])
        row.get_by_role("link").focus()
        assert re.search("QUEUED|RUNNING", row.inner_text())
        job.cancel()
        row.locator("[data-status=CANCELLED]").wait_for(timeout=10_000)
        assert page.evaluate("document.activeElement.textContent") == "listed"


def test_without_javascript_it_is_a_plain_page_and_cancels_as_well(engine, page_of):
    job = engine.submit(LONG, shots=100_000, name="plain")
    with page_of(f"jobs/{job.id}", java_script_enabled=False) as page:
        assert "Reload the page" in page.locator("main").inner_text()
        page.get_by_role("button", name="Cancel…").click()
        assert page.get_by_role("heading").inner_text() == "Cancel job plain?"
        page.get_by_role("button", name="Cancel it").click()
        assert page.url.endswith(job.id)
        job.wait(20)
        page.reload()
        assert "CANCELLED" in page.locator("main").inner_text()
        assert page.get_by_role("button").all_inner_texts() == ["Run it again"]
        page.get_by_role("button").click()
        again = engine.job(page.url.rpartition("/")[2])
        assert (again.record.retry_of, again.id != job.id) == (job.id, True)
        again.cancel()


@pytest.fixture(scope="module")
def shown(bell, pair):
    return {"list": "jobs", "job": f"jobs/{bell.id}", "batch": f"jobs/{pair.id}", "missing": "jobs/none"}


@pytest.mark.parametrize(("scheme", "width"), [("light", 800), ("dark", 800), ("light", 320), ("dark", 320)])
def test_pages_read_well(shown, page_of, axe, scheme, width):
    with page_of("jobs", color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        for name, path in shown.items():
            page.goto(page.url.partition("/qjob/")[0] + f"/qjob/{path}")
            assert fits(page), name
            assert cut(page) == [], name
            axe(SimpleNamespace(page=page), "body")
            picture(page, f"page-{name}-{scheme}-{width}")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[scheme]


def test_hostile_names_are_text(bell, page_of, lab):
    with page_of(f"jobs/{bell.id}") as page:
        assert HOSTILE in page.locator("#qjob-live").inner_text()
        assert "<i>k=</dd>v" in page.locator("#qjob-rest").inner_text()
        page.goto(f"{lab.url}/qjob/jobs")
        assert page.get_by_role("link", name=HOSTILE).count() == 1
        assert page.evaluate("window.hit") is None
        assert page.locator("main img, main script").count() == 0


def test_the_list_is_filtered_by_a_plain_form(bell, page_of):
    with page_of("jobs", java_script_enabled=False) as page:
        page.get_by_label("Name, tag or id").fill(bell.id[:8])
        page.get_by_label("Status").select_option("completed")
        page.get_by_role("button", name="Show").click()
        assert page.locator("tbody tr").count() == 1
        page.get_by_role("link", name=HOSTILE).click()
        assert page.url.endswith(bell.id)


def test_the_card_of_a_notebook_leads_to_the_page(pages):
    page = pages.open(["from scripted import *\nit = card(snapshot('RUNNING')); it.show()"])
    page.run(0)
    link = page.output(0).locator(".qjob-page")
    link.wait_for()
    assert re.fullmatch(re.escape(pages.url) + r"/qjob/jobs/[0-9a-f-]{36}", link.get_attribute("href"))
    assert link.get_attribute("target") == "_blank"
