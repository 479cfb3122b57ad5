"""Jobs as a file for other programs: everything as JSON, or a row a job as CSV. Changes nothing in the store."""

import base64
import csv
import os
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from qjob.model.counts import Counts
from qjob.model.errors import InvalidRequest
from qjob.model.job import JobRecord
from qjob.model.money import from_nano
from qjob.model.packing import unpack
from qjob.model.program import Program, ProgramFormat
from qjob.model.result import Result
from qjob.store.store import Store

FORMAT, VERSION = "qjob jobs", 1
"""What the beginning of a JSON file says it is."""

COLUMNS = (
    *(
        "id",
        "name",
        "user",
        "team",
        "backend",
        "status",
        "mode",
        "shots",
        "num_qubits",
        "seed",
        "options",
        "tags",
    ),
    *(
        "created_at",
        "admitted_at",
        "started_at",
        "ended_at",
        "erased_at",
        "run_seconds",
        "cap_usd",
        "cost_usd",
    ),
    *("failure", "batch", "place", "retry_of", "counts"),
)
"""Of a CSV file; options, tags and counts are JSON text."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet reckons out instead of showing it."""


class Exporting(ABC):
    """The jobs that an engine writes to files."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where they are."""

    @abstractmethod
    def resolve(self, text: str) -> str:
        """Return the full id that an id, the beginning of one, or a name stands for."""

    def export(self, ids: Sequence[str], path: str | Path, *, overwrite: bool = False) -> Path:
        """Write jobs to a file, all of it or nothing.

        Parameters
        ----------
        ids
            Ids, beginnings of ids, or names, in the order of the file; the same twice is once.
        path
            Ends with ``.json`` (everything that is known of each job, with its program, its counts in Qiskit's bit
            order, its state vector as pairs of real and imaginary part, its money as decimal text in US dollars) or
            with ``.csv`` (a row a job; a text that a spreadsheet would take for a formula has a ' before it). Times
            are ISO 8601 in UTC.
        overwrite
            Whether a file that is there may be replaced.

        Returns
        -------
        Path
            The file, absolute.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            One of them is no job, or stands for several.
        InvalidRequest
            No jobs, another ending, no such folder, a file that is there, or one that cannot be written.
        """
        texts = [ids] if isinstance(ids, str) else list(ids)
        full = list(dict.fromkeys(self.resolve(text) for text in texts))
        if not full:
            raise InvalidRequest("there are no jobs to export.", remedy="Name some: %qjob export ID")
        file = _place(path)
        write = {".json": self._write_json, ".csv": self._write_csv}.get(file.suffix.lower())
        if write is None:
            raise InvalidRequest(
                f"a file {file.name!r} is neither .json nor .csv.",
                remedy=f"Name it {file.with_suffix('.json').name} or {file.with_suffix('.csv').name}.",
            )
        try:
            if not overwrite and file.exists():
                raise _is_there(file)
            _put(file, lambda stream: write(full, stream), overwrite=overwrite)
        except FileExistsError as error:
            raise _is_there(file) from error
        except (OSError, ValueError) as error:  # ValueError: a NUL in it
            raise _unwritable(str(file), getattr(error, "strerror", None) or error) from error
        return file

    def _write_json(self, ids: Iterable[str], stream: TextIO) -> None:
        head = {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": self.store.clock(),
            "bit_order": Counts.bit_order,
        }
        stream.write(_json(head)[:-1] + ',"jobs":[')
        for place, job_id in enumerate(ids):
            line = _json(self._everything(job_id))
            stream.write(f",\n{line}" if place else f"\n{line}")
        stream.write("\n]}\n")

    def _write_csv(self, ids: Iterable[str], stream: TextIO) -> None:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for job_id in ids:
            record, result = self.store.job(job_id), self._result(job_id)
            plain = _record(record)
            run = plain["run_seconds"]
            plain |= {name: _json(plain[name]) for name in ("options", "tags")}
            plain["failure"] = record.failure.reason if record.failure else ""
            plain["counts"] = "" if result is None else _json(dict(result.counts))
            plain["run_seconds"] = "" if run is None else f"{run:.6f}"
            rows.writerow([_cell(plain[name]) for name in COLUMNS])

    def _everything(self, job_id: str) -> dict[str, Any]:
        store, record, result = self.store, self.store.job(job_id), self._result(job_id)
        return {
            **_record(record),
            "program": self._program(record),
            "result": None if result is None else _result(result),
            "movements": [
                {"at": one.at, "kind": one.kind, "usd": f"{one.amount:f}", "reason": one.reason}
                for one in store.movements(job_id)
            ],
            "events": [
                {"seq": one.seq, "at": one.at, "kind": one.kind, "data": dict(one.data)}
                for one in store.log(job_id)
            ],
            "attempts": [
                {
                    "number": one.number,
                    "worker": one.worker,
                    "shots_before": one.shots,
                    "began_at": one.began_at,
                    "ended_at": one.ended_at,
                    "failure": one.failure,
                    "cost_usd": _usd(one.cost),
                }
                for one in store.attempts(job_id)
            ],
            "attachments": store.attachments(job_id),
        }

    def _result(self, job_id: str) -> Result | None:
        packed = self.store.result(job_id)
        return None if packed is None else unpack(packed)

    def _program(self, record: JobRecord) -> dict[str, str] | None:
        try:
            return {"sha256": record.program, **_program(self.store.program(record.program))}
        except KeyError:  # erased
            return None


