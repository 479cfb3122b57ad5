"""What GetDevice answers becomes facts, whatever the class of the device and whatever is odd about it."""

import copy
import json
import subprocess
import sys
from datetime import UTC, datetime, time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.braket.facts import facts_of
from qjob.model.device import UNKNOWN, DeviceFacts, ExecutionWindow, QueueDepth

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALL_DAY = ExecutionWindow("Everyday", time(0, 0), time(23, 59, 59))


@pytest.fixture(scope="module")
def parse_schema():
    """Braket's own reader of its documents; it takes seconds to load."""
    from braket.schema_common import BraketSchemaBase

    return BraketSchemaBase.parse_raw_schema


def test_the_documents_are_valid_for_braket_itself(parse_schema, capabilities):
    assert (
        parse_schema(json.dumps(capabilities)).paradigm.qubitCount == capabilities["paradigm"]["qubitCount"]
    )


def test_what_braket_itself_writes_reads_the_same(parse_schema, devices, capabilities):
    written = parse_schema(json.dumps(capabilities)).json()
    assert facts_of(devices.answer({}, deviceCapabilities=written), NOW) == facts_of(
        devices.answer(capabilities), NOW
    )


def test_a_qpu(devices):
    facts = facts_of(devices.answer(devices.iqm()), NOW)
    assert (facts.target, facts.at) == ("arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet", NOW)
    assert (facts.name, facts.vendor, facts.kind, facts.status) == ("Garnet", "IQM", "qpu", "online")
    assert facts.region == "eu-north-1"
    assert (facts.queue, facts.priority_queue) == (QueueDepth(12), QueueDepth(3))
    assert (facts.shots, facts.qubits) == ((1, 20000), 4)
    assert (facts.gates, facts.native_gates) == (("cz", "prx", "h"), ("cz", "prx"))
    assert facts.edges == ((1, 2), (2, 3), (3, 4))
    assert facts.windows == (ALL_DAY,)
    assert facts.calibrated_at == datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert facts.poll_seconds == 0.2


def test_a_simulator_is_asked_in_a_region(devices):
    arn = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
    facts = facts_of(
        devices.answer(devices.simulator(), deviceArn=arn, deviceType="SIMULATOR"), NOW, "us-west-2"
    )
    assert (facts.kind, facts.region, facts.shots, facts.qubits) == (
        "simulator",
        "us-west-2",
        (0, 100000),
        34,
    )
    assert (facts.edges, facts.native_gates, facts.errors) == (None, None, UNKNOWN)
    assert facts_of(devices.answer(devices.simulator(), deviceArn=arn), NOW).region is None


def test_all_qubits_coupled_is_no_list_of_pairs(devices):
    assert facts_of(devices.answer(devices.classes["ionq"]()), NOW).edges is None


def test_pairs_told_in_one_direction_are_pairs(devices):
    assert facts_of(devices.answer(devices.classes["rigetti"]()), NOW).edges == ((0, 1), (1, 2))


@pytest.mark.parametrize("form", [json.dumps, lambda told: json.dumps(told).encode(), lambda told: told])
def test_capabilities_come_as_text_or_read(devices, form):
    assert facts_of(devices.answer({}, deviceCapabilities=form(devices.iqm())), NOW) == facts_of(
        devices.answer(devices.iqm()), NOW
    )


@pytest.mark.parametrize(
    ("size", "depth"),
    [
        pytest.param("12", QueueDepth(12), id="a number"),
        pytest.param("0", QueueDepth(0), id="none"),
        pytest.param(">4000", QueueDepth(4000, at_least=True), id="where it stops counting"),
        pytest.param(" > 2000 ", QueueDepth(2000, at_least=True), id="spaces"),
        pytest.param("None", None, id="a word"),
        pytest.param(None, None, id="null"),
        pytest.param(12, None, id="not as text"),
    ],
)
def test_a_queue(devices, size, depth):
    queue = [{"queue": "QUANTUM_TASKS_QUEUE", "queueSize": size, "queuePriority": "Normal"}]
    facts = facts_of(devices.answer(devices.iqm(), deviceQueueInfo=queue), NOW)
    assert (facts.queue, facts.priority_queue) == (depth, None)


@pytest.mark.parametrize(
    ("told", "status"),
    [("ONLINE", "online"), ("OFFLINE", "offline"), ("RETIRED", "retired"), ("ASLEEP", None), (None, None)],
)
def test_a_status(devices, told, status):
    assert facts_of(devices.answer(devices.iqm(), deviceStatus=told), NOW).status == status


def window(day="Monday", start="09:00", end="17:00"):
    return {"executionDay": day, "windowStartHour": start, "windowEndHour": end}


