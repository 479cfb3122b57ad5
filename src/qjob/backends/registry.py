"""Finds adapters by entry points and makes backends of catalogue rows. Knows no adapter by name."""

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from qjob.backends.base import Backend, Provider, Service
from qjob.model.backend import BackendInfo, did_you_mean
from qjob.model.errors import AdapterMissing, BackendRefused

GROUP = "qjob.backends"

ALIKE = 0.75
"""How near a name has to be to be taken for a slip: ``azure`` is not meant to be ``aer``."""


class Registry:
    """The adapters of this installation, each loaded when the first of its backends is asked for.

    Parameters
    ----------
    found
        The entry points to choose from; by default those installed in the group ``qjob.backends``.
    """

    def __init__(self, found: tuple[EntryPoint, ...] | None = None) -> None:
        self._found = found
        self._providers: dict[str, Provider] = {}
        self._backends: dict[str, tuple[BackendInfo, Backend]] = {}

    def backend(self, info: BackendInfo) -> Backend:
        """Return the backend of a catalogue row; the same object for the same row.

        Raises
        ------
        BackendRefused
            It is retired; or, as AdapterMissing, its adapter is not installed or cannot be loaded.
        """
        row, backend = self._backends.get(info.slug, (None, None))
        if backend is None or (row is not info and row != info):
            if info.retired:
                raise _retired(info)
            if info.adapter not in self.installed():
                raise self._missing(info.adapter, info)
            backend = self.provider(info.adapter).backend(info)
            self._backends[info.slug] = info, backend
        return backend

    def installed(self) -> frozenset[str]:
        """Return the names of the adapters that are installed; none is loaded for it."""
        return frozenset(entry.name for entry in self._entries())

    def provider(self, adapter: str) -> Provider:
        """Return an adapter by its entry point's name.

        Raises
        ------
        AdapterMissing
            It is not installed, or cannot be loaded.
        """
        if adapter not in self._providers:
            self._providers[adapter] = self._load(adapter)
        return self._providers[adapter]

    def agent_of(self, info: BackendInfo) -> str | None:
        """Return the adapter whose agent runs a backend's jobs at a service; None where workers run them here.

        Raises
        ------
        AdapterMissing
            Its adapter is not installed, or cannot be loaded.
        """
        return info.adapter if isinstance(self.provider(info.adapter), Service) else None

    def _entries(self) -> tuple[EntryPoint, ...]:
        if self._found is None:
            self._found = tuple(entry_points(group=GROUP))
        return self._found

    def _missing(self, adapter: str, info: BackendInfo | None = None) -> AdapterMissing:
        names = self.installed()
        lead = f"{info.slug} cannot run jobs here: " if info is not None else ""
        known = ", ".join(sorted(names)) or "none"
        near = did_you_mean(adapter, get_close_matches(adapter, names, cutoff=ALIKE))
        prices = "What it would cost: %qjob quote NAME. " if info is not None else ""
        return AdapterMissing(
            f"{lead}no adapter {adapter!r} is installed{near}; there are: {known}.",
            remedy=f"{prices}Use a backend that is ready in %qjob backends, such as marqov-sim; or install a package "
            f"with the entry point {adapter!r} of the group {GROUP!r}.",
            numbers={"adapter": adapter},
        )

    def _load(self, adapter: str) -> Provider:
        entries = {entry.name: entry for entry in self._entries()}
        if adapter not in entries:
            raise self._missing(adapter)
        entry = entries[adapter]
        try:
            provider: Provider = entry.load()()
        except Exception as error:
            # whatever a foreign module does at import, the user has to hear which adapter it was
            raise AdapterMissing(
                f"the adapter {adapter!r} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}.",
                remedy="Install or mend the package it comes from, then restart the kernel.",
                numbers={"adapter": adapter},
            ) from error
        return provider


def _retired(info: BackendInfo) -> BackendRefused:
    others = " or ".join(info.instead)
    return BackendRefused(
        f"{info.slug} was retired ({info.retired}) and takes no jobs.",
        remedy=f"Use {others} instead." if others else "Use another one: %qjob backends",
        numbers={"backend": info.slug, "retired": info.retired, "instead": list(info.instead)},
    )
