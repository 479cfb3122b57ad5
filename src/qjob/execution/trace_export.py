"""Where traces go: which exporters the environment asks for, how they begin, and how they end without holding up.

Decided by the environment alone. What is asked for and cannot be had is told in the log, with what to do; jobs run
without traces then. Imports OpenTelemetry only once it was asked for and is installed.
"""

import atexit
import logging
import os
import threading
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

LOG = logging.getLogger(__name__)

GROUP = "opentelemetry_traces_exporter"
"""The entry points among which exporters are found, as in OpenTelemetry's own start-up."""

SERVICE = "qjob"
"""The name of the service, where the environment has none."""

LAST_WORDS = 2.0
"""Seconds for which the end of a process waits for its last spans to be sent: a collector may not answer."""

PROTOCOLS = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}

TO_INSTALL = {
    "otlp_proto_http": "pip install 'qjob[otel]'",
    "console": "pip install 'qjob[otel]'",
    "otlp_proto_grpc": "pip install opentelemetry-exporter-otlp-proto-grpc, "
    "or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
}
ELSE = "install the package that has it, or set OTEL_TRACES_EXPORTER to otlp, console or none"


def asked_for(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the exporters that an environment asks for, by the names of their entry points.

    The variables are those of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/, but
    that nothing is asked for where none of them is set.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    endpoint = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    kinds = environ.get("OTEL_TRACES_EXPORTER") or ("otlp" if endpoint else "")
    protocol = (
        environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
        or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        or "http/protobuf"
    )
    otlp = PROTOCOLS.get(protocol, f"otlp over {protocol}")
    names = [kind.strip() for kind in kinds.split(",")]
    return tuple(otlp if name == "otlp" else name for name in names if name not in {"", "none"})


class Exporting:
    """A tracer provider that sends spans from a thread of its own, and ends with the process.

    Parameters
    ----------
    provider
        With its exporters.
    """

    def __init__(self, provider: "TracerProvider") -> None:
        self.provider = provider
        self._pid = os.getpid()
        self._closing, self._closed = threading.Event(), threading.Event()
        # begun now: an interpreter that ends starts no more threads
        threading.Thread(target=self._end, name="qjob-last-spans", daemon=True).start()
        atexit.register(self.close)

    @classmethod
    def begin(cls, names: tuple[str, ...], environ: Mapping[str, str]) -> "Exporting | None":
        """Return what sends spans to these exporters, as far as they can be had; None where none can be."""
        installed = {entry.name: entry for entry in entry_points(group=GROUP)}
        for name in names:
            if name not in installed:
                remedy = TO_INSTALL.get(name, ELSE)
                LOG.warning("traces were asked for, but no exporter %r is installed: %s", name, remedy)
        found = [installed[name] for name in names if name in installed]
        if not found:
            return None
        try:
            return cls(_provider([entry.load()() for entry in found], environ))
        except Exception:  # whatever the environment makes it stumble over: jobs run without traces too
            LOG.exception("traces were asked for, but cannot begin: mend the variables OTEL_*")
            return None

    def close(self) -> None:
        """Send what has not been sent, for at most `LAST_WORDS`; again is harmless."""
        atexit.unregister(self.close)
        if os.getpid() != self._pid:
            return  # in a forked child, which has neither the thread nor the spans
        self._closing.set()
        if not self._closed.wait(LAST_WORDS):
            LOG.warning("the last spans were not sent within %g s: no answer from their exporter", LAST_WORDS)

    def _end(self) -> None:
        self._closing.wait()
        self.provider.shutdown()
        self._closed.set()


def _provider(exporters: "list[SpanExporter]", environ: Mapping[str, str]) -> "TracerProvider":
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    attributes = environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in attributes
    resource = Resource.create({} if named else {"service.name": SERVICE})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
