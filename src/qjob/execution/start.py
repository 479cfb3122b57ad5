"""The first moments of every process that qjob starts: ``python -m qjob.execution.start MODULE FD HOME``.

Before anything heavy is imported, which takes its time, the process is tied to the one that started it: a kernel that
dies in these moments takes it along as well. Then it becomes the module, a template or a worker.
"""

import os
import signal
import socket
import sys
from importlib import import_module

from qjob.execution.ties import parent_death_signal, peer_gone


def main(argv: list[str]) -> int:
    """Become the module that the command line names; its ``main`` gets the socket and the home folder."""
    module, descriptor, home = argv
    for number in (signal.SIGINT, signal.SIGHUP):  # meant for the kernel and its terminal
        signal.signal(number, signal.SIG_IGN)
    parent_death_signal()()
    sock = socket.socket(fileno=int(descriptor))
    if peer_gone(sock):  # it died before it could take this process along
        return 0
    code: int = import_module(module).main(sock, home)
    return code


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(status)  # nothing to clean up, and interpreter exit with Aer loaded takes its time
