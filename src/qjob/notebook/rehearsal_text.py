"""What a rehearsal is worth, in words: what stands in for the device, and what the real run would cost. Pure."""

import textwrap

from qjob.model.backend import BackendInfo
from qjob.model.money import format_usd
from qjob.model.quote import Quote
from qjob.rehearsing import Rehearsed

WIDTH = 80


def rehearsal_text(rehearsed: Rehearsed, info: BackendInfo) -> str:
    """Return some lines for above the rehearsal's card."""
    rehearsal, quote = rehearsed.rehearsal, rehearsed.quote
    if info.retired:
        real = f"There is no real run: {info.slug} was retired {info.retired}{info.way_out}."
    elif isinstance(quote, Quote):
        most = "" if quote.cap == quote.expected else f", at the most {format_usd(quote.cap)}"
        real = f"The real run would cost {format_usd(quote.expected)}{most} ({quote.explanation})."
    else:
        real = f"What the real run would cost is not known: {quote.reason}."
    head = f"Rehearsal for {info.slug} on {rehearsal.backend}, free. {real}"
    lines = [head, *rehearsal.sentences]
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False) for line in lines
    )
