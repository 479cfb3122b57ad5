"""Each wall, with real code in a real process that runs against it; and the same code where there is no wall."""

import json
import os
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from qjob.sandbox import run as door
from qjob.sandbox.limits import Limits
from qjob.sandbox.run import run
from qjob.sandbox.walls import Walls, walls
from sandbox import attempts

pytestmark = pytest.mark.slow

HERE = walls()
NO_WALLS = Walls(landlock=None, seccomp=False, bubblewrap=None)
REFUSED = (
    *(
        "PermissionError",
        "FileNotFoundError",
        "ProcessLookupError",
        "OSError: [Errno 38]",
        "OSError: [Errno 30]",
    ),
    *("RuntimeError: can't start new thread", "ValueError: not allowed to raise"),
)
"""Denied; or not there at all, or on a disk that cannot be written, in namespaces of its own."""


class Listening:
    """Sockets of every kind on this machine, which hear whether anything arrives."""

    def __init__(self, stack, folder):
        self.tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        self.udp.bind(("127.0.0.1", 0))
        self.unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        self.unix.bind(str(folder / "s"))
        self.abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        self.abstract.bind(f"\0qjob-test-{os.getpid()}")
        for each in (self.unix, self.abstract):
            each.listen()

    def heard(self):
        found = []
        for name in ("tcp", "udp", "unix", "abstract"):
            each = getattr(self, name)
            each.settimeout(0)
            try:
                each.recv(9) if name == "udp" else each.accept()[0].close()
            except BlockingIOError:
                continue
            found.append(name)
        return found


def tried(root, names, offered):
    """Run the attempts behind these walls; return what came of each, what arrived, and where it ran."""
    home, outside, packages = (root / name for name in ("home", "outside", "site-packages"))
    for folder in (home, outside, packages):
        folder.mkdir()
    (home / ".ssh").mkdir()
    (home / "qjob.db").write_text("jobs")
    (home / ".ssh" / "id").write_text("key")
    (outside / "movable").write_text("x")
    (packages / "link").symlink_to(home / ".ssh" / "id")
    (packages / "some.py").write_text("x = 1")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as short:
        listening = Listening(stack, Path(short))
        secret = stack.enter_context((home / "qjob.db").open())
        for inherited in (secret, listening.tcp):
            os.set_inheritable(inherited.fileno(), 1)
        patch.setenv("QJOB_DATABASE_URL", "postgresql://secret")
        patch.syspath_prepend(packages)
        patch.setattr(door, "walls", lambda: offered)
        places = {
            "store": str(home / "qjob.db"),
            "key": str(home / ".ssh" / "id"),
            "link": str(packages / "link"),
            "package": str(packages / "some.py"),
            "home": str(home),
            "outside": str(outside),
            "parent": os.getpid(),
            "tcp": listening.tcp.getsockname()[1],
            "udp": listening.udp.getsockname()[1],
            "unix": str(Path(short) / "s"),
            "abstract": f"qjob-test-{os.getpid()}",
            "vfork": (58, 220)[attempts.COLUMN],
        }
        sources = {name: attempts.ALL[name].format(**places) for name in names}
        made = run(attempts.CODE, "qiskit", {"attempts": sources}, Limits(), private=[home])
        came = dict(json.loads(line) for line in made.printed.splitlines() if line.startswith("["))
        came["readable"] = (packages / "some.py").read_text()
        came["outside"] = sorted(path.name for path in outside.iterdir())
        return came, listening.heard()


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    if not HERE.enough:
        pytest.skip(f"this machine offers too few walls: {HERE}")
    return tried(tmp_path_factory.mktemp("behind"), attempts.ALL, HERE)


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    return tried(tmp_path_factory.mktemp("without"), attempts.WITHOUT_WALLS, NO_WALLS)


@pytest.mark.parametrize("name", attempts.LANDLOCK)
def test_files_of_others_are_out_of_reach(behind, name):
    assert behind[0][name].startswith(REFUSED)


@pytest.mark.parametrize("name", attempts.SECCOMP)
def test_calls_that_reach_out_are_refused(behind, name):
    if not HERE.seccomp:
        pytest.skip("this kernel takes no filter of system calls")
    assert behind[0][name].startswith(REFUSED)


def test_nothing_has_arrived_and_nothing_was_changed(behind):
    came, heard = behind
    assert heard == []
    assert came["readable"] == "x = 1"
    assert came["outside"] == ["movable"]


def test_it_inherits_one_pipe_and_an_environment_of_its_own(behind):
    came, _ = behind
    assert len(came["descriptors"]) == 1
    assert [name for name in came["environment"] if name.startswith(("QJOB", "PATH", "SSH", "USER"))] == []
    home, here, inside = came["home"]
    assert home == here
    assert inside == []
    assert not Path(home).exists()


@pytest.mark.parametrize("name", attempts.WITHOUT_WALLS)
def test_without_walls_the_same_attempt_comes_through(without, name):
    assert without[0][name] == "came through"


def test_without_walls_all_of_it_arrives(without):
    came, heard = without
    assert heard == ["tcp", "udp", "unix", "abstract"]
    assert came["outside"] == ["movable", "new"]
