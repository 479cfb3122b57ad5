"""Spans of submissions and attempts, as a collector gets them; and nothing at all where nobody asks for them."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector import Collector, plain
from qjob.execution.tracing import NO_SPAN, load_tracing
from qjob.model.job import Failure

JOB = "1f2e3d4c-5b6a-4789-8012-3456789abcde"
ABOUT = {"job_id": JOB, "backend": "sv1", "shots": 1000}
BEFORE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def no_otel_of_the_machine(monkeypatch):
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def collector(monkeypatch):
    collector = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    yield collector
    collector.close()


@pytest.fixture
def tracing(collector):  # noqa: ARG001 - it sets the environment
    tracing = load_tracing(os.environ)
    yield tracing
    tracing.close()


def python(code, **environ):
    """Run code in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def attempt(tracing, **changes):
    return tracing.attempt(**{**ABOUT, "attempt": 2, "worker": "lab3:4242", **changes})


def test_an_attempt_arrives_with_what_it_was(collector, tracing):
    span = attempt(tracing)
    span.event("submitted", {"task": "arn:x", "nobody_knows": None, "position": 3})
    span.event("running")
    span.end(outcome="completed")
    tracing.close()
    (sent,) = collector.spans
    assert collector.paths == {"/v1/traces"}
    assert collector.services == {"qjob"}
    assert (sent.name, sent.kind) == ("qjob.attempt", Span.SPAN_KIND_CONSUMER)
    assert plain(sent.attributes) == {
        "qjob.job.id": JOB,
        "qjob.backend": "sv1",
        "qjob.shots": 1000,
        "qjob.attempt": 2,
        "qjob.worker": "lab3:4242",
        "qjob.outcome": "completed",
    }
    assert [(event.name, plain(event.attributes)) for event in sent.events] == [
        ("submitted", {"task": "arn:x", "position": 3}),
        ("running", {}),
    ]
    assert sent.status.code == Status.STATUS_CODE_UNSET
    assert not sent.parent_span_id


def test_a_failure_is_an_error_with_its_code_and_reason(collector, tracing):
    attempt(tracing).end(Failure("worker_killed", "It was killed.", transient=True), "lost")
    tracing.close()
    (sent,) = collector.spans
    assert (sent.status.code, sent.status.message) == (
        Status.STATUS_CODE_ERROR,
        "worker_killed: It was killed.",
    )
    assert plain(sent.attributes)["error.type"] == "worker_killed"
    assert plain(sent.attributes)["qjob.outcome"] == "lost"


def test_no_secret_arrives(collector, tracing):
    url = "postgresql://ada:s3cret@lab/qjob"
    span = attempt(tracing)
    span.event("trouble", {"where": url})
    span.end(Failure("store_unavailable", f"no way to {url}."))
    tracing.close()
    (sent,) = collector.spans
    assert b"s3cret" not in sent.SerializeToString()
    assert plain(sent.events[0].attributes)["where"] == "postgresql://ada:***@lab/qjob"


def test_attempts_overlap_in_one_thread(collector, tracing):
    first, second = attempt(tracing, attempt=1), attempt(tracing, attempt=2)
    first.event("one")
    second.event("two")
    second.end()
    first.end()
    tracing.close()
    told = {
        plain(span.attributes)["qjob.attempt"]: [event.name for event in span.events]
        for span in collector.spans
    }
    assert told == {1: ["one"], 2: ["two"]}
    assert not any(span.parent_span_id for span in collector.spans)


WORKER = """
import os, sys
from qjob.execution.tracing import load_tracing
tracing = load_tracing(os.environ)
span = tracing.attempt(job_id="j", backend="sv1", shots=1, attempt=1, worker="another", parent=sys.stdin.read())
print(span.traceparent)
span.end()
"""


def test_an_attempt_in_another_process_is_a_child_of_the_submission(collector, tracing):
    submission = tracing.submission(**ABOUT)
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        input=submission.traceparent,
        check=True,
        capture_output=True,
        text=True,
    )  # which ends without a word of farewell: what it has to send is sent all the same
    submission.end()
    tracing.close()
    (parent,), (child,) = collector.named("qjob.submit"), collector.named("qjob.attempt")
    assert (parent.kind, plain(parent.attributes)["qjob.job.id"]) == (Span.SPAN_KIND_PRODUCER, JOB)
    assert child.trace_id == parent.trace_id
    assert child.parent_span_id == parent.span_id
    assert done.stdout.startswith(f"00-{child.trace_id.hex()}-{child.span_id.hex()}-")


