"""OpenTelemetry traces of submissions and attempts, for those who ask for them: the extra ``qjob[otel]``.

Asked for by the standard environment (``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_TRACES_EXPORTER``), or by a tracer
provider that the user's process has set up. Nobody else ever imports OpenTelemetry by us. A span holds ids, numbers
and the reason of a failure, never a program and no secrets. Must not know who calls.

The submission of a job is a span ``qjob.submit``; each of its attempts, wherever it runs, a span ``qjob.attempt``
below that. Between them goes a *traceparent* (https://www.w3.org/TR/trace-context/), which the store keeps.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from qjob.execution.masking import Mask, secrets_of
from qjob.execution.trace_export import Exporting, asked_for
from qjob.model.job import Failure

if TYPE_CHECKING:
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer, TracerProvider

NAME = "qjob"
"""Of the tracer."""


class Span(Protocol):
    """Something that takes time. It has to be ended; what is said after its end is lost."""

    @property
    def traceparent(self) -> str | None:
        """What makes spans of other processes its children; None where there are no traces."""

    def event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Add a moment to it; attributes that are None are left out."""

    def end(self, failure: Failure | None = None, outcome: str | None = None) -> None:
        """End it.

        Parameters
        ----------
        failure
            Why it came to nothing; None where it did not.
        outcome
            How it ended, in a word: "completed", "cancelled", "lost", ...
        """


@dataclass(frozen=True, slots=True)
class NoSpan:
    """The span where there are no traces."""

    traceparent: str | None = None

    def event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Do nothing."""

    def end(self, failure: Failure | None = None, outcome: str | None = None) -> None:
        """Do nothing."""


NO_SPAN = NoSpan()


@dataclass(frozen=True, slots=True)
class LiveSpan:
    """A span of OpenTelemetry."""

    span: "OtelSpan"
    mask: Mask

    @property
    def traceparent(self) -> str | None:
        """What makes spans of other processes its children."""
        return _traceparent(self.span)

    def event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Add a moment to it."""
        self.span.add_event(name, _present(self.mask.within(attributes or {})))

    def end(self, failure: Failure | None = None, outcome: str | None = None) -> None:
        """End it; a failure makes its status ERROR, with the code and the reason."""
        from opentelemetry.trace import StatusCode

        if outcome is not None:
            self.span.set_attribute("qjob.outcome", outcome)
        if failure is not None:
            self.span.set_attribute("error.type", failure.code)
            self.span.set_status(StatusCode.ERROR, self.mask(f"{failure.code}: {failure.reason}"))
        self.span.end()


class Tracing:
    """Begins spans; see `load_tracing`.

    Parameters
    ----------
    own
        What exports them as the environment asked for; None: it asked for nothing that can be had.
    mask
        Hides secrets.
    """

    def __init__(self, own: Exporting | None, mask: Mask) -> None:
        self._own = own
        self._mask = mask

    @property
    def on(self) -> bool:
        """Whether spans go anywhere."""
        return self._tracer() is not None

    def carrier(self) -> str | None:
        """Return the traceparent of the user's current span; None where there is none."""
        if self._tracer() is None:
            return None
        from opentelemetry.trace import get_current_span

        return _traceparent(get_current_span())

    def submission(self, *, job_id: str, backend: str, shots: int) -> Span:
        """Begin the span of a submission, below the user's current one."""
        tracer = self._tracer()
        if tracer is None:
            return NO_SPAN
        from opentelemetry.trace import SpanKind

        span = tracer.start_span(
            "qjob.submit",
            kind=SpanKind.PRODUCER,
            attributes={"qjob.job.id": job_id, "qjob.backend": backend, "qjob.shots": shots},
        )
        return LiveSpan(span, self._mask)

    def attempt(
        self,
        *,
        job_id: str,
        backend: str,
        shots: int,
        attempt: int,
        worker: str,
        parent: str | None = None,
        began: datetime | None = None,
    ) -> Span:
        """Begin the span of an attempt.

        Parameters
        ----------
        job_id, backend, shots
            The job's.
        attempt
            From 1.
        worker
            What runs it.
        parent
            The traceparent that was stored with the job; one that cannot be read begins a trace of its own.
        began
            When it began, where that was earlier: so a worker tells of the attempt of one that died.
        """
        tracer = self._tracer()
        if tracer is None:
            return NO_SPAN
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carried = {} if parent is None else {"traceparent": parent}
        span = tracer.start_span(
            "qjob.attempt",
            context=TraceContextTextMapPropagator().extract(carried, Context()),
            kind=SpanKind.CONSUMER,
            attributes={
                "qjob.job.id": job_id,
                "qjob.backend": backend,
                "qjob.shots": shots,
                "qjob.attempt": attempt,
                "qjob.worker": worker,
            },
            start_time=None if began is None else int(began.timestamp() * 1e9),
        )
        return LiveSpan(span, self._mask)

    def close(self) -> None:
        """Send what has not been sent; takes little time even where nobody answers. No spans are kept afterwards."""
        own, self._own = self._own, None
        if own is not None:
            own.close()

    def _tracer(self) -> "Tracer | None":
        """Return the tracer of the user's provider, else that of our own; None where there is neither."""
        provider = users_provider()
        if provider is None and self._own is not None:
            provider = self._own.provider
        return None if provider is None else provider.get_tracer(NAME)


def load_tracing(environ: Mapping[str, str]) -> Tracing:
    """Return what begins spans in this process; where the environment asks for traces, it is set up.

    Where traces are asked for and cannot be had, a line of the log says what to do, and there are none.

    Parameters
    ----------
    environ
        Decides whether there are traces. Usually ``os.environ``, from which OpenTelemetry itself takes all the rest:
        endpoint, headers, sampler, ``OTEL_SERVICE_NAME`` (default ``qjob``), ...
    """
    names = () if users_provider() is not None else asked_for(environ)
    own = Exporting.begin(names, environ) if names else None
    return Tracing(own, Mask(secrets_of(environ)))


def users_provider() -> "TracerProvider | None":
    """Return the tracer provider that the user's process has set up; None where it has not."""
    trace: Any = sys.modules.get("opentelemetry.trace")  # nobody has set one up without importing it
    if trace is None:
        return None
    provider: TracerProvider = trace.get_tracer_provider()
    return None if isinstance(provider, trace.ProxyTracerProvider) else provider


def _traceparent(span: "OtelSpan") -> str | None:
    from opentelemetry.context import Context
    from opentelemetry.trace import set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carried: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carried, set_span_in_context(span, Context()))
    return carried.get("traceparent")  # nothing of a span that is none


def _present(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
