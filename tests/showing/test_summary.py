from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from qjob.model.events import Queued
from qjob.model.job import Pending
from qjob.model.movement import Movement, MovementKind
from qjob.showing.receipt import receipt_html, receipt_text
from qjob.showing.summary import cost, note, payment, phase, remark, title, told, ways_back, ways_on
from qjob.showing.wording import moment

LATER = datetime(2026, 3, 4, 10, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "facts", "said"),
    [
        ("INITIALIZING", {}, "preparing"),
        ("INITIALIZING", {"pending": Pending(consent=True, until=LATER)}, "waiting for a confirmation"),
        ("INITIALIZING", {"pending": Pending(until=LATER)}, "submits itself at 2026-03-04 10:56:00 UTC"),
        ("INITIALIZING", {"pending": Pending()}, "waiting for its turn"),
        ("QUEUED", {}, "waiting"),
        ("QUEUED", {"queue_position": 1}, "waiting, next in the queue"),
        ("QUEUED", {"queue_position": 2}, "waiting, 2nd in the queue"),
        ("RUNNING", {"phase": ""}, "starting"),
        ("RUNNING", {"phase": "evolving the state"}, "evolving the state"),
        ("CANCELLING", {"phase": "sampling"}, "cancelling"),
        ("COMPLETED", {}, "completed in 1.24 s"),
        ("COMPLETED", {"started": None}, "completed"),
        ("FAILED", {}, "failed after 1.24 s"),
        ("FAILED", {"started": None}, "failed before it began"),
        ("CANCELLED", {"started": None}, "cancelled before it began"),
    ],
)
def test_phase(snapshot_of, status, facts, said):
    assert phase(snapshot_of(status, **facts)) == said


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        pytest.param(Queued(7, 12), "position 7 of 12 in the queue of Sim", id="both"),
        pytest.param(Queued(7), "position 7 in the queue of Sim", id="no length"),
        pytest.param(Queued(), "waiting in the queue of Sim", id="nothing told"),
        pytest.param(Queued(2000, 4000, beyond=True), "position over 2,000 of over 4,000 in the queue of Sim",
            id="lower bounds"),
        pytest.param(Queued(4000, 4000, beyond=True), "position over 4,000 in the queue of Sim",
            id="one lower bound"),
        pytest.param(Queued(1, 1, opens_at=LATER),
            "position 1 of 1 in the queue of Sim, opens Wednesday 10:56 UTC", id="closed"),
        pytest.param(None, "waiting for a login to AWS", id="held up"),
    ],
)  # fmt: skip
def test_a_place_at_a_service(snapshot_of, queue, said):
    waits = snapshot_of("QUEUED", site={}, queue=queue, phase="waiting for a login to AWS")
    assert phase(waits) == said


def test_who_is_asked_and_where_it_goes(snapshot_of):
    asked = snapshot_of("INITIALIZING", site={}, pending=Pending(preflight=True))
    assert phase(asked) == "asking Sim whether it can run this"
    assert phase(replace(asked, backend=None)) == "asking sim whether it can run this"
    sent = replace(snapshot_of("QUEUED", site={}), progress=None)
    assert phase(sent) == "on its way to Sim"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("QUEUED", "The login has expired. Log in."),
        ("RUNNING", "The login has expired. Log in."),
        ("FAILED", ""),
    ],
)
def test_what_holds_a_job_up_is_said_until_it_ends(snapshot_of, status, said):
    assert note(snapshot_of(status, note="the login has\nexpired. Log in.")) == said


@pytest.mark.parametrize(
    ("status", "lines"),
    [
        ("RUNNING", ("%qjob status 3f2a91bc",)),
        ("COMPLETED", ("%qjob result 3f2a91bc",)),
        ("FAILED", ("%qjob status 3f2a91bc", "%qjob retry 3f2a91bc")),
        ("CANCELLED", ("%qjob status 3f2a91bc", "%qjob retry 3f2a91bc")),
    ],
)
def test_ways_back(snapshot_of, status, lines):
    assert ways_back(snapshot_of(status)) == lines


