"""The process: Amazon Braket and the control on one port, moto's S3 and STS on another.

``python -m loopback.server PID`` prints one line of JSON with both ports when it is ready, and ends when its
standard input does, or the process PID.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from loopback.beside import Beside
from loopback.control import PREFIX
from loopback.model import Answer
from loopback.world import LOSE, World

HOST = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    world: World

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path.startswith(PREFIX):
            answer = self.world.control(url.path.removeprefix(PREFIX), body)
        else:
            answer = self.world.braket(self.command, url.path, url.query, dict(self.headers.items()), body)
        if answer is LOSE:
            self.close_connection = True
            return
        self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that http.server looks for

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """As many threads as clients; a few hundred may come at once."""

    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request: Any, address: Any) -> None:
        """Ignore clients that are gone, show everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, address)


class QuietMoto(MotoRequestHandler):
    """Moto's requests without a log, nor the 40 ms that a second packet waits for the first to be acknowledged."""

    disable_nagle_algorithm = True

    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


def _moto(world: World) -> Any:
    application = Beside(DomainDispatcherApplication(create_backend_app), world)
    return make_server(HOST, 0, application, threaded=True, request_handler=QuietMoto)


def _leave() -> None:
    """Become nobody's child: tests count the children of their process, and this one outlives single tests."""
    if os.fork():
        os._exit(0)
    os.setsid()


def _wait_for_the_end(starter: int) -> None:
    """Return when standard input ends, or the process that started this one: a fork of it may hold the input open."""
    ended = threading.Event()

    def read() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    while not ended.wait(1.0):
        try:
            os.kill(starter, 0)
        except ProcessLookupError:
            return


def main(starter: int) -> None:
    """Serve until standard input ends."""
    started = time.monotonic()
    _leave()
    os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "false"
    world = World()
    Handler.world = world
    servers = [Server((HOST, 0), Handler), _moto(world)]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    ports = {"braket": servers[0].server_address[1], "moto": servers[1].server_address[1]}
    print(json.dumps(ports | {"pid": os.getpid(), "seconds": time.monotonic() - started}), flush=True)
    _wait_for_the_end(starter)
    os._exit(0)  # simulations may still run


if __name__ == "__main__":
    main(int(sys.argv[1]))
