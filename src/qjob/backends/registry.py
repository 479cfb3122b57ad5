"""Finds adapters by entry points and makes backends of catalogue rows. Knows no adapter by name."""

from importlib.metadata import EntryPoint, entry_points

from qjob.backends.base import Backend, Provider
from qjob.model.backend import BackendInfo, did_you_mean
from qjob.model.errors import BackendRefused

GROUP = "qjob.backends"


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
            Its adapter is not installed, or cannot be loaded.
        """
        row, backend = self._backends.get(info.slug, (None, None))
        if backend is None or (row is not info and row != info):
            backend = self.provider(info.adapter).backend(info)
            self._backends[info.slug] = info, backend
        return backend

    def provider(self, adapter: str) -> Provider:
        """Return an adapter by its entry point's name.

        Raises
        ------
        BackendRefused
            It is not installed, or cannot be loaded.
        """
        if adapter not in self._providers:
            self._providers[adapter] = self._load(adapter)
        return self._providers[adapter]

    def _load(self, adapter: str) -> Provider:
        if self._found is None:
            self._found = tuple(entry_points(group=GROUP))
        entries = {entry.name: entry for entry in self._found}
        if adapter not in entries:
            known = ", ".join(sorted(entries)) or "none"
            raise BackendRefused(
                f"no adapter {adapter!r} is installed{did_you_mean(adapter, entries)}; there are: {known}.",
                remedy=f"Install the package that brings the entry point {adapter!r} of the group {GROUP!r}, "
                "or mend the key adapter in backends.toml.",
                numbers={"adapter": adapter},
            )
        entry = entries[adapter]
        try:
            provider: Provider = entry.load()()
        except Exception as error:
            # whatever a foreign module does at import, the user has to hear which adapter it was
            raise BackendRefused(
                f"the adapter {adapter!r} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}.",
                remedy="Install or mend the package it comes from, then restart the kernel.",
                numbers={"adapter": adapter},
            ) from error
        return provider
