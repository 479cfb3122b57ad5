"""What the stream of a job tells programs: how it stands, and its log row by row, each row once. Knows no dialect.

The newsroom makes one pack for all readers of a job; each reader takes of it what it has not had.
"""

from collections.abc import Iterable, Iterator

EVENTS = ("job", "log", "end")
"""The names of the events: how the job or batch stands; a row of a job's log; that nothing follows."""


def packed(state: bytes, log: Iterable[tuple[int, bytes]] = ()) -> bytes:
    """Return how something stands and the whole log of it as one pack.

    Parameters
    ----------
    state
        JSON on one line, as all that is packed.
    log
        The rows with their numbers, in their order.
    """
    return b"\n".join([state, *(b"%d %s" % (number, row) for number, row in log)])


class Telling:
    """Turns packs into server-sent events for one reader.

    Parameters
    ----------
    after
        The number of the last row that the reader has had; -1 where it has had none.
    """

    def __init__(self, after: int) -> None:
        self._after = after

    def messages(self, pack: bytes, *, ended: bool) -> bytes:
        """Return the events of a pack: rows of the log that are new, how it stands, and the end where it is that.

        Rows of the log carry their numbers as ids, so that a browser that comes back names the last one by itself.
        """
        state, *rows = pack.split(b"\n")
        end = b"event: end\ndata: {}\n\n" if ended else b""
        return b"".join([*self._new(rows), b"event: job\ndata: %s\n\n" % state, end])

    def _new(self, rows: Iterable[bytes]) -> Iterator[bytes]:
        for line in rows:
            number, _, row = line.partition(b" ")
            if int(number) > self._after:
                self._after = int(number)
                yield b"event: log\nid: %s\ndata: %s\n\n" % (number, row)
