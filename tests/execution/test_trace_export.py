"""What asks for traces, what is said where they cannot be had, and that nothing waits for a collector for long."""

import logging
import os
import subprocess
import sys
import time
from importlib.metadata import EntryPoint

import pytest

from collector import Collector
from qjob.execution import trace_export
from qjob.execution.trace_export import Exporting, asked_for
from qjob.execution.tracing import NO_SPAN, load_tracing

ENDPOINT, TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
URL = "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({ENDPOINT: ""}, (), id="an empty variable"),
        pytest.param({ENDPOINT: URL}, ("otlp_proto_http",), id="an endpoint"),
        pytest.param({TRACES: URL}, ("otlp_proto_http",), id="one of traces alone"),
        pytest.param({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp_proto_http",), id="the exporter"),
        pytest.param({"OTEL_TRACES_EXPORTER": "none", ENDPOINT: URL}, (), id="none, though there is an endpoint"),
        pytest.param({"OTEL_TRACES_EXPORTER": "console, otlp"}, ("console", "otlp_proto_http"), id="two"),
        pytest.param({ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ("otlp_proto_grpc",), id="gRPC"),
        pytest.param({ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, ("otlp_proto_http",), id="HTTP for traces"),
        pytest.param({ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "pigeon"}, ("otlp over pigeon",),
            id="unheard of"),
        pytest.param({ENDPOINT: URL, "OTEL_SDK_DISABLED": "True"}, (), id="switched off"),
        pytest.param({"OTEL_EXPORTER_OTLP_HEADERS": "x=y", "OTEL_SERVICE_NAME": "z"}, (), id="settings alone"),
    ],
)  # fmt: skip
def test_what_asks_for_traces(environ, names):
    assert asked_for(environ) == names


@pytest.mark.parametrize(
    ("environ", "installed", "says"),
    [
        pytest.param({"OTEL_TRACES_EXPORTER": "otlp"}, False, "pip install 'qjob[otel]'", id="no OpenTelemetry"),
        pytest.param({"OTEL_TRACES_EXPORTER": "console"}, False, "pip install 'qjob[otel]'", id="nor its console"),
        pytest.param({ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, True,
            "pip install opentelemetry-exporter-otlp-proto-grpc, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            id="the other protocol"),
        pytest.param({"OTEL_TRACES_EXPORTER": "zipkin"}, True, "set OTEL_TRACES_EXPORTER to otlp", id="another one"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_said_with_the_way_out(monkeypatch, caplog, environ, installed, says):
    if not installed:
        monkeypatch.setattr(trace_export, "entry_points", lambda **_: ())
    tracing = load_tracing(environ)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "traces were asked for" in record.message
    assert says in record.message
    assert not tracing.on
    assert tracing.submission(job_id="j", backend="b", shots=1) is NO_SPAN
    tracing.close()


BROKEN = EntryPoint("broken", "qjob_no_such_module:Exporter", trace_export.GROUP)


@pytest.mark.parametrize(
    ("variable", "value", "installed"),
    [
        pytest.param("OTEL_TRACES_EXPORTER", "broken", (BROKEN,), id="an exporter that cannot be loaded"),
        pytest.param("OTEL_BSP_MAX_QUEUE_SIZE", "-1", None, id="a variable out of its range"),
    ],
)
def test_what_does_not_begin_is_logged_whole_and_jobs_go_on(monkeypatch, caplog, variable, value, installed):
    if installed:
        monkeypatch.setattr(trace_export, "entry_points", lambda **_: installed)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setenv(variable, value)
    assert not load_tracing(os.environ).on
    (record,) = caplog.records
    assert "cannot begin: mend the variables OTEL_*" in record.message
    assert record.exc_info


@pytest.fixture
def collector(monkeypatch):
    collector = Collector()
    monkeypatch.setenv(ENDPOINT, collector.url)
    yield collector
    collector.close()


def test_a_collector_that_does_not_answer_holds_up_no_end(collector, monkeypatch, caplog):
    collector.silent.set()
    monkeypatch.setattr(trace_export, "LAST_WORDS", 0.05)
    exporting = Exporting.begin(("otlp_proto_http",), os.environ)
    exporting.provider.get_tracer("x").start_span("x").end()
    began = time.monotonic()
    exporting.close()
    assert time.monotonic() - began < 1
    assert "the last spans were not sent within 0.05 s" in caplog.text


FORK = """
import os, sys, time
from qjob.execution.trace_export import Exporting
exporting = Exporting.begin(("otlp_proto_http",), os.environ)
exporting.provider.get_tracer("x").start_span("x").end()
child = os.fork()
if not child:
    began = time.monotonic()
    exporting.close()
    os._exit(time.monotonic() - began > 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_neither_waits_nor_sends(collector):
    done = subprocess.run([sys.executable, "-c", FORK], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "0", done.stderr
    assert [span.name for span in collector.spans] == ["x"]  # at the end of its parent, who did not close
