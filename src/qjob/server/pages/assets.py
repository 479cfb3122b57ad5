"""The script and the style of the pages, under names that change with what is in them. Reads files, once."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from qjob.showing.assets import card_script, card_style, joined


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that browsers may keep for ever."""

    name: str
    content_type: str
    data: bytes


class Assets:
    """What the pages are drawn with, read with the first use."""

    @cached_property
    def script(self) -> Asset:
        """The live card's module, and what keeps the pages up to date."""
        return _asset(
            card_script(), ("page_parts.js", "page_list.js", "page.js"), "text/javascript; charset=utf-8"
        )

    @cached_property
    def style(self) -> Asset:
        """The live card's style, and that of the pages."""
        return _asset(card_style(), ("page.css",), "text/css; charset=utf-8")

    def get(self, name: str) -> Asset | None:
        """Return what has this name; None where nothing has."""
        return next((asset for asset in (self.script, self.style) if asset.name == name), None)


def _asset(first: str, files: tuple[str, ...], content_type: str) -> Asset:
    """Join files behind the card's; the last one gives the name."""
    data = "\n".join((first, joined(*(f"server/pages/{file}" for file in files)))).encode()
    stem, suffix = files[-1].split(".")
    return Asset(f"{stem}-{sha256(data).hexdigest()[:16]}.{suffix}", content_type, data)
