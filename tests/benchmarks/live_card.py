"""The live card of a running job: bytes an update, updates a second, and whether the last one comes.

`LiveCards` follows a noisy job of some seconds in a real engine, with a card that records each snapshot it is given.
Bytes are counted on the wire: the comm message that sets the widget's state, as ``jupyter_client`` serializes and
signs it. Beside it, what redrawing the same histogram as HTML by ``display(..., update=True)`` sends.
"""

import threading
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from circuits import layers
from lab import Lab
from measure import Line

NOISE = {"gate_error_1q": 0.001, "gate_error_2q": 0.01}


def run(lab: Lab) -> Iterator[Line]:
    """Yield bytes, updates a second, and the last update."""
    from jupyter_client.session import Session

    from qjob.engine import utc_now
    from qjob.notebook.live import LiveCards
    from qjob.showing.card_state import card_state
    from qjob.showing.receipt import receipt_html

    session = Session(key=b"bench")
    parent = session.msg("execute_request")
    with lab.engine(workers=1) as engine:
        card = Recorder()
        cards = LiveCards(engine, card.opened)
        job = engine.submit(
            layers(14, 12), backend="qb-sim-noisy-aer", shots=lab.runs(500, 100), options=NOISE, name="live"
        )
        cards.show(job.snapshot())
        job.wait(120)
        card.finished.wait(5)
        cards.close()
    counting = [(at, now) for at, now in card.updates if now.progress and now.progress.shots_done]

    def message(kind: str, content: dict[str, Any]) -> int:
        return sum(map(len, session.serialize(session.msg(kind, content, parent=parent))))

    def update(snapshot: Any) -> int:
        state = {"state": card_state(snapshot, utc_now())}
        data = {"method": "update", "state": state, "buffer_paths": []}
        return message("comm_msg", {"comm_id": "0" * 32, "data": data})

    def redraw(snapshot: Any) -> int:
        data = {"text/html": receipt_html(snapshot, utc_now())}
        content = {"data": data, "metadata": {}, "transient": {"display_id": "0" * 32}}
        return message("update_display_data", content)

    sizes = [update(snapshot) for _, snapshot in counting]
    redrawn = median(redraw(snapshot) for _, snapshot in counting)
    seconds = counting[-1][0] - counting[0][0]
    how = f"{len(sizes)} updates of one job in {seconds:.1f} s, with counts"
    beside = f"redrawn as HTML {redrawn / 1e3:.1f} KB"
    yield Line("live card, largest update", 2, max(sizes) / 1e3, "KB", beside, max(sizes) / redrawn, how)
    if seconds > 0:
        yield Line("live card, updates", 5, (len(sizes) - 1) / seconds, "/s", "", None, how, at_least=True)
    last = (
        bool(card.last)
        and card.last.job.status == "COMPLETED"
        and card.last.progress.shots_done == job.record.shots
    )
    yield Line("live card, last update came", 1, float(last), "of 1", "", None, "1", at_least=True)


class Recorder:
    """A card that notes what it is told, and when."""

    def __init__(self) -> None:
        self.updates: list[tuple[float, Any]] = []
        self.last: Any = None
        self.finished = threading.Event()

    def opened(self, _snapshot: Any) -> "Recorder":
        """Be the card of this snapshot."""
        return self

    def show(self) -> None:
        """Be displayed."""

    def update(self, snapshot: Any) -> None:
        """Note a newer snapshot."""
        self.updates.append((time.perf_counter(), snapshot))

    def finish(self, snapshot: Any) -> None:
        """Note the final snapshot."""
        self.update(snapshot)
        self.last = snapshot
        self.finished.set()
