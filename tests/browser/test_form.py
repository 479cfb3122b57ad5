"""The form as people use it: filled in, refused, confirmed, watched and cancelled, in a real JupyterLab.

What is paid is a simulator of this machine with a price in the user's own file: $0.30 and a cent a shot.
"""

import json
import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OWN_LAB = True

PRICE = """
[[backend]]
slug = "qb-sim-statevector"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "a test"
as_of = 2026-11-01
"""
BEGIN = """%load_ext qjob
from qiskit import QuantumCircuit
qc = QuantumCircuit({width}, name="ghz"); qc.h(0)
for i in range({width} - 1): qc.cx(i, i + 1)
qc.rx({angle}, 0)
qc.measure_all()"""


@pytest.fixture(scope="module", autouse=True)
def _paid(lab):
    home = lab.root.parent / "qjob"
    home.mkdir(exist_ok=True)
    (home / "backends.toml").write_text(PRICE)


NAMELESS = """form => [...form.querySelectorAll("input, select, textarea, button, [role=slider]")]
    .filter(node => node.offsetParent)
    .filter(node => !(node.getAttribute("aria-label") || node.textContent.trim() && node.tagName === "BUTTON"
        || [...(node.labels ?? [])].some(label => label.textContent.trim())))
    .map(node => node.outerHTML)"""
# the controls that a screen reader could not name


class Person:
    """Somebody in front of a form in the second cell."""

    def __init__(self, pages, line="%qjob form qc", *, width=5, angle=0.3, theme="light", more=()):
        self.notebook = pages.open([BEGIN.format(width=width, angle=angle), line, *more], theme=theme)
        self.page = self.notebook.page
        self.page.set_viewport_size({"width": 1280, "height": 1400})
        self.notebook.run(0)
        self.notebook.run(1)
        self.out = self.notebook.output(1)
        self.foot = self.out.locator(".qform-foot")
        self.says("left today")

    def says(self, text):
        self.foot.get_by_text(text).first.wait_for()

    def backend(self, slug):
        self.out.get_by_role("radio", name=re.compile(f"^{slug}")).check()

    def write(self, label, text):
        self.out.get_by_label(label, exact=True).fill(text)

    def click(self, name):
        self.foot.get_by_role("button", name=name, exact=True).click()

    def line(self):
        return self.foot.locator(".qform-line code").first.inner_text()

    def pictures(self, name):
        for width in (1280, 800):
            self.page.set_viewport_size({"width": width, "height": 1500})
            for theme in ("light", "dark"):
                self.notebook.set_theme(theme)
                self.page.wait_for_timeout(300)
                self.notebook.screenshot(1, f"form-{name}-{width}-{theme}")
        self.page.set_viewport_size({"width": 1280, "height": 1400})

    def is_well(self):
        assert self.notebook.errors == []
        assert self.notebook.foreign == []


def test_a_form_is_filled_in_priced_confirmed_and_becomes_a_receipt(pages):
    person = Person(pages)
    person.says("free")
    assert person.out.locator(".qjob-form").evaluate(NAMELESS) == []
    person.pictures("new")
    person.write("Name", "my ghz")
    person.write("Tags", "project=demo")
    person.backend("qb-sim-statevector")
    person.says("$10.30")
    person.write("Shots", "100")
    person.says("$1.30")
    person.says("$98.70 after this")
    assert (
        person.line() == "%%qjob --backend qb-sim-statevector --shots 100 --name 'my ghz' --tag project=demo"
    )
    person.click("Submit")
    person.says("can cost $1.30")
    person.page.keyboard.press("Escape")
    person.foot.get_by_role("button", name="Submit", exact=True).wait_for()
    person.click("Submit")
    person.says("can cost $1.30")
    person.pictures("armed")
    person.foot.get_by_role(
        "button", name="Submit", exact=True
    ).wait_for()  # after five seconds it is taken back
    person.click("Submit")
    person.foot.get_by_role("button", name="Confirm $1.30").wait_for()
    person.write("Shots", "110")  # as by any edit
    person.says("$1.40")
    person.foot.get_by_role("button", name="Submit", exact=True).wait_for()
    person.click("Submit")
    person.click("Confirm $1.40")
    person.says("is submitted.")
    person.out.locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    assert "held and charged $1.40" in person.out.inner_text()
    person.pictures("submitted")
    person.click("Submit")
    person.says("already paid $1.40")
    assert person.foot.get_by_role("button", name=re.compile("Confirm")).count() == 0
    person.is_well()