def _record(job: JobRecord) -> dict[str, Any]:
    """Return a job's row as JSON values."""
    ran = job.started_at is not None and job.ended_at is not None
    return {
        "id": job.id,
        "name": job.name,
        "user": job.user,
        "team": job.team,
        "backend": job.backend,
        "status": job.status,
        "mode": job.mode,
        "shots": job.shots,
        "num_qubits": job.num_qubits,
        "seed": job.seed,
        "options": dict(job.options),
        "tags": dict(job.tags),
        "failure": job.failure,
        "created_at": job.created_at,
        "admitted_at": job.admitted_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "erased_at": job.erased_at,
        "erased_by": job.erased_by,
        "run_seconds": (job.ended_at - job.started_at).total_seconds() if ran else None,  # type: ignore[operator]  # ran
        "cap_usd": _usd(job.cap),
        "cost_usd": _usd(job.cost),
        "batch": job.batch,
        "place": job.place,
        "retry_of": job.retry_of,
        "fingerprint": job.fingerprint,
        "site": None if job.site is None else dict(job.site),
        "remote_id": job.remote_id,
    }


def _result(result: Result) -> dict[str, Any]:
    vector = result.statevector
    return {
        "counts": dict(result.counts),
        "layout": result.counts.layout,
        "metadata": dict(result.metadata),
        "statevector": None
        if vector is None
        else [[float(one.real), float(one.imag)] for one in vector.tolist()],
    }


def _program(program: Program) -> dict[str, str]:
    """Return a program as text where it is text, else as base64."""
    if program.format is ProgramFormat.QPY:
        return {"format": program.format, "base64": base64.b64encode(program.data).decode("ascii")}
    return {"format": program.format, "text": program.data.decode()}


def _usd(nano: int | None) -> str | None:
    return None if nano is None else f"{from_nano(nano):f}"


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    # https://owasp.org/www-community/attacks/CSV_Injection
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _place(path: str | Path) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, TypeError) as error:  # no such user, or no path at all
        raise _unwritable(str(path), error) from error


def _unwritable(path: str, why: object) -> InvalidRequest:
    return InvalidRequest(
        f"{path!r:.200} cannot be written: {str(why).rstrip('.')}.",
        remedy="Name a file in a folder that is there and that you may write to.",
    )


def _is_there(file: Path) -> InvalidRequest:
    number = 2
    while (other := file.with_stem(f"{file.stem}-{number}")).exists():
        number += 1
    return InvalidRequest(
        f"{file} is there already; nothing was written.",
        remedy=f"Name another file, such as {other.name}; or replace it with --overwrite "
        "(from Python: overwrite=True).",
        numbers={"free": str(other)},
    )


def _put(file: Path, write: Callable[[TextIO], None], *, overwrite: bool) -> None:
    """Write a file under another name, and give it its own once it is whole.

    Raises
    ------
    FileExistsError
        There is one, and it is not to be replaced.
    """
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}")
    try:
        with draft.open("x", encoding="utf-8", newline="") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        if overwrite:
            draft.replace(file)
            return
        try:
            os.link(draft, file)  # unlike a rename, it refuses what is there
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if file.exists():
                raise FileExistsError(file) from None
            draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
