"""A front end that draws no widgets, as VS Code without its extension; and Colab, which paints nothing later."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OWN_LAB = True

LONG = """%%qjob --backend qb-sim-noisy-aer --shots 100000 --name {name} --option gate_error_2q=0.01
from qiskit import QuantumCircuit
qc = QuantumCircuit(13); qc.h(0)
for q in range(12): qc.cx(q, q + 1)
qc.measure_all()
qc"""

CIRCUIT = "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1); qc.h(0); qc.measure_all()"


@pytest.fixture(scope="module")
def switched_off():
    return ["@jupyter-widgets/jupyterlab-manager"]


def counted(shown):
    """Return how many shots the first row of the histogram has."""
    cells = shown.locator("td").all_inner_texts()
    return int(cells[2].replace(",", "")) if len(cells) > 2 else 0


def test_the_card_is_plain_html_that_goes_on_by_itself(pages):
    page = pages.open(["%load_ext qjob", LONG.format(name="plain"), "%qjob cancel plain"])
    page.run(0)
    page.run(1)
    shown = page.output(1)
    shown.get_by_text("plain", exact=True).wait_for()
    page.wait_until(lambda: counted(shown) > 0, "shots are counted")
    before = counted(shown)
    page.wait_until(lambda: counted(shown) > before, "the histogram grows")
    page.screenshot(1, "no-widgets-live")
    page.run(2)
    shown.get_by_text("● CANCELLED").wait_for()
    page.screenshot(1, "no-widgets-receipt")


def test_in_colab_the_cell_waits_and_paints_meanwhile(pages):
    colab = "import os; os.environ['COLAB_RELEASE_TAG'] = 'release-colab_20261101'\n%load_ext qjob"
    other = pages.open(["%load_ext qjob", "%qjob cancel colab"])
    short = "%%qjob --shots 100 --name over\n" + CIRCUIT + "\nqc"
    page = pages.open([colab, LONG.format(name="colab"), short])
    other.run(0)
    page.run(0)
    page.start(1)

    def painted():  # with a row of the histogram
        updates = [str(content) for kind, _, content in page.messages if kind == "update_display_data"]
        return any("RUNNING</span>" in html and "<td" in html for html in updates)

    page.wait_until(painted, "counts are painted while the cell waits")
    other.run(1)  # by another kernel: this one waits
    page.wait_done(1)
    assert page.output(1).get_by_text("● CANCELLED").count() == 1
    page.run(2)
    assert page.output(2).get_by_text("● COMPLETED").count() == 1
    assert not any(
        kind == "comm_open" for kind, _, content in page.messages if "jupyter.widget" in str(content)[:80]
    )


FORM = "%qjob form qc --shots 50"


def test_form_explorer_and_plot_leave_something_to_read(pages):
    page = pages.open(
        [
            "%load_ext qjob\n" + CIRCUIT,
            "%qjob submit qc --name one --wait",
            FORM,
            "%qjob explore",
            "%qjob plot one",
        ]
    )
    for cell in range(5):
        page.run(cell)
    assert "%qjob submit qc --backend marqov-sim --shots 50" in page.output(2).inner_text()
    assert "one" in page.output(3).inner_text()
    assert "1,000 shots" in page.output(4).inner_text()
    for cell, name in enumerate(("form", "explorer", "plot"), start=2):
        page.screenshot(cell, f"no-widgets-{name}")
