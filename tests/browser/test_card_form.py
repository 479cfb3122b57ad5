"""The form below a card: opened and closed by its button, gone with it, and nothing of it in the saved notebook."""

import json

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOW = (
    "from scripted import *\nmade = []\n"
    "def make(): made.append(form()); return made[-1]\n"
    "it = card(snapshot('RUNNING', bell(5000)), on_form=make); it.show()"
)
END = "it.finish(snapshot('COMPLETED', bell(20_000)))"
BUTTON, FIELD = ".qjob-again", ".qjob-form-host input[type=text]"


@pytest.fixture
def opened(pages):
    def open_with(*cells):
        page = pages.open([SHOW, *cells])
        page.run(0)
        page.output(0).locator(BUTTON).wait_for()
        return page

    return open_with


def press(page):
    page.output(0).locator(BUTTON).click()


def test_it_opens_below_the_card_and_closes_again(opened):
    page = opened("print(made[0].children[0].value, len(made))")
    press(page)
    field = page.output(0).locator(FIELD).first
    field.fill("better")
    field.press("Enter")
    assert page.output(0).locator(BUTTON).inner_text() == "Close the form"
    page.screenshot(0, "card-with-form-light")
    page.run(1)
    assert page.output(1).inner_text().strip() == "better 1"  # a live widget, made once
    press(page)
    page.output(0).locator(FIELD).first.wait_for(state="detached")
    assert page.output(0).locator(BUTTON).inner_text() == "Run as job…"
    press(page)
    page.output(0).locator(FIELD).first.wait_for()
    assert page.errors == []


def test_a_job_that_ends_meanwhile_leaves_the_form_and_its_receipt_once_it_is_closed(opened):
    page = opened(END)
    press(page)
    field = page.output(0).locator(FIELD).first
    field.fill("bet")
    page.run(1)
    page.output(0).locator(".qjob-status").get_by_text("COMPLETED").wait_for()
    assert field.input_value() == "bet"  # nothing was taken out of anybody's hands
    press(page)
    page.output(0).locator(".jp-RenderedHTML").get_by_text("%qjob form 3f2a91bc").wait_for()
    assert page.output(0).locator(".qjob-card").count() == 0
    page.save()
    outputs = json.loads(page.path.read_text("utf-8"))["cells"][0]["outputs"]
    assert [set(output["data"]) for output in outputs] == [{"text/html", "text/plain"}]
    assert page.errors == []


def test_it_opens_on_a_page_that_was_loaded_anew(opened):
    page = opened("x = 1")
    page.save()
    page.reload()
    page.output(0).locator(BUTTON).wait_for()
    press(page)
    page.output(0).locator(FIELD).first.wait_for()
    assert page.errors == []


def test_what_keeps_it_from_opening_is_said(pages):
    refusing = (
        "from scripted import *\nfrom qjob.model.errors import NoSuchJob\n"
        "def refuse(): raise NoSuchJob('its program was erased.')\n"
        "it = card(snapshot('RUNNING'), on_form=refuse); it.show()"
    )
    page = pages.open([refusing])
    page.run(0)
    press(page)
    page.output(0).locator(".qjob-notice").get_by_text("its program was erased.").wait_for()
    assert page.output(0).locator(BUTTON).inner_text() == "Run as job…"


def test_a_card_without_a_form_has_no_button(pages):
    page = pages.open(["from scripted import *\nit = card(snapshot('RUNNING')); it.show()"])
    page.run(0)
    page.output(0).locator(".qjob-bell").wait_for()
    assert page.output(0).locator(BUTTON).is_hidden()
