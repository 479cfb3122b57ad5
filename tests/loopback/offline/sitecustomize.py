"""Keeps the processes that tests start on this machine; Python imports it by its name, its folder is on PYTHONPATH.

A process with an environment of its own making is not reached by this; it has no AWS credentials either.
"""

import sys

LOOPBACK = ("127.", "::1", "localhost")
CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")


def foreign_host(event, args):
    """Return the other machine that an audited event of a socket would reach, or None."""
    if event in CONNECTS:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event == "socket.getaddrinfo":
        host = args[0] or ""
    else:
        return None
    host = host.decode() if isinstance(host, bytes) else str(host)
    return host if host and not host.startswith(LOOPBACK) else None


def _refuse(event, args):
    if event.startswith("socket.") and (host := foreign_host(event, args)) is not None:
        raise PermissionError(f"a process of a test tried to reach {host}")


if __name__ == "sitecustomize":
    sys.addaudithook(_refuse)
