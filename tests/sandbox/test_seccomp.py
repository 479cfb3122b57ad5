"""The filter's decisions for both kinds of processor, read by a small interpreter of its instructions."""

import errno

import pytest

from qjob.sandbox import seccomp
from qjob.sandbox.syscalls import ALLOWED, JUDGED

PID = 4711
ALLOW, KILL = "allow", "kill"


def decide(kind, number, arguments=(), arch=None):
    """What the kernel would do with a call: allow, kill, or an error's number."""
    words = {seccomp.NUMBER: number, seccomp.KIND: arch or seccomp.KINDS[kind]}
    for index in range(6):
        value = arguments[index] if index < len(arguments) else 0
        words[seccomp.ARGUMENTS + 8 * index] = value & 0xFFFFFFFF
        words[seccomp.ARGUMENTS + 8 * index + 4] = value >> 32
    code, at, kept = seccomp.program(kind, PID), 0, 0
    while True:
        operation, yes, no, k = code[at]
        at += 1
        if operation == seccomp.LOAD:
            kept = words[k]
        elif operation == seccomp.AND:
            kept &= k
        elif operation == seccomp.JUMP_EQUAL:
            at += yes if kept == k else no
        else:
            assert operation == seccomp.RETURN
            return {seccomp.ALLOW: ALLOW, seccomp.KILL: KILL}.get(k, k & 0xFFFF)


@pytest.mark.parametrize("kind", seccomp.KINDS)
@pytest.mark.parametrize(
    ("name", "arguments", "outcome"),
    [
        pytest.param("openat", (0, 0, 0), ALLOW, id="read"),
        pytest.param("openat", (0, 0, 0o1001), ALLOW, id="write-and-truncate"),
        pytest.param("openat", (0, 0, 0o1000), errno.EPERM, id="read-and-truncate"),
        pytest.param("openat", (0, 0, 0o1003), errno.EPERM, id="neither-and-truncate"),
        pytest.param("openat2", (), errno.ENOSYS, id="openat2"),
        pytest.param("clone", (0x10F00,), errno.ENOSYS, id="thread"),
        pytest.param("clone", (17,), errno.EPERM, id="process"),
        pytest.param("clone3", (), errno.ENOSYS, id="clone3"),
        pytest.param("fcntl", (1, 3), ALLOW, id="flags"),
        pytest.param("fcntl", (1, 8, 99), errno.EPERM, id="owner-of-signals"),
        pytest.param("ioctl", (1, 0x5401), ALLOW, id="is-a-terminal"),
        pytest.param("ioctl", (1, 0x5412), errno.EPERM, id="type-into-a-terminal"),
        pytest.param("prctl", (15,), ALLOW, id="name"),
        pytest.param("prctl", (1, 0), errno.EPERM, id="death-signal"),
        pytest.param("tgkill", (PID, PID, 6), ALLOW, id="signal-to-itself"),
        pytest.param("tgkill", (PID + 1, PID, 6), errno.EPERM, id="signal-to-another"),
        pytest.param("prlimit64", (0, 7, 0, 1 << 40), ALLOW, id="look-at-a-limit"),
        pytest.param("prlimit64", (0, 7, 1 << 40, 0), errno.EPERM, id="set-a-limit-from-a-high-address"),
        pytest.param("prlimit64", (0, 7, 4096, 0), errno.EPERM, id="set-a-limit"),
        pytest.param("prlimit64", (PID, 7, 0, 4096), errno.EPERM, id="look-at-anothers"),
    ],
)
def test_calls_that_are_judged_by_their_arguments(kind, name, arguments, outcome):
    number = JUDGED[name][list(seccomp.KINDS).index(kind)]
    assert decide(kind, number, arguments) == outcome


@pytest.mark.parametrize("kind", seccomp.KINDS)
def test_listed_calls_pass_and_all_others_are_refused(kind):
    column = list(seccomp.KINDS).index(kind)
    listed = {pair[column] for pair in ALLOWED.values()} - {None}
    judged = {pair[column] for pair in JUDGED.values()} - {None}
    assert listed.isdisjoint(judged)
    for number in range(600):
        if number not in judged:
            assert decide(kind, number) == (ALLOW if number in listed else errno.EPERM), number


@pytest.mark.parametrize("kind", seccomp.KINDS)
def test_a_call_by_the_rules_of_another_processor_ends_the_process(kind):
    assert decide(kind, 0, arch=0x40000003) == KILL  # 32 bits
    assert decide(kind, 0x40000000 | 1) == errno.EPERM  # x32
    assert len(seccomp.program(kind, PID)) < 4096  # the kernel's limit
