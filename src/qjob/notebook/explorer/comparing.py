"""What differs between jobs, as a table of a column a job. Pure."""

from collections.abc import Sequence

from qjob.model.job import JobRecord
from qjob.notebook.explorer.rows import ran
from qjob.showing.tables import Table, cost_of, mode_of
from qjob.showing.wording import clip, duration, moment, number, plain, plural, short_id

COLUMNS = 6
"""The most jobs that stand side by side."""

_WIDE = 60


def differences(jobs: Sequence[JobRecord]) -> Table:
    """Return the facts that are not the same for all jobs, a row each, and below what they have in common."""
    shown = jobs[:COLUMNS]
    facts = [_facts(job) for job in shown]
    names = list(dict.fromkeys(name for each in facts for name in each))
    rows, same = [], []
    for name in names:
        values = [each.get(name, "") for each in facts]
        if len(set(values)) > 1:
            rows.append((name, *(clip(value, _WIDE) for value in values)))
        elif values[0]:
            same.append(f"{name} {values[0]}")
    note = [f"The same for all: {', '.join(same)}."] if same else []
    if len(jobs) > len(shown):
        note.append(f"{plural(len(jobs) - len(shown), 'more job')} selected, not shown.")
    if not rows:
        note.insert(0, "Nothing that was asked for differs.")
    headings = ("", *(plain(job.name or "") or f"job {short_id(job.id)}" for job in shown))
    return Table(headings, rows, "\n".join(note))


def _facts(job: JobRecord) -> dict[str, str]:
    seconds = ran(job)
    facts = {
        "id": short_id(job.id),
        "status": job.status.value,
        "backend": job.backend,
        "program": job.program[:12],
        "qubits": number(job.num_qubits),
        "shots": number(job.shots),
        "seed": str(job.seed),
        "mode": mode_of(job),
        "created": moment(job.created_at),
        "run time": "" if seconds is None else duration(seconds),
        "cost": cost_of(job),
        "user": plain(job.user),
    }
    facts |= {f"option {key}": plain(str(value)) for key, value in sorted(job.options.items())}
    return facts | {f"tag {key}": plain(value) or "set" for key, value in sorted(job.tags.items())}
