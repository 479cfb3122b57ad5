"""Where things live, who the user is and how much of the machine may be used. Knows the environment alone."""

import getpass
import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.model.money import MAX_USD

PREFIX = "QJOB_"

SCHEMES = ("postgresql://", "postgres://")
"""What the URL of a database begins with."""


def account() -> str:
    """Return the name of the system account; of one without a name, as in some containers, its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


class Settings(BaseModel):
    """The settings of one engine.

    Each comes from the environment (``QJOB_`` and the name in capitals), else from ``config.toml`` in the home
    folder, else from its default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("qjob", appauthor=False)))
    """The folder that holds everything: store, locks, logs, the user's own catalogue rows."""

    user: str = Field(default_factory=account, min_length=1, max_length=200)
    """Who submits: JupyterHub's user where there is one, else the system account."""

    workers: int = Field(default_factory=lambda: min(os.cpu_count() or 1, 8), ge=1, le=256)
    """How many local jobs one kernel runs at the same time."""

    worker_start: Literal["fork", "fresh"] | None = None
    """How a worker process begins: forked from a warm template (Linux only) or fresh. None: the best there is."""

    worker_idle_minutes: float = Field(default=5.0, gt=0, le=10_000, allow_inf_nan=False)
    """After how many idle minutes the worker processes end."""

    attempts: int = Field(default=5, ge=1, le=100)
    """How many attempts in a row that get a durable job no further it may take; then it is FAILED."""

    retry_minutes: float = Field(default=60.0, ge=0, le=100_000, allow_inf_nan=False)
    """For how many minutes a durable job that gets no further is begun again, from the first of those attempts on."""

    count_local: bool = True
    """Whether free jobs of this machine count for the rate limits, in teams that are made from now on."""

    confirm_above: Decimal = Field(default=Decimal(0), ge=0, le=MAX_USD, allow_inf_nan=False)
    """US dollars: a magic asks before it submits what can cost more."""

    database_url: SecretStr | None = None
    """The PostgreSQL database that holds the store; None: the file in the home folder. Kept from logs, with its
    password."""

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(SCHEMES):
            raise PydanticCustomError("url", "it takes postgresql://user:password@host:port/database")
        return url

    @property
    def database(self) -> Path:
        """The store's file, where there is no `database_url`."""
        return self.home / "qjob.sqlite"


def load_settings(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Return the settings of this environment.

    Parameters
    ----------
    environ
        Usually ``os.environ``.
    **overrides
        Settings that win over the environment and the file; None is passed over.

    Raises
    ------
    InvalidRequest
        A value that does not fit, or an unknown name in the file.
    """
    given = {
        name: environ[PREFIX + name.upper()]
        for name in Settings.model_fields
        if environ.get(PREFIX + name.upper())
    }
    if "user" not in given and environ.get("JUPYTERHUB_USER"):
        given["user"] = environ["JUPYTERHUB_USER"]
    given.update({name: value for name, value in overrides.items() if value is not None})
    try:
        home = Settings.model_validate(given).home.expanduser()
        file = home / "config.toml"
        in_file = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
        return Settings.model_validate({**in_file, **given, "home": home.absolute()})
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise InvalidRequest(
                f"there is no setting {name!r}{did_you_mean(name, Settings.model_fields)}.",
                remedy=f"config.toml takes {known}.",
            ) from error
        got = "" if name == "database_url" else f" (got {problem['input']!r})"  # no password in any error
        raise InvalidRequest(
            f"the setting {name!r} does not fit: {problem['msg']}{got}.",
            remedy=f"Mend {PREFIX}{name.upper()} in the environment, or {name} in config.toml.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"{file} is no valid TOML: {error}.", remedy="Mend or remove that file."
        ) from error
    except (OSError, RuntimeError, ValueError) as error:  # no such user behind ~, a file that may not be read
        raise InvalidRequest(
            f"the settings cannot be read: {error}.", remedy=f"Set {PREFIX}HOME to a folder of your own."
        ) from error