@pytest.mark.parametrize(
    ("told", "windows"),
    [
        pytest.param([window()], (ExecutionWindow("Monday", time(9), time(17)),), id="hours"),
        pytest.param([window("Weekend", "09:30:15", "23:59:59.999")],
            (ExecutionWindow("Weekend", time(9, 30, 15), time(23, 59, 59, 999000)),), id="to the millisecond"),
        pytest.param([], (), id="none"),
        pytest.param([window(), window("Holidays")], None, id="a day that nobody knows"),
        pytest.param([window(start="9 o'clock")], None, id="no time"),
        pytest.param([window(start=9)], None, id="a number"),
        pytest.param("Everyday", None, id="no list"),
    ],
)  # fmt: skip
def test_windows(devices, told, windows):
    document = {**devices.iqm(), "service": devices.service(executionWindows=told)}
    assert facts_of(devices.answer(document), NOW).windows == windows


@pytest.mark.parametrize(
    ("told", "shots"),
    [([10, 20], (10, 20)), ([20, 10], None), ([1], None), (["1", 2], None), ([1, True], None), (5, None)],
)
def test_a_range_of_shots(devices, told, shots):
    assert (
        facts_of(devices.answer({**devices.iqm(), "service": devices.service(shotsRange=told)}), NOW).shots
        == shots
    )


@pytest.mark.parametrize(
    ("device", "at"),
    [
        pytest.param("iqm", datetime(2026, 11, 19, 4, 30, tzinfo=UTC), id="when its properties were updated"),
        pytest.param("aqt", datetime(2026, 11, 18, 1, 0, tzinfo=UTC), id="the calibration's own time"),
    ],
)
def test_the_calibration(devices, device, at):
    assert facts_of(devices.answer(devices.classes[device]()), NOW).calibrated_at == at


def test_a_time_without_a_zone_is_utc(devices):
    document = {**devices.iqm(), "service": devices.service(updatedAt="2020-06-16T19:28:02.869136")}
    told = facts_of(devices.answer(document), NOW).calibrated_at
    assert told == datetime(2020, 6, 16, 19, 28, 2, 869136, tzinfo=UTC)


def test_a_schema_of_tomorrow_gives_what_can_be_read(devices):
    document = {
        "braketSchemaHeader": {"name": "braket.device_schema.nobody.knows", "version": "9"},
        "service": devices.service(shotsRange=[1, 7]),
        "paradigm": {"qubitCount": 1000, "lattice": {}},
    }
    facts = facts_of(devices.answer(document, deviceArn="arn:aws:braket:us-east-1::device/qpu/new/One"), NOW)
    assert (facts.region, facts.status, facts.shots, facts.qubits) == ("us-east-1", "online", (1, 7), 1000)
    assert (facts.gates, facts.edges, facts.errors) == (None, None, UNKNOWN)


@pytest.mark.parametrize("told", ["", "{", "[" * 100_000, "null", "[]", b"\xff", None, 7])
def test_capabilities_that_are_none(devices, told):
    facts = facts_of(devices.answer({}, deviceCapabilities=told), NOW)
    assert (facts.name, facts.shots, facts.qubits, facts.errors) == ("Garnet", None, None, UNKNOWN)


def test_nothing_at_all():
    assert facts_of({}, NOW) == DeviceFacts("", NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)  # fmt: skip


def paths(document, path=()):
    """All places of a document."""
    found = [path] if path else []
    if isinstance(document, dict):
        found += [place for key, value in document.items() for place in paths(value, (*path, key))]
    if isinstance(document, list):
        found += [place for i, value in enumerate(document) for place in paths(value, (*path, i))]
    return found


@pytest.mark.slow
@given(st.data())
def test_no_odd_value_is_an_error(devices, data):
    document = copy.deepcopy(data.draw(st.sampled_from([make() for make in devices.classes.values()])))
    whole = devices.answer({}, deviceCapabilities=document)
    *way, last = data.draw(st.sampled_from(paths(whole)))
    parent = whole
    for key in way:
        parent = parent[key]
    parent[last] = data.draw(JSON)
    facts = facts_of(whole, NOW)
    assert DeviceFacts.from_object(orjson.loads(orjson.dumps(facts))) == facts


@given(st.data())
def test_no_missing_key_is_an_error(devices, data):
    document = copy.deepcopy(data.draw(st.sampled_from([make() for make in devices.classes.values()])))
    whole = devices.answer({}, deviceCapabilities=document)
    *way, last = data.draw(st.sampled_from(paths(whole)))
    parent = whole
    for key in way:
        parent = parent[key]
    del parent[last]
    assert facts_of(whole, NOW).at == NOW


def test_no_sdk_is_loaded_for_it():
    code = (
        "import sys, qjob.backends.braket.facts\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('braket', 'boto3')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