def test_a_held_key_neither_agrees_nor_submits_twice(pages):
    person = Person(pages, "%qjob form qc --backend qb-sim-statevector --shots 10", angle=0.41)
    submit = person.foot.locator(".qform-submit")
    submit.focus()
    person.page.keyboard.down("Enter")
    person.says("can cost $0.40")
    for _ in range(30):  # down again without an up is what a held key does
        person.page.keyboard.down("Enter")
        person.page.wait_for_timeout(33)
    person.page.keyboard.up("Enter")
    assert submit.inner_text() == "Confirm $0.40"
    person.page.keyboard.press("Enter")
    person.says("is submitted.")
    assert submit.get_attribute("aria-disabled") == "true"  # for a moment
    person.is_well()


def test_an_answer_takes_no_click_for_a_moment(pages):
    person = Person(pages, "%qjob form qc --backend qb-sim-statevector --shots 10", angle=0.42)
    submit = person.foot.locator(".qform-submit")
    submit.evaluate(
        """node => new MutationObserver(() => node.textContent.startsWith("Confirm") && node.click())
            .observe(node, { childList: true })"""
    )  # clicks as soon as it can be confirmed
    submit.click()
    person.says("can cost $0.40")
    person.page.wait_for_timeout(700)
    assert submit.inner_text() == "Confirm $0.40"
    person.is_well()


def test_a_click_that_overtakes_an_edit_submits_nothing_else(pages):
    busy = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    person = Person(pages, "%qjob form qc --shots 50", more=[busy])
    person.notebook.start(2)
    person.write("Shots", "60")  # on its way while the kernel is busy
    person.write("Shots", "70")  # kept back until the first one is handled
    person.click("Submit")
    (pages.root / "go").touch()
    person.says("The form has just changed")
    person.says("%%qjob --backend marqov-sim --shots 70")  # the edits are there
    person.says("The form has just changed")
    receipts = person.out.locator(".jp-RenderedHTML").filter(has_text="●")
    assert receipts.count() == 0
    person.click("Submit")
    person.says("is submitted.")
    receipts.get_by_text("● COMPLETED").wait_for()
    assert receipts.count() == 1
    assert "70 shots" in receipts.inner_text()
    person.is_well()


def test_over_budget_it_says_how_many_shots_would_fit(pages):
    person = Person(pages, "%qjob form qc --backend qb-sim-statevector --shots 20000", theme="dark")
    person.says("a job of team")
    person.says("shots would fit")
    (fits,) = re.findall(r"([\d,]+) shots would fit", person.foot.inner_text())  # others have spent something
    person.pictures("refused")
    person.click("Submit")
    person.foot.get_by_role("button", name="Submit", exact=True).wait_for()
    assert person.foot.get_by_role("button", name=re.compile("Confirm")).count() == 0
    person.click(f"Use {fits} shots")
    shots = fits.replace(",", "")
    person.page.wait_for_function("fits => document.querySelector('.qform-number').value === fits", arg=shots)
    line = f"%%qjob --backend qb-sim-statevector --shots {shots}"
    person.notebook.wait_until(lambda: person.line() == line, f"the line says {shots} shots")
    person.is_well()


def test_options_come_from_the_backend_bars_grow_and_the_job_is_cancelled(pages):
    person = Person(pages, width=13)
    person.backend("qb-sim-noisy-aer")
    person.write("gate_error_2q", "0.9")
    person.says("it takes number 0 to 0.75")
    person.write("gate_error_2q", "0.01")
    person.write("t1 (us)", "50")
    person.write("Shots", "100000")
    person.says("free")
    person.pictures("noisy")
    assert "--option gate_error_2q=0.01 --option t1=50" in person.line()
    person.click("Submit")
    person.out.locator(".qjob-row").first.wait_for()  # counts are streaming
    person.notebook.screenshot(1, "form-live")
    person.out.get_by_role("button", name="Cancel").click()
    person.out.get_by_role("button", name="Really cancel?").click()
    person.out.locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    person.is_well()


