"""Where the benchmarks run: a scratch folder, engines of their own, helper processes that end with their block."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Lab:
    """One run of the benchmarks.

    Parameters
    ----------
    quick
        Few runs and small work, to see that everything works; the numbers then say little.
    server
        The URL of a PostgreSQL database for the rows that compare stores there; None: they are left out.
    """

    def __init__(self, *, quick: bool, server: str | None = None) -> None:
        self.quick = quick
        self.server = server
        self.folder = Path(tempfile.mkdtemp(prefix="qjob-bench-"))
        self._homes = 0
        self._filled: Path | None = None

    def runs(self, full: int, quick: int = 2) -> int:
        """Return how often to measure."""
        return quick if self.quick else full

    def home(self) -> Path:
        """Return a new empty folder for a store."""
        self._homes += 1
        return self.folder / f"home-{self._homes}"

    @contextlib.contextmanager
    def engine(self, *, prices: str = "", home: Path | None = None, **settings: Any) -> Iterator[Any]:
        """Give an engine on a new store, with catalogue rows of its own, whose workers have run a job already."""
        from circuits import bell

        import qjob

        home = home or self.home()
        if prices:
            home.mkdir()
            (home / "backends.toml").write_text(prices)
        with qjob.connect(home=home, **settings) as engine:
            for job in [engine.submit(bell(), shots=100) for _ in range(4)]:
                job.wait(60)
            yield engine

    def filled(self) -> Path:
        """Return a home with many stored jobs, made once."""
        if self._filled is None:
            from filled import fill

            self._filled = self.home()
            fill(self._filled, 2_000 if self.quick else 100_000)
        return self._filled

    def python(self, script: str, *arguments: object) -> Any:
        """Run a script of this folder in a fresh interpreter and return the JSON of its last line."""
        command = [sys.executable, str(HERE / script), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment())
        if done.returncode:
            raise RuntimeError(f"{script} failed:\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def environment(self) -> dict[str, str]:
        """Return the environment of helper processes: bytecode is kept, as in an installation, but all of it here.

        Where the numbers say little anyway, there is no need to compile everything once more.
        """
        own = {"IPYTHONDIR": str(self.folder / "ipython"), "QJOB_HOME": str(self.folder / "qjob")}
        if self.quick:
            return dict(os.environ) | own
        own["PYTHONPYCACHEPREFIX"] = str(self.folder / "bytecode")
        return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | own

    def close(self) -> None:
        """Remove the scratch folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
