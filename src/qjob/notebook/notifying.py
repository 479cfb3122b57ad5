"""Whether a user wants to be told when a long job ends while the tab is in the background. Kept in the cache."""

from qjob.cache import Cache
from qjob.engine import Engine, utc_now

_KEY = "notify "


def wanted(engine: Engine) -> bool:
    """Return what the user chose last, in whichever notebook; not to be told where nobody chose."""
    kept = _cache(engine).get(_KEY + engine.settings.user)
    return kept is not None and kept.value is True


def want(engine: Engine, *, on: bool) -> None:
    """Keep what the user chooses."""
    _cache(engine).put(_KEY + engine.settings.user, on)


def _cache(engine: Engine) -> Cache:
    return Cache(engine.settings.home, utc_now)
