"""A server extension for tests: tells for how long the event loop of its server did not come round.

A ticker of 5 ms runs on the loop; what it is late by is a stall. ``GET qjob-lag`` answers with the longest stalls
since the last look, and where the threads of the process were while they lasted.
"""

import asyncio
import gc
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

TICK = 0.005
SUSPICIOUS = 0.03
KEPT = 12


class Waits:
    """Seconds for which the thread that made it was ready to run and had no core.

    The file stays open: each call that gives the interpreter away is a turn of another thread, and a stall of ours.
    """

    def __init__(self):
        self._file = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)

    def __call__(self):
        return int(os.pread(self._file, 100, 0).split()[1]) / 1e9


class Ticker:
    """Measures the loop that `run` runs on."""

    def __init__(self):
        self.last, self.stalls, self.seen = time.perf_counter(), [], []
        self.loop_thread = threading.get_ident()
        self.collecting, self.collected = 0.0, 0.0
        gc.callbacks.append(self._collects)

    async def run(self):
        waits = Waits()
        waited = waits()
        while True:
            self.last = began = time.perf_counter()
            worked = time.process_time()
            await asyncio.sleep(TICK)
            late = time.perf_counter() - began - TICK
            now = waits()
            if late > SUSPICIOUS / 2:
                # for how long nobody here had a core, the loop or whoever held the interpreter, is no stall of ours
                own = max(0.0, min(late - (now - waited), time.process_time() - worked))
                stall = {
                    "ms": late * 1e3,
                    "own_ms": own * 1e3,
                    "where": self.seen,
                    "gc_ms": self.collected * 1e3,
                }
                self.stalls = sorted([*self.stalls, stall], key=lambda one: -one["own_ms"])[:KEPT]
            waited, self.seen, self.collected = now, [], 0.0

    def _collects(self, phase, _info):
        if phase == "start":
            self.collecting = time.perf_counter()
        else:
            self.collected = max(self.collected, time.perf_counter() - self.collecting)

    def watch(self):
        while True:
            time.sleep(TICK)
            if time.perf_counter() - self.last > SUSPICIOUS and len(self.seen) < 3:
                self.seen = [*self.seen, self._stacks()]

    def _stacks(self):
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        return {
            names.get(ident, str(ident)): [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_stack(stack)[-7:]
            ]
            for ident, stack in sys._current_frames().items()
            if ident != threading.get_ident()
        }

    def told(self):
        stalls, self.stalls = self.stalls, []
        return stalls


class LagHandler(JupyterHandler):
    def initialize(self, ticker):
        super().initialize()
        self.ticker = ticker

    @web.authenticated
    def get(self):
        self.finish(json.dumps(self.ticker.told()))


def _load_jupyter_server_extension(server):
    ticker = Ticker()
    path = url_path_join(server.web_app.settings["base_url"], "qjob-lag")
    server.web_app.add_handlers(".*$", [(path, LagHandler, {"ticker": ticker})])

    async def start():
        ticker.loop_thread = threading.get_ident()
        server.ticking = asyncio.create_task(ticker.run())

    server.io_loop.add_callback(start)
    threading.Thread(target=ticker.watch, daemon=True, name="lag").start()
