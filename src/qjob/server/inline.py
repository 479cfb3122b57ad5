"""Programs out of the code of a request: who may have it run, behind which walls. Knows no dialect and no tornado.

OpenQASM is text that is read, not run, and open to everybody. All other code runs in a process of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from qjob.model.errors import CodeRefused, NotAllowed, ServiceUnavailable
from qjob.model.key import Scope
from qjob.model.program import Program
from qjob.sandbox.limits import Limits
from qjob.sandbox.run import Made, run, told
from qjob.sandbox.walls import Walls, walls

if TYPE_CHECKING:  # which has a `Codes` of its own
    from qjob.server.desk import Caller

OPENQASM = "openqasm"

IMPORTS = re.compile(r"^[ \t]*+(?:from|import)[ \t]", re.MULTILINE)
"""What Python code that makes a circuit has somewhere."""

AT_ONCE = 4
"""How many pieces of code run at a time: each holds a thread of the pool, and there are others to be answered."""

AGAIN = 2.0
"""Seconds after which more are taken, perhaps."""


class NoWalls(NotAllowed):
    """The machine has nothing that would keep a stranger's code from its user's files."""

    code = "no_walls"


class Codes:
    """Turns code into programs, a bounded number of pieces at a time.

    Parameters
    ----------
    at_once
        That number.
    look
        Tells which walls this machine offers.
    """

    def __init__(self, at_once: int = AT_ONCE, look: Callable[[], Walls] = walls) -> None:
        self._free, self._at_once, self._look = BoundedSemaphore(at_once), at_once, look

    def programs_of(
        self, code: str, framework: str | None, params: Mapping[str, Any], caller: "Caller", home: Path
    ) -> Made:
        """Return the programs that code means.

        Parameters
        ----------
        code
            OpenQASM text, or Python code that makes one circuit, or one list of circuits.
        framework
            What it is written in; None to find out.
        params
            What the code finds under the name ``params``; JSON values.
        caller
            Who asks: a key needs `Scope.INLINE`, and a machine with walls.
        home
            The folder of the store, which code in no case reads.

        Raises
        ------
        ScopeMissing
            The key may not have code run.
        NoWalls
            No key may, on this machine.
        ProgramRefused
            The code fails, or makes no program; the message has the line.
        ServiceUnavailable
            Too many run already.
        WorkerError
            No process could be started.
        """
        code = code.removeprefix("\ufeff")
        if told(code, framework) == OPENQASM:
            return run(code, OPENQASM, params, Limits())
        try:
            caller.expect(Scope.INLINE)
            if caller.key is not None:
                self._expect_walls()
            with self._room():
                return run(code, framework, params, Limits(), private=[home])
        except (NotAllowed, CodeRefused) as refusal:
            if framework is None and not IMPORTS.search(code):  # more likely a slip in OpenQASM
                refusal.message = (
                    f"this does not begin with OPENQASM, and was taken for Python: {refusal.message}"
                )
            raise

    def _expect_walls(self) -> None:
        """Refuse code of a key where nothing would keep it from the files and the network of who runs this server.

        A session's user can run any code in a kernel, so that there is nothing to keep from it.
        """
        here = self._look()
        if here.enough:
            return
        offered = {
            "seccomp": here.seccomp,
            "Landlock": here.landlock is not None,
            "bubblewrap": here.bubblewrap is not None,
        }
        there = [name for name, is_there in offered.items() if is_there]
        raise NoWalls(
            "this machine cannot run the code of a request safely: it needs seccomp, and Landlock or a bubblewrap "
            f"that works, and it has {' and '.join(there) or 'none of them'}.",
            remedy='Send OpenQASM text instead ("framework": "openqasm"), or ask who runs this server for these.',
            numbers={"walls": there},
        )

    @contextmanager
    def _room(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            raise ServiceUnavailable(
                f"the code of {self._at_once} other requests is being run, and no more is taken at a time.",
                remedy="Send it again in a few seconds, or send OpenQASM text, which needs not be run.",
                numbers={"at_once": self._at_once},
                retry_after=AGAIN,
            )
        try:
            yield
        finally:
            self._free.release()


def submitted(made: Made) -> Program | list[Program]:
    """Return what the engine takes: a program for a job, a list for a batch."""
    return made.programs[0] if made.single else list(made.programs)
