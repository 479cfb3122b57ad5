"""What this machine is said to offer: each wall is one that was seen to stand."""

import os
import subprocess
import sys

import pytest

from qjob.sandbox.limits import Limits
from qjob.sandbox.walls import Walls, walls


@pytest.mark.parametrize(
    ("landlock", "seccomp", "bubblewrap", "enough"),
    [
        pytest.param(None, False, None, False, id="none"),
        pytest.param(3, False, None, False, id="files-alone"),
        pytest.param(None, True, None, False, id="calls-alone"),
        pytest.param(1, True, None, True, id="files-and-calls"),
        pytest.param(None, False, "/usr/bin/bwrap", False, id="namespaces-alone"),
        pytest.param(None, True, "/usr/bin/bwrap", True, id="namespaces-and-calls"),
    ],
)
def test_which_walls_are_enough(landlock, seccomp, bubblewrap, enough):
    assert Walls(landlock, seccomp, bubblewrap).enough is enough


def test_a_bubblewrap_that_does_not_work_is_none(tmp_path, monkeypatch):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert walls().bubblewrap is None
    program.write_text("#!/bin/sh\nexit 0\n")
    assert walls().bubblewrap == str(program)


PUT_UP = """
import _socket, os
from qjob.sandbox import kernel, landlock, seccomp
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
if landlock.abi() is not None:
    landlock.restrict([], os.getcwd(), landlock.abi())
    try:
        os.listdir("/")
    except PermissionError:
        print("landlock")
if seccomp.offered():
    seccomp.install(seccomp.machine(), os.getpid())
    try:
        _socket.socket()
    except PermissionError:
        print("seccomp")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these walls are Linux's")
def test_what_is_offered_is_what_stands():
    offered = walls()
    done = subprocess.run([sys.executable, "-c", PUT_UP], capture_output=True, text=True, check=True)
    stands = done.stdout.split()
    assert ("landlock" in stands) == (offered.landlock is not None)
    assert ("seccomp" in stands) == offered.seccomp


def test_no_limits_allow_processes():
    with pytest.raises(ValueError, match="processes has to be 0"):
        Limits(processes=1)
