"""The command line: ``qjob demo``, ``quote``, ``worker``, ``key``, ``--version``. Prints; it runs no job itself."""

import argparse
import os
import sys
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from qjob import key_line, worker_line
from qjob.model.errors import QjobError, StoreUnavailable
from qjob.settings import load_settings

NOTEBOOK = "00_first_job.ipynb"
CELL_SECONDS = 300


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="qjob", description="Turn a notebook cell into a tracked quantum job."
    )
    parser.add_argument("--version", action="version", version=f"qjob {version('qjob')}")
    verbs = parser.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser(
        "demo", help="run the first notebook in a real kernel and print each job's receipt"
    )
    show.add_argument("--out", type=Path, help="where the executed notebook goes (default: QJOB_HOME/demo)")
    price = verbs.add_parser(
        "quote", help="tell what the jobs of a notebook would cost; nothing of it is run"
    )
    price.add_argument("notebook", type=Path, metavar="FILE.ipynb")
    worker_line.add_parser(verbs)
    key_line.add_parser(verbs)
    arguments = parser.parse_args(argv)
    try:
        if arguments.verb == "worker":
            return worker_line.main(arguments, load_settings(os.environ))
        if arguments.verb == "key":
            return key_line.main(arguments)
        if arguments.verb == "quote":
            return quote(arguments.notebook)
        return demo(arguments.out)
    except QjobError as error:
        print(f"qjob: {error}", file=sys.stderr)
        return 1


def demo(out: Path | None) -> int:
    """Execute the first notebook, print what its cells show, and say where it lies."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    folder = out or load_settings(os.environ).home / "demo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"the folder {folder} cannot be made: {error.strerror}.",
            remedy="Name another: qjob demo --out FOLDER, or set QJOB_HOME.",
        ) from error
    notebook = nbformat.read(notebook_path(), as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        # else the first line read here would be a warning that the kernel is reached over TCP of this machine
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        on_cell_executed=lambda cell, **_: _print_outputs(cell),
    )
    status = 0
    print(f"Running {NOTEBOOK} in a kernel of its own ...\n", flush=True)
    try:
        client.execute()
    except CellExecutionError as error:
        print(error, file=sys.stderr)
        status = 1
    target = folder / NOTEBOOK
    nbformat.write(notebook, target)
    print(f"The executed notebook: {target}\nSee it live:           jupyter lab {target}")
    return status


def quote(notebook: Path) -> int:
    """Print what the jobs of a notebook would cost now."""
    from qjob.engine import connect
    from qjob.notebook.forecast.line import forecast_of

    with connect() as engine:
        print(forecast_of(engine, notebook))
    return 0


def notebook_path() -> Path:
    """Return where this installation keeps the first notebook."""
    ours = distribution("qjob")
    for file in ours.files or []:
        if file.name == NOTEBOOK and "share/qjob" in file.as_posix():
            found = Path(str(ours.locate_file(file))).resolve()
            if found.is_file():
                return found
    raise QjobError(
        f"this installation of qjob has no {NOTEBOOK}.",
        remedy="Install it again: pip install --force-reinstall qjob",
    )


def _print_outputs(cell: Any) -> None:
    for output in cell.get("outputs", []):
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        if text.strip():
            print(text.rstrip() + "\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