def test_a_job_without_a_name_goes_by_its_id(snapshot_of):
    assert [title(snapshot_of(name=name)) for name in (None, " ", "two\nlines")] == [
        "job 3f2a91bc",
        "job 3f2a91bc",
        "two lines",
    ]


def test_only_what_is_known_to_be_free_is_called_free(snapshot_of):
    assert cost(snapshot_of()) == "free"
    assert cost(snapshot_of(known=False)) == ""


def test_a_notification_tells_the_end_and_what_it_cost(snapshot_of):
    assert told(snapshot_of()) == "completed in 1.24 s · free"
    assert told(replace(snapshot_of("FAILED"), backend=None)) == "failed after 1.24 s"


@pytest.mark.parametrize(("status", "lines"), [("COMPLETED", ("%qjob form 3f2a91bc",)), ("RUNNING", ())])
def test_what_has_ended_can_be_run_in_another_way(snapshot_of, status, lines):
    assert ways_on(snapshot_of(status)) == lines


@pytest.mark.parametrize(("status", "said"), [("COMPLETED", False), ("RUNNING", False), ("CANCELLED", True)])
def test_counts_that_are_no_result_are_called_so(snapshot_of, status, said):
    text = remark(snapshot_of(status, {"0": 5}, shots=1000))
    assert text == ("Counted before the end: 5 of 1,000 shots; not kept as a result." if said else "")


def moved(created, *words):
    """Read movements such as ``hold 3`` or ``refund 0.5 a credit note``."""
    return tuple(
        Movement(created, MovementKind(kind), Decimal(amount), reason)
        for kind, amount, reason in ((*word.split(maxsplit=2), "because")[:3] for word in words)
    )


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        pytest.param([], (), id="free"),
        pytest.param(["hold 3", "charge 3"], ("held and charged $3.00",), id="the-whole-hold"),
        pytest.param(
            ["hold 3", "charge 1.2", "release 1.8"], ("held $3.00, charged $1.20, released $1.80",), id="less"
        ),
        pytest.param(["hold 3", "release 3"], ("held $3.00, released $3.00",), id="nothing"),
        pytest.param(
            ["hold 3", "charge 3", "overrun 1"],
            ("held $3.00, charged $4.00, $1.00 more than was held",),
            id="more",
        ),
        pytest.param(["overrun 1"], ("charged $1.00, $1.00 more than was held",), id="nothing-was-held"),
        pytest.param(
            ["hold 3", "charge 3", "refund 0.5 a credit note"],
            ("held and charged $3.00", "refunded $0.50 on {at}: a credit note"),
            id="a-refund",
        ),
        pytest.param(
            ["hold 3", "charge 3", *(f"refund 0.{n}" for n in range(1, 6))],
            (
                "held and charged $3.00",
                "refunded $0.30 before that, in 2 parts",
                "refunded $0.30 on {at}: because",
                "refunded $0.40 on {at}: because",
                "refunded $0.50 on {at}: because",
            ),
            id="many-refunds",
        ),
    ],
)
def test_payment(snapshot_of, created, words, lines):
    snapshot = replace(snapshot_of(), movements=moved(created, *words))
    assert payment(snapshot) == tuple(line.format(at=moment(created)) for line in lines)


def test_both_receipts_tell_the_payment_and_escape_the_reason(snapshot_of, created):
    words = ["hold 3", "charge 3", "refund 0.5 a <b>credit</b> " + "note " * 30]
    snapshot = replace(snapshot_of(counts={"0": 5}), movements=moved(created, *words))
    html, text = receipt_html(snapshot, created), receipt_text(snapshot, created)
    html = html.replace("<span>$</span>", "$")
    assert html.count("held and charged $3.00") == text.count("held and charged $3.00") == 1
    assert "a &lt;b&gt;credit&lt;/b&gt; note" in html
    assert text.count("note") == 30
    assert max(map(len, text.splitlines())) <= 96
