"""What ``%load_ext qjob`` does: a few registrations, and nothing imported that a user may not need.

The session (engine, cards, commands) is made when a magic is first used. Knows the shell only by its methods.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qjob.notebook import cell

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from qjob.notebook.session import Session

ATTRIBUTE = "_qjob_extension"
_JOB = "qjob.handle", "Job"  # by name: the class is not imported before there is a job
_BATCH = "qjob.batch", "Batch"


class Extension:
    """What is registered with one shell, so that it can be taken back."""

    def __init__(self, shell: "InteractiveShell") -> None:
        self.shell = shell
        self._session: Session | None = None
        self.transformer = cell.Marker()

    @property
    def session(self) -> "Session":
        """The session, made with the first use."""
        if self._session is None:
            from qjob.notebook.session import Session

            self._session = Session(self.shell)
        return self._session

    # -- the registered functions -----------------------------------------------------------------------------

    def begin(self, line: str) -> None:
        """Take the command line of a ``%%qjob`` cell, before its body runs."""
        self.session.begin(line)

    def end(self, _line: str) -> Any:
        """Submit what the body of a ``%%qjob`` cell came to."""
        return self.session.end()

    def magic(self, line: str, body: str | None = None) -> Any:
        """Submit a cell, or run a verb; ``%qjob help`` lists them."""
        return self.session.command(line) if body is None else self.session.cell(line, body)

    def complete(self, context: Any) -> Any:
        """Complete the words of a ``%qjob`` or ``%%qjob`` line."""
        from qjob.notebook.completion import complete

        return complete(context, self.session)

    def display(self, job: Any) -> None:
        """Show a job or a batch: its live card, or its receipt once it has ended."""
        self.session.show(job)

    def write(self, job: Any, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
        """Write a job or a batch for a terminal: its receipt as text; within a list or the like, one line."""
        alone = len(printer.stack) == 1
        _write_lines(printer, self.session.text(job) if alone else repr(job))

    # -- coming and going -------------------------------------------------------------------------------------

    def load(self) -> None:
        """Register everything."""
        shell: Any = self.shell
        for name, function, kind in self._magics():
            shell.magics_manager.register_function(function, kind, name)
        shell.input_transformers_cleanup.insert(0, self.transformer)
        shell.ast_transformers.append(cell.KeepLastValue())
        formatter = shell.display_formatter
        for each in (_JOB, _BATCH):
            if getattr(shell, "kernel", None) is not None:
                formatter.ipython_display_formatter.for_type_by_name(*each, self.display)
            else:  # a terminal has no place that could change later: a job is a value like any other
                formatter.formatters["text/plain"].for_type_by_name(*each, self.write)
        completer = getattr(shell, "Completer", None)
        if completer is not None:
            completer.custom_matchers.append(_matcher(self.complete))

    def unload(self) -> None:
        """Take everything back and close the session."""
        shell: Any = self.shell
        for name, _, kind in self._magics():
            for each in ("line", "cell") if kind == "line_cell" else (kind,):
                shell.magics_manager.magics[each].pop(name, None)
        shell.input_transformers_cleanup[:] = [
            each for each in shell.input_transformers_cleanup if each is not self.transformer
        ]
        shell.ast_transformers[:] = [
            each for each in shell.ast_transformers if not isinstance(each, cell.KeepLastValue)
        ]
        if getattr(shell, "Completer", None) is not None:
            shell.Completer.custom_matchers[:] = [
                each for each in shell.Completer.custom_matchers if not getattr(each, "qjob", False)
            ]
        formatter = shell.display_formatter
        for each in (formatter.ipython_display_formatter, *formatter.formatters.values()):
            each.pop(".".join(_JOB), None)
            each.pop(".".join(_BATCH), None)
        if self._session is not None:
            self._session.leave()

    def _magics(self) -> list[tuple[str, Callable[..., Any], str]]:
        return [
            ("qjob", self.magic, "line_cell"),
            (cell.BEGIN, self.begin, "line"),
            (cell.END, self.end, "line"),
        ]


def _write_lines(printer: Any, text: str) -> None:
    for number, line in enumerate(text.splitlines()):
        if number:
            printer.break_()
        printer.text(line)


def _matcher(complete: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the completion function with the marks that IPython's completer looks for."""

    def qjob_matcher(context: Any) -> Any:
        if "%qjob" not in context.full_text:
            return {"completions": []}  # the usual case costs one search in the text
        return complete(context)

    qjob_matcher.matcher_api_version = 2  # type: ignore[attr-defined]
    qjob_matcher.matcher_identifier = "qjob_matcher"  # type: ignore[attr-defined]
    qjob_matcher.qjob = True  # type: ignore[attr-defined]
    return qjob_matcher


def load(shell: "InteractiveShell") -> None:
    """Load the extension into a shell."""
    extension = Extension(shell)
    extension.load()
    setattr(shell, ATTRIBUTE, extension)


def unload(shell: "InteractiveShell") -> None:
    """Unload the extension from a shell."""
    extension: Extension | None = getattr(shell, ATTRIBUTE, None)
    if extension is not None:
        extension.unload()
        delattr(shell, ATTRIBUTE)