@pytest.mark.parametrize(
    ("parent", "found"),
    [
        pytest.param(BEFORE, True, id="stored with the job"),
        pytest.param(None, False, id="none"),
        pytest.param("00-what-is-this-01", False, id="nonsense"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_the_parent_of_an_attempt(collector, tracing, parent, found):
    attempt(tracing, parent=parent).end()
    tracing.close()
    (sent,) = collector.spans
    _, trace, span, _ = BEFORE.split("-")
    assert (sent.trace_id.hex() == trace) is found
    assert sent.parent_span_id.hex() == (span if found else "")


def test_the_attempt_of_a_dead_worker_is_told_by_another(collector, tracing):
    began = datetime.now(UTC) - timedelta(hours=1)
    attempt(tracing, began=began).end(outcome="lost")
    tracing.close()
    (sent,) = collector.spans
    assert abs(sent.start_time_unix_nano - began.timestamp() * 1e9) < 1e6
    assert sent.end_time_unix_nano - sent.start_time_unix_nano > 3599e9


@pytest.mark.parametrize(
    ("environ", "service"),
    [
        pytest.param({"OTEL_SERVICE_NAME": "lab"}, "lab", id="by its name"),
        pytest.param({"OTEL_RESOURCE_ATTRIBUTES": "service.name=lab,x=1"}, "lab", id="among attributes"),
        pytest.param({"OTEL_RESOURCE_ATTRIBUTES": "x=1"}, "qjob", id="not there"),
    ],
)
def test_the_name_of_the_service_is_the_environments(collector, monkeypatch, environ, service):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    tracing = load_tracing(os.environ)
    attempt(tracing).end()
    tracing.close()
    assert collector.services == {service}


def test_after_its_close_there_are_no_spans(collector, tracing):
    tracing.close()
    assert not tracing.on
    assert attempt(tracing) is NO_SPAN
    tracing.close()
    assert collector.spans == []


# -- where the user's process has a provider ----------------------------------------------------------------------

USER = """
import json, os
from qjob.execution.tracing import load_tracing
tracing = load_tracing(os.environ)
before = tracing.on
from opentelemetry import trace
between = (tracing.on, tracing.carrier())
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
kept, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)
without = tracing.carrier()
with trace.get_tracer("user").start_as_current_span("cell"):
    carrier = tracing.carrier()
    submission = tracing.submission(job_id="j", backend="b", shots=1)
submission.end()
tracing.close()
print(json.dumps({
    "before": before, "between": between, "without": without, "after": tracing.on, "carrier": carrier,
    "spans": {
        span.name: [f"{span.context.span_id:016x}", span.parent and f"{span.parent.span_id:016x}"]
        for span in kept.get_finished_spans()
    },
}))
"""


@pytest.mark.parametrize("asked", [False, True])
def test_a_provider_of_the_users_is_taken_whenever_it_comes(asked, request):
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": request.getfixturevalue("collector").url} if asked else {}
    said = json.loads(python(USER, **environ))
    assert (said["before"], said["between"]) == (asked, [asked, None])
    assert (said["without"], said["after"]) == (None, True)
    cell, no_parent = said["spans"]["cell"]
    assert no_parent is None
    assert said["carrier"].split("-")[2] == cell
    assert said["spans"]["qjob.submit"][1] == cell
    if asked:
        assert request.getfixturevalue("collector").spans == []


# -- where nobody asks --------------------------------------------------------------------------------------------

NOBODY = """
import os, sys
import qjob.notebook.extension, qjob.engine, qjob.execution.direct, qjob.execution.runner
from qjob.execution.tracing import load_tracing
tracing = load_tracing(os.environ)
spans = [tracing.submission(job_id="j", backend="b", shots=1),
         tracing.attempt(job_id="j", backend="b", shots=1, attempt=1, worker="w", parent="x")]
for span in spans:
    span.event("running", {"x": 1})
    span.end()
print(tracing.on, tracing.carrier(), [span.traceparent for span in spans])
tracing.close()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


@pytest.mark.parametrize(
    "environ", [{}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}], ids=str
)
def test_a_kernel_that_does_not_ask_for_traces_never_imports_them(environ):
    assert python(NOBODY, **environ).splitlines() == ["False None [None, None]", "[]"]