def test_what_does_not_fit_is_shown_with_its_reason_and_keys_stay_in_the_form(pages):
    person = Person(pages, width=40)
    unfit = person.out.get_by_role("radio", name=re.compile("^sv1"))
    row = person.out.locator(".qform-backend").filter(has_text=re.compile("^sv1"))
    row.get_by_text("40 qubits are too many: at most 34").wait_for()
    assert unfit.is_disabled()
    cells = person.notebook.cells()
    person.backend("qb-sim-tensor-network")
    person.page.keyboard.press("ArrowDown")  # over those that do not fit
    checked = "() => document.querySelector('.qform-radio:checked').value"
    assert person.page.evaluate(checked) == "iqm-emerald"
    for place in (
        person.out.get_by_label("Program", exact=True),
        person.out.get_by_label("Shots, by slider"),
        unfit,
    ):
        place.focus()
        person.page.keyboard.press("x")
        person.page.keyboard.press("b")
    assert person.notebook.cells() == cells
    person.is_well()


def test_new_circuits_appear_and_text_can_be_typed(pages):
    person = Person(pages, "%qjob form", more=["several = [qc, qc]", "del qc"])
    person.notebook.run(2)
    program = person.out.get_by_label("Program", exact=True)
    program.select_option(label="several: a list of 2, submitted as a batch")
    person.out.get_by_text("2 circuits; the first one").wait_for()
    program.select_option(label="qc")
    person.notebook.run(3)
    person.says("there is no variable 'qc' any more")
    program.select_option(label="OpenQASM text, typed below")
    person.says("there is no program yet")
    person.write(
        "OpenQASM", 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; x q[0]; measure q -> c;'
    )
    person.says("free")
    person.click("Submit")
    person.out.locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    assert person.line().startswith("%%qjob --backend marqov-sim --shots 1000\nOPENQASM 2.0;")
    person.is_well()


def test_closed_it_leaves_its_line_and_a_receipt_in_the_saved_notebook(pages):
    person = Person(pages, "%qjob form qc --shots 50 --name kept")
    person.click("Submit")
    person.out.locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    person.click("Close")
    person.out.get_by_text("A form for a job").wait_for()
    assert person.notebook.errors == []
    person.notebook.save()
    saved = json.loads(person.notebook.path.read_text())["cells"][1]["outputs"]
    kinds = [sorted(output["data"]) for output in saved]
    assert kinds == [["text/html", "text/plain"]] * 2
    person.notebook.close()
    copy = person.notebook.path.with_name("reopened.ipynb")  # one that no kernel belongs to
    copy.write_bytes(person.notebook.path.read_bytes())
    again = pages.open(copy, kernel=False)
    again.output(1).get_by_text("%qjob submit qc --backend marqov-sim --shots 50 --name kept").wait_for()
    again.output(1).get_by_text("● COMPLETED").wait_for()
    again.screenshot(1, "form-closed")


def test_a_kernel_restart_leaves_a_notice(pages):
    person = Person(pages)
    person.notebook.restart_kernel()
    person.says("The kernel that made this form is gone")
    assert not person.foot.get_by_role("button", name="Submit").is_visible()


def test_from_a_live_card_the_job_is_run_again_in_another_way(pages):
    long = (
        "%qjob submit qc --backend qb-sim-noisy-aer --shots 100000 --option gate_error_2q=0.01 --name first"
    )
    notebook = pages.open([BEGIN.format(width=13, angle=0.1), long, "%qjob cancel first"])
    notebook.page.set_viewport_size({"width": 1280, "height": 1800})
    notebook.run(0)
    notebook.run(1)
    out = notebook.output(1)
    out.get_by_role("button", name="Run as job…").click()
    foot = out.locator(".qform-foot")
    foot.get_by_text("left today").wait_for()
    notebook.screenshot(1, "card-with-real-form")
    out.get_by_role("radio", name=re.compile("^marqov-sim")).check()
    out.get_by_label("Shots", exact=True).fill("50")
    out.get_by_label("Name", exact=True).fill("second")
    foot.get_by_text("--name second").first.wait_for()  # a click that overtakes an edit submits nothing
    foot.get_by_role("button", name="Submit", exact=True).click()
    foot.get_by_text("is submitted.").wait_for()
    out.locator(".jp-RenderedHTML").get_by_text("second").first.wait_for()  # its receipt, below the card
    notebook.run(2)
    out.get_by_role("button", name="Close the form").click()
    out.locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    notebook.screenshot(1, "card-after-real-form")
    assert notebook.errors == []
