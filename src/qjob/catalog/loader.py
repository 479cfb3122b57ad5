"""Reads the catalogue: the rows that qjob ships and a user's own, checked key by key.

Knows TOML and pydantic; must not know any adapter, nor whether a backend can run here.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qjob.catalog.prices import BadPrice, read_price
from qjob.model.backend import BackendInfo, OptionSpec, OptionType, OptionValue, did_you_mean
from qjob.model.errors import InvalidOption, InvalidRequest, UnknownBackend
from qjob.model.price import Free, Price

SHIPPED = "backends.toml"
"""The name of both files: the one beside this module and a user's own."""

HERE = Price(Free(), "it runs on this machine", None)
"""The price of a local backend whose row has none."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _OptionRow(_Row):
    name: Name
    type: OptionType
    help: Text
    minimum: float | None = None
    maximum: float | None = None
    choices: list[Text] = Field(default_factory=list)
    unit: str = ""
    default: OptionValue | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("a choice lists its choices, and nothing else does")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"the minimum {self.minimum:g} is above the maximum {self.maximum:g}")
        if self.default is not None:
            try:
                self.spec().parse(self.default)
            except InvalidOption as error:
                raise ValueError(f"the default does not fit: {error.message}") from error
        return self

    def spec(self) -> OptionSpec:
        return OptionSpec(**{**self.model_dump(), "choices": tuple(self.choices)})


class _BackendRow(_Row):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    qrn: Annotated[str, Field(pattern=r"^[a-z0-9_.-]+(:[a-z0-9_.-]+){3}$")]
    title: Text
    tier: Text
    adapter: Text
    target: str = ""
    description: Text
    max_qubits: int = Field(ge=1)
    min_shots: int = Field(ge=1)
    max_shots: int = Field(ge=1)
    local: bool
    retired: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}(-\d{2})?)?$")] = ""
    instead: list[Text] = Field(default_factory=list)
    price: Any = None  # read by qjob.catalog.prices
    options: list[_OptionRow] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_shots > self.max_shots:
            raise ValueError(f"min_shots {self.min_shots} is above max_shots {self.max_shots}")
        names = [option.name for option in self.options]
        if len(set(names)) < len(names):
            raise ValueError("an option is listed twice")
        return self

    def info(self, *, own_price: bool) -> BackendInfo:
        special = {"options", "instead", "price"}
        fields = {name: getattr(self, name) for name in type(self).model_fields if name not in special}
        unlisted = HERE if self.local else None
        price = unlisted if self.price is None else read_price(self.price, own=own_price)
        options = tuple(option.spec() for option in self.options)
        return BackendInfo(**fields, options=options, price=price, instead=tuple(self.instead))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All backends in the order of their files; iterating yields each `BackendInfo`."""

    rows: tuple[BackendInfo, ...]

    def get(self, slug: str) -> BackendInfo:
        """Return a backend by its slug or its QRN.

        Raises
        ------
        UnknownBackend
            No row has this name; the message names the nearest ones.
        """
        for row in self.rows:
            if slug in (row.slug, row.qrn):
                return row
        near = did_you_mean(slug, [row.slug for row in self.rows])
        raise UnknownBackend(
            f"there is no backend {slug!r}{near}.",
            remedy=f"There are {', '.join(row.slug for row in self.rows)}. See %qjob backends",
            numbers={"backend": slug},
        )

    def with_rows(self, rows: Iterable[BackendInfo]) -> "Catalogue":
        """Return these backends followed by others; a slug that is there already keeps its row."""
        known = {row.slug for row in self.rows}
        return Catalogue((*self.rows, *(row for row in rows if row.slug not in known)))

    def __iter__(self) -> Iterator[BackendInfo]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def load_catalogue(home: Path | None = None) -> Catalogue:
    """Return the shipped rows, changed and followed by those of a user's file.

    Parameters
    ----------
    home
        The folder of the user's ``backends.toml``, which need not exist; None for the shipped rows alone.

    Raises
    ------
    InvalidRequest
        The file is no TOML, or a key does not fit; the message names file, backend and key.
    """
    shipped = files("qjob.catalog").joinpath(SHIPPED)
    merged = _rows(shipped.read_bytes(), SHIPPED)
    origin = dict.fromkeys(merged, SHIPPED)
    priced: set[str] = set()  # by the user
    own = home / SHIPPED if home is not None else None
    if own is not None and own.is_file():
        for slug, row in _rows(own.read_bytes(), str(own)).items():
            merged[slug] = _changed(merged[slug], row) if slug in merged else row
            origin[slug] = str(own)
            if "price" in row:
                priced.add(slug)
    rows = tuple(_checked(row, origin[slug], own_price=slug in priced) for slug, row in merged.items())
    for info in rows:
        for slug in info.instead:
            if slug not in merged:
                where = f"backend {info.slug!r}: instead"
                raise _refuse(origin[info.slug], where, f"there is no backend {slug!r}")
    return Catalogue(rows)


def _rows(data: bytes, file: str) -> dict[str, dict[str, Any]]:
    """Return the file's raw rows by slug."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"{file} is no valid TOML: {error}.", remedy="Mend or remove that file."
        ) from error
    backends = document.pop("backend", [])
    if document:
        raise _refuse(file, next(iter(document)), "only [[backend]] tables belong here")
    if not isinstance(backends, list) or not all(isinstance(row, dict) for row in backends):
        raise _refuse(file, "backend", "write each backend as a [[backend]] table")
    rows: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(backends, 1):
        slug = row.get("slug")
        if not isinstance(slug, str):
            raise _refuse(file, f"backend {place}: slug", "every backend has a slug, a text")
        if slug in rows:
            raise _refuse(file, f"backend {slug!r}: slug", "the same slug is there twice")
        rows[slug] = row
    return rows


def _changed(base: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shipped row with the keys of a user's row in place of its own.

    Options are matched by name. A price is replaced as a whole: another amount has another source and day.
    """
    changed = {**base, **row}
    given = row.get("options")
    if isinstance(given, list) and all(isinstance(option, dict) for option in given):
        options = {option["name"]: option for option in base.get("options", [])}
        for option in given:
            name = str(option.get("name"))
            options[name] = {**options.get(name, {}), **option}
        changed["options"] = list(options.values())
    return changed


def _checked(row: Mapping[str, Any], file: str, *, own_price: bool) -> BackendInfo:
    try:
        return _BackendRow.model_validate(row).info(own_price=own_price)
    except ValidationError as error:
        problem = error.errors()[0]
        where = f"backend {row['slug']!r}"
        key = _key(row, problem["loc"])
        problem_text = problem["msg"].removeprefix("Value error, ")
        raise _refuse(file, f"{where}: {key}" if key else where, problem_text) from error
    except BadPrice as bad:
        key = f"price.{bad.key}" if bad.key else "price"
        raise _refuse(file, f"backend {row['slug']!r}: {key}", bad.problem) from bad


def _key(row: Mapping[str, Any], loc: tuple[int | str, ...]) -> str:
    """Name the key at a pydantic location, options by their name instead of their number."""
    parts = [str(part) for part in loc]
    if len(parts) > 1 and parts[0] == "options":
        option = row["options"][int(parts[1])]
        if isinstance(option, dict) and "name" in option:
            parts[1] = str(option["name"])
    return ".".join(parts)


def _refuse(file: str, key: str, problem: str) -> InvalidRequest:
    return InvalidRequest(
        f"{file}: {key}: {problem}.",
        remedy="Mend that key; the shipped backends.toml of qjob.catalog explains the format.",
        numbers={"file": file, "key": key},
    )
