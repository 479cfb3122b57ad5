"""The receipt after the end: in the saved notebook, without a kernel, untrusted, and in nbconvert's HTML."""

import nbformat
import pytest
from nbconvert import HTMLExporter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUNS = {
    "completed": "snapshot('COMPLETED', walk(5000), shots=5000, name='quantum <script>walk</script>')",
    "failed": "snapshot('FAILED', failure=OUT_OF_MEMORY)",
}
BARS = "td:nth-child(2) > div > div:first-child"


def cell(ended):
    return f"from scripted import *\nit = card(snapshot('RUNNING')); it.show(); it.finish({ended})"


@pytest.fixture(scope="module")
def executed(lab):
    """A saved notebook whose jobs ended, as nobody trusts it any more."""
    page = lab.open([cell(ended) for ended in RUNS.values()])
    for number in range(len(RUNS)):
        page.run(number)
        page.output(number).locator(".jp-RenderedHTML").wait_for()
    page.save()
    assert page.errors == []
    assert page.foreign == []
    notebook = nbformat.read(page.path, as_version=4)
    notebook.metadata["touched"] = True  # its signature, which is over the content, no longer holds
    path = page.path.with_name(f"untrusted-{page.path.name}")
    nbformat.write(notebook, path)
    page.close()
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_without_a_kernel_and_untrusted(pages, executed, theme):
    page = pages.open(executed, kernel=False, theme=theme)
    trusted = "() => window.jupyterapp.shell.currentWidget.content.widgets.some(cell => cell.model.trusted)"
    assert page.page.evaluate(trusted) is False
    receipt = page.output(0)
    receipt.get_by_text("● COMPLETED").wait_for()
    text = receipt.inner_text()
    for shown in ("quantum <script>walk</script>", "5,000 shots", "free", "00000", "more outcomes"):
        assert shown in text
    assert "%qjob result 3f2a91bc" in text
    bars = receipt.locator(BARS).evaluate_all(
        "bars => bars.map(b => [b.offsetWidth, b.offsetHeight, getComputedStyle(b).backgroundColor])"
    )
    assert len(bars) == 16
    widths = [width for width, _, _ in bars]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 5 * widths[-1] > 20
    assert {(height, colour) for _, height, colour in bars} == {(12, "rgb(30, 136, 229)")}
    brackets = receipt.locator("td:nth-child(2) > div > div:nth-child(2)")
    assert all(brackets.evaluate_all("all => all.map(b => b.offsetWidth > 3 && b.offsetHeight === 6)"))
    assert receipt.locator("table").bounding_box()["width"] > 400
    page.screenshot(0, f"untrusted-completed-{theme}")
    failed = page.output(1).inner_text()
    assert "12.0 GB are all this machine has." in failed
    assert "%qjob retry 3f2a91bc" in failed
    page.screenshot(1, f"untrusted-failed-{theme}")
    assert page.foreign == []


def test_nothing_of_it_is_lost_to_the_sanitizer(pages, executed):
    """What the sanitizer lets through is all there was, the tabular figures apart."""
    page = pages.open(executed, kernel=False)
    inner = "box => box.querySelector('.jp-RenderedHTML > div').outerHTML"
    page.output(0).get_by_text("● COMPLETED").wait_for()
    kept = page.output(0).evaluate(inner)
    [output] = nbformat.read(executed, as_version=4).cells[0].outputs
    ours = page.page.evaluate(
        """html => { const box = document.createElement('div'); box.innerHTML = html;
        for (const node of box.querySelectorAll('*')) {
            node.style.removeProperty('font-variant-numeric'); }
        return box.firstChild.outerHTML; }""",
        output.data["text/html"],
    )
    styles = """html => { const box = document.createElement('div'); box.innerHTML = html;
        return [...box.querySelectorAll('*')].map(node => [node.tagName, node.style.cssText, node.title]); }"""
    assert page.page.evaluate(styles, kept) == page.page.evaluate(styles, ours)


def test_it_is_in_nbconverts_html(pages, executed):
    html, _ = HTMLExporter().from_filename(str(executed))
    assert "● </span> COMPLETED" in html or "●</span> COMPLETED" in html
    assert "quantum &lt;script&gt;walk&lt;/script&gt;" in html
    window = pages.browser.new_context(viewport={"width": 1000, "height": 1200})
    window.route("**/*", lambda route: route.abort())  # nbconvert's page asks for MathJax
    page = window.new_page()
    page.set_content(html, wait_until="domcontentloaded")
    widths = page.locator(f".jp-RenderedHTMLCommon {BARS}").evaluate_all(
        "bars => bars.map(b => b.offsetWidth)"
    )
    assert len(widths) == 16
    assert widths[0] > 5 * widths[-1] > 20
    page.locator(".jp-OutputArea-output").first.screenshot(path=str(pages.artifact("nbconvert-completed")))
    window.close()
