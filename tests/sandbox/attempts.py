"""What code behind the walls tries, each in a few lines that end well only where the wall is missing.

``{...}`` are the test's own places. None would do harm without a wall: signals are 0, and nothing is removed.
"""

import platform

COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine(), 0)

RAW = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "io_uring_setup": (425, 425),
    "process_vm_readv": (310, 270),
    "bpf": (321, 280),
    "unshare": (272, 97),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "pidfd_open": (434, 434),
    "execveat": (322, 281),
    "shmget": (29, 194),
    "personality": (135, 92),
    "name_to_handle_at": (303, 264),
    "inotify_init1": (294, 26),
}
"""System calls by number on x86_64 and aarch64; called with zeros."""

FILES = {
    "read-the-store": "open({store!r}).read()",
    "read-a-key": "open({key!r}).read()",
    "read-by-a-link-that-is-there": "open({link!r}).read()",
    "list-the-home": "import os; os.listdir({home!r})",
    "read-etc-passwd": "open('/etc/passwd').read()",
    "read-the-environment-of-the-server": "open('/proc/{parent}/environ','rb').read()",
    "read-the-memory-of-the-server": "open('/proc/{parent}/mem','rb')",
    "list-the-processes": "import os; os.listdir('/proc')",
    "read-its-own-descriptors": "import os; os.listdir('/proc/self/fd')",
    "go-up-from-the-folder": "import os; os.listdir('..')",
    "write-outside": "open({outside!r} + '/new','w').close()",
    "append-to-a-package": "open({package!r},'a').close()",
    "write-to-shared-memory": "open('/dev/shm/qjob-attempt','w').close()",
}
LINKS = {
    "empty-a-readable-file": "import os; os.open({package!r}, os.O_RDONLY | os.O_TRUNC)",
    "change-a-mode": "import os; os.chmod({key!r}, 0o600)",
    "change-an-owner": "import os; os.chown({key!r}, os.getuid(), os.getgid())",
    "change-a-time": "import os; os.utime({key!r})",
    "make-a-symbolic-link": "import os; os.symlink({key!r}, 'inside'); open('inside').read()",
    "make-a-hard-link": "import os; os.link({key!r}, 'hard'); open('hard').read()",
    "move-a-file-in": "import os; os.rename({outside!r} + '/movable', 'moved')",
    "make-a-folder": "import os; os.mkdir('folder')",
    "make-a-pipe-with-a-name": "import os; os.mkfifo('pipe')",
}
NETWORK = {
    "tcp": "import socket; socket.create_connection(('127.0.0.1', {tcp})).send(b'x')",
    "udp": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp}))",
    "unix": "import socket; socket.socket(socket.AF_UNIX).connect({unix!r})",
    "abstract-unix": "import socket; socket.socket(socket.AF_UNIX).connect('\\0' + {abstract!r})",
    "listen": "import socket; socket.create_server(('127.0.0.1', 0))",
    "pair": "import socket; socket.socketpair()",
    "asyncio": "import asyncio; asyncio.new_event_loop()",
}
PROCESSES = {
    "fork": "import os\npid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)",
    "vfork": "checked(libc.syscall({vfork}, 17, 0, 0, 0, 0))",
    "spawn": "import os; os.posix_spawn('/bin/true', ['true'], {{}})",
    "subprocess": "import subprocess; subprocess.run(['/bin/true'])",
    "shell": "import os\nif os.system('true'): raise PermissionError('no shell')",
    "execute": "import os; os.execv('/bin/true', ['true'])",
    "thread": "import threading; threading.Thread(target=int).start()",
    "session": "import os; os.setsid()",
    "group": "import os; os.setpgid(0, 0)",
}
OTHERS = {
    "signal-the-server": "import os; os.kill({parent}, 0)",
    "signal-the-reader": "import os; os.kill(os.getppid(), 0)",
    "signal-by-a-pipe": "import fcntl; fcntl.fcntl(1, fcntl.F_SETOWN, {parent})",
    "limit-the-reader": "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (9, 9))",
    "raise-its-limits": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))",
    "slow-the-server": "import os; os.setpriority(0, {parent}, os.getpriority(0, {parent}))",
    "bind-the-server": "import os; os.sched_setaffinity({parent}, os.sched_getaffinity({parent}))",
    "outlive-the-reader": "checked(libc.prctl(1, 0, 0, 0, 0))",
    "debug-the-reader": "import os; checked(libc.ptrace(16, os.getppid(), 0, 0))",
}
NUMBERS = {
    f"call-{name}": f"checked(libc.syscall({pair[COLUMN]}, 0, 0, 0, 0, 0))" for name, pair in RAW.items()
}

LANDLOCK = FILES
SECCOMP = {**LINKS, **NETWORK, **PROCESSES, **OTHERS, **NUMBERS}
ALL = {**LANDLOCK, **SECCOMP}

WITHOUT_WALLS = (
    *("read-the-store", "read-a-key", "read-by-a-link-that-is-there", "list-the-home", "read-etc-passwd"),
    *("write-outside", "append-to-a-package", "go-up-from-the-folder"),
    *("change-a-mode", "make-a-symbolic-link", "tcp", "udp", "unix", "abstract-unix", "listen", "asyncio"),
    *(
        "fork",
        "subprocess",
        "thread",
        "signal-the-server",
        "signal-the-reader",
        "call-pidfd_open",
        "call-socketpair",
    ),
)
"""Those that are shown to come through where there is no wall."""

CODE = """
import ctypes, errno, json, os
from qiskit import QuantumCircuit

libc = ctypes.CDLL(None, use_errno=True)

def checked(result):
    if result < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES):
        raise PermissionError(ctypes.get_errno(), "refused")

def tried(source):
    try:
        exec(source, {"checked": checked, "libc": libc})
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "came through"

def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

print(json.dumps(["descriptors", [number for number in range(3, 64) if is_open(number)]]))
for name, source in params["attempts"].items():
    print(json.dumps([name, tried(source)]), flush=True)

print(json.dumps(["environment", sorted(os.environ)]))
print(json.dumps(["home", [os.environ["HOME"], os.getcwd(), os.listdir(".")]]))
qc = QuantumCircuit(1, 1)
qc.measure(0, 0)
"""
