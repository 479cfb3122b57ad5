"""What can follow ``%qjob``: one table that the commands, the help and the completion read. Values only."""

from dataclasses import dataclass

SUBMIT_FLAGS = (
    *("--backend", "--shots", "--mode", "--name", "--tag", "--option", "--seed", "--wait", "--out"),
    *("--quote", "--rehearse", "--yes", "--fresh", "--no-wait", "--partial"),
)
NO_VALUE = frozenset(
    {
        "--wait",
        "--quote",
        "--rehearse",
        "--yes",
        "--fresh",
        "--no-wait",
        "--partial",
        "--ideal",
        "--overwrite",
    }
)
FILTER_FLAGS = ("--status", "--backend", "--text", "--team", "--tag", "--since", "--until", "--sort")


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Parameters
    ----------
    usage
        How it is typed, and what it does; its lines of ``%qjob help``.
    flags
        Its options.
    job
        Whether its first word is a job.
    python
        Whether words of its line are a Python expression, which keeps its quotation marks.
    module
        Whose ``run(session, words)`` does it, imported when it is first used; empty where `commands` does.
    """

    usage: str
    flags: tuple[str, ...] = ()
    job: bool = False
    python: bool = False
    module: str = ""


VERBS = {
    "submit": Verb(
        "submit CIRCUIT ...           the same from a line: a variable or expression, options as above",
        SUBMIT_FLAGS,
        python=True,
    ),
    "form": Verb(
        "form [CIRCUIT | JOB] ...     the same as a form: prices as you edit, options with their bounds",
        SUBMIT_FLAGS,
        python=True,
        module="qjob.notebook.form.line",
    ),
    "quote": Verb(
        "quote CIRCUIT [--shots N]    what it would cost on every backend, and whether it fits there\n"
        "quote --notebook FILE.ipynb  what a notebook would cost before Run All; nothing of it is run",
        ("--shots", "--notebook"),
        python=True,
    ),
    "backends": Verb("backends [SLUG]              the backends with their prices, or the options of one"),
    "list": Verb(
        "list [WORD] [--status STATUS] [--backend SLUG] [--limit N]",
        ("--status", "--backend", "--text", "--limit"),
    ),
    "explore": Verb(
        "explore [WORD] ...           all jobs: filter, sort, watch, open, compare, tag, export, delete",
        FILTER_FLAGS,
        module="qjob.notebook.explorer.line",
    ),
    "status": Verb(
        "status JOB                   show a job or a batch; JOB is its id, the beginning of it, or its name",
        job=True,
    ),
    "result": Verb(
        "result JOB                   wait for it and return its result, or the results of a batch", job=True
    ),
    "plot": Verb(
        "plot JOB [--ideal] [--with JOB] [--bits 0,1] [--sort value|bits] [--top N]\n"
        "                             its histogram, to sort, to reduce and to compare",
        ("--ideal", "--with", "--bits", "--sort", "--top"),
        job=True,
        module="qjob.notebook.pictures.line",
    ),
    "cancel": Verb("cancel JOB", job=True),
    "retry": Verb("retry JOB [--yes]            submit it again as a new job", ("--yes",), job=True),
    "events": Verb("events JOB                   what happened to it, and when", job=True),
    "tag": Verb(
        "tag JOB KEY=VALUE ...        set its tags; KEY= takes one away",
        job=True,
        module="qjob.notebook.tag_line",
    ),
    "export": Verb(
        "export JOB ... [--to FILE] [--overwrite]\n"
        "                             write jobs with their counts, money and events to a .json or .csv file",
        ("--to", "--overwrite"),
        job=True,
        module="qjob.notebook.export_line",
    ),
    "delete": Verb(
        "delete JOB ... [--yes]       erase its program and its result; times and money stay",
        ("--yes",),
        job=True,
        module="qjob.notebook.delete_line",
    ),
    "gc": Verb(
        "gc [--older 90d] [--yes]     the disk space used; erase the programs and results of old jobs",
        ("--older", "--yes"),
        module="qjob.notebook.gc_line",
    ),
    "notify": Verb(
        "notify [on | off]            tell when a long job ends while this tab is in the background",
        module="qjob.notebook.notify_line",
    ),
    "worker": Verb(
        "worker                       the processes that run durable jobs, which outlive the kernel"
    ),
    "budget": Verb(
        "budget [--day USD] [--month USD] [--job USD]\n"
        "                             what the team may spend and has spent; with options, set it first",
        ("--day", "--month", "--job"),
    ),
    "team": Verb("team [invite USER [--role ROLE] | remove USER | switch NAME | new NAME]"),
    "confirm_above": Verb(
        "confirm_above [USD]          up to what amount this session submits without asking"
    ),
    "audit": Verb(
        "audit                        recompute the money from the ledger, and tell what does not add up"
    ),
}

USAGE = """\
%%qjob [--backend SLUG] [--shots N] [--name NAME] [--wait] [--out VARIABLE] [--seed N]
       [--tag KEY=VALUE] [--option KEY=VALUE] [--mode direct|durable] [--quote] [--rehearse] [--yes] [--fresh]
       [--no-wait] [--partial]
    A cell that ends with a circuit, or holds OpenQASM, becomes a job; with --quote only its prices are shown, and
    with --rehearse it runs free on this machine, with the errors that the device says it has.
    What costs something waits for a confirmation, but with --yes; and is shown instead of paid again, but with
    --fresh. What comes too fast waits for its turn, but with --no-wait. A list of circuits is a batch: all of it,
    or with --partial as many of its first ones as the budgets admit.
    With --mode durable it outlives the kernel, and is tried again where what went wrong passes.
""" + "\n".join(
    f"%qjob {line}" if not line.startswith(" ") else f"      {line}"
    for verb in VERBS.values()
    for line in verb.usage.split("\n")
)
