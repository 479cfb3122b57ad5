"""Bare Aer: a warm process of its own that times ``AerSimulator.run(...).result().get_counts()`` and nothing else.

Not in the submitting process, where Aer's threads would go on spinning beside qjob's workers. The circuit is built,
and Aer warmed up, before anything is timed; the time does not include the way to this process and back.

As a script it is that process: a line of JSON in, a line of JSON out.
"""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self


class BareAer:
    """The process, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def load(self, circuit: Any, *, threads: int, method: str = "statevector") -> None:
        """Hand over a circuit with the simulator for it."""
        from circuits import as_qpy

        text = base64.b64encode(as_qpy(circuit)).decode()
        self._ask({"load": text, "threads": threads, "method": method})

    def run(self, shots: int, seed: int = 1) -> float:
        """Run the loaded circuit and return the seconds that took."""
        return float(self._ask({"shots": shots, "seed": seed}))

    def begin(self, angles: list[float], shots: int) -> None:
        """Have it run a Bell pair after each of these rotations, one after the other; `ended` waits for that."""
        self._say({"angles": angles, "shots": shots})

    def ended(self) -> float:
        """Return the seconds that took, without the building of the circuits."""
        return float(self._hear())

    def _ask(self, question: dict[str, Any]) -> Any:
        self._say(question)
        return self._hear()

    def _say(self, question: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Answer until the input ends."""
    import io

    from circuits import aer, bell
    from qiskit import qpy
    from qiskit_aer import AerSimulator

    circuit, simulator = bell(), AerSimulator()
    for line in sys.stdin:
        question = json.loads(line)
        answer: Any = None
        if "load" in question:
            circuit = qpy.load(io.BytesIO(base64.b64decode(question["load"])))[0]
            simulator = AerSimulator(method=question["method"], max_parallel_threads=question["threads"])
            aer(bell(), 1, 1, simulator)
        elif "angles" in question:
            circuits = [bell(angle) for angle in question["angles"]]
            began = time.perf_counter()
            for each in circuits:
                aer(each, question["shots"], 1, simulator)
            answer = time.perf_counter() - began
        else:
            began = time.perf_counter()
            aer(circuit, question["shots"], question["seed"], simulator)
            answer = time.perf_counter() - began
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
