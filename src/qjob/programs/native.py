"""Sees to it that qiskit's compiled part is loaded by a thread that stays.

Its memory allocator belongs to the thread that loads it. Where that one ends, a circuit that another thread reads
later can end the whole process (seen with qiskit 2.6 on Linux).
"""

import sys
import threading

COMPILED = "qiskit._accelerate"


def load() -> None:
    """Load it, where it is not; in a thread of its own that never ends, unless this is the main thread."""
    if COMPILED in sys.modules or threading.current_thread() is threading.main_thread():
        return
    loaded = threading.Event()

    def stay() -> None:
        try:
            __import__(COMPILED)
        finally:
            loaded.set()
        threading.Event().wait()

    threading.Thread(target=stay, name="qjob-qiskit", daemon=True).start()
    loaded.wait()
