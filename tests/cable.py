"""A cable between this machine's processes and a server of its own, which a test can cut and mend."""

import contextlib
import socket
import threading


class Cable:
    """Listens on a port of its own and passes everything on, both ways, as long as it is whole.

    Parameters
    ----------
    host, port
        The server at the other end.
    """

    def __init__(self, host, port):
        self._server = host, port
        self._lock = threading.Lock()
        self._pairs = []
        self._whole = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """End every connection; new ones are ended as soon as they are made."""
        with self._lock:
            self._whole = False
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _end(pair)

    def mend(self):
        """Let new connections through again."""
        with self._lock:
            self._whole = True

    def close(self):
        self.cut()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(self._server)
                self._pairs.append((near, far))
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_pass, args=(source, target), daemon=True).start()


def _pass(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    _end((source, target))


def _end(pair):
    for end in pair:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
