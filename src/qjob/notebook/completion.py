"""Completes backends, options, job ids and names on ``%qjob`` and ``%%qjob`` lines.

Looks into the store only when a job is asked for.
"""

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from qjob.model.errors import QjobError
from qjob.model.job import JobStatus
from qjob.notebook.verbs import NO_VALUE, SUBMIT_FLAGS, VERBS
from qjob.showing.wording import SHORT_ID, short_id
from qjob.store.listing import Order
from qjob.typed import MODES

if TYPE_CHECKING:
    from qjob.notebook.session import Session

_LINE = re.compile(r"^\s*(?:\w+\s*=\s*)?(?P<magic>%%?qjob)(?P<rest>\s.*)?$")
_ID_BEGUN = re.compile(r"[0-9a-f-]*")
MOST = 50


def complete(context: Any, session: "Session") -> Any:
    """Return IPython's completions for the word before the cursor; none where the line is not ours."""
    from IPython.core.completer import SimpleCompletion

    lines = context.full_text.split("\n")
    line = lines[context.cursor_line][: context.cursor_position] if context.cursor_line < len(lines) else ""
    match = _LINE.match(line)
    if match is None or match["rest"] is None:
        return {"completions": []}
    before, word = _split(match["rest"])
    try:
        found = candidates(session, match["magic"], before, word)
    except QjobError:
        found = []  # a store that cannot be read is told by the command, not by its completion
    options = [SimpleCompletion(text=text, type="param") for text in found if text.startswith(word)]
    return {"completions": options, "suppress": True, "matched_fragment": word, "ordered": True}


_FLAG_VALUES = {"--mode": MODES, "--status": tuple(status.value for status in JobStatus)}
_VALUES: dict[tuple[str | None, str], tuple[str, ...]] = {
    ("plot", "--sort"): ("value", "bits"),
    ("explore", "--sort"): tuple(order.value for order in Order),
    ("notify", "notify"): ("on", "off"),
}


def candidates(session: "Session", magic: str, before: list[str], word: str) -> list[str]:
    """Return what may stand at the cursor.

    Parameters
    ----------
    magic
        ``%qjob`` or ``%%qjob``.
    before
        The finished words after it.
    word
        The beginning of the word at the cursor.
    """
    catalogue = session.engine.catalogue
    verb = None if magic == "%%qjob" else (before[0] if before else "")
    if verb == "":
        return list(VERBS)
    last = before[-1] if before else ""
    if verb == "backends" and len(before) == 1:
        return [info.slug for info in catalogue]
    if last in ("--backend", "-b"):
        return [info.slug for info in catalogue if verb == "list" or not info.retired]
    if last in ("--option", "-o"):
        chosen = before[before.index("--backend") + 1] if "--backend" in before[:-1] else None
        infos = [info for info in catalogue if chosen in (None, info.slug)]
        return _options(infos, word)
    if last in _FLAG_VALUES:
        return list(_FLAG_VALUES[last])
    if (verb, last) in _VALUES:
        return list(_VALUES[verb, last])
    if verb in VERBS and VERBS[verb].job and (len(before) == 1 or last == "--with"):
        return _jobs(session, word)
    if last.startswith("--") and last not in NO_VALUE:
        return []  # a free value
    return list(SUBMIT_FLAGS if verb is None else VERBS[verb].flags if verb in VERBS else ())


def _jobs(session: "Session", word: str) -> list[str]:
    """Return names first; ids where one may have begun, cut to what is shown of them where that is enough."""
    store = session.engine.store
    names = store.names(word, MOST)
    if not _ID_BEGUN.fullmatch(word):
        return names
    ids = store.ids(word, MOST)
    shared = Counter(short_id(each) for each in ids)
    enough = [short_id(each) if shared[short_id(each)] == 1 else each for each in ids]
    return [*names, *(enough if len(word) <= SHORT_ID else ids)]


def _options(infos: list[Any], word: str) -> list[str]:
    specs = {spec.name: spec for info in infos for spec in info.options}
    name, equals, _ = word.partition("=")
    if not equals:
        return [f"{name}=" for name in specs]
    spec = specs.get(name)
    if spec is None:
        return []
    values = ("true", "false") if spec.type == "boolean" else spec.choices
    return [f"{name}={value}" for value in values]


def _split(rest: str) -> tuple[list[str], str]:
    *before, word = re.split(r"\s+", rest.lstrip()) if rest.strip() else [""]
    return before, word
