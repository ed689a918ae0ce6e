"""Settings from `ostiary.toml`, or the table `[tool.ostiary]` of `pyproject.toml`.

They are looked for in the folder a command is started in and the folders above it, up to the first that holds some or
that is the top of a git repository: what is audited does not say itself how it is audited.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from ostiary.audit import Accepted, Settings, Severity
from ostiary.cli.output import Failure
from ostiary.policy import Origin
from ostiary.report.text import line

NAMES = ("ostiary.toml", "pyproject.toml")
MAX_BYTES = 1_000_000
MAX_FOLDERS = 100
MAX_DOTS = 5_000
_LONGEST = 60
FAIL_ON = (*(severity.value for severity in Severity), "never")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Config:
    """What a file of settings says: of the audit itself, of what is read, and of when a command fails.

    Paths are as a command may use them, whichever folder it was started in.
    """

    settings: Settings = field(default_factory=Settings)
    addons_path: tuple[str, ...] = ()
    odoo: str | None = None
    demo: bool = False
    baseline: str | None = None
    fail_on: str | None = None


def load(given: Path | None, *, without: bool = False) -> Config:
    """The settings of the file that was given, or of the one that is found; none where there is none.

    Raises Failure, one sentence, where the file can't be read or says what can't be understood.
    """
    if without:
        if given is not None:
            raise Failure("--config and --no-config don't go together.")
        return Config()
    if given is not None:
        return _read(given, _table(given, needed=True) or {})
    for folder in _folders():
        for name in NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and (table := _table(Path(path), needed=False)) is not None:
                return _read(Path(path), table)
        if os.path.lexists(os.path.join(folder, ".git")):
            break
    return Config()


def _folders() -> list[str]:
    """The folder a command is started in, and those above it; none where it has been removed since."""
    try:
        start = Path.cwd()
    except OSError:
        return []
    return [os.path.relpath(folder, start) for folder in (start, *start.parents)][:MAX_FOLDERS]


def _table(path: Path, *, needed: bool) -> dict[str, Any] | None:
    """The settings of a file as TOML says them; None for a `pyproject.toml` without any, unless they are needed."""
    shown = _shown(path)
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise Failure(f"{shown} is no file of settings.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise Failure(f"{shown} is larger than {MAX_BYTES // 10**6} MB; that is no file of settings.")
        # The parser's time grows with the square of the parts of a dotted key.
        if any(one.count(b".") > MAX_DOTS for one in content.splitlines()):
            raise Failure(
                f"{shown} has a line with more than {MAX_DOTS:,} dots; that is no file of settings."
            )
        said = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise Failure(f"{shown} can't be read: {error.strerror or error}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Failure(f"{shown} is malformed: {_reason(error)}.") from None
    if path.name != "pyproject.toml":
        return said
    tool = said.get("tool")
    table = tool.get("ostiary") if isinstance(tool, dict) else None
    if table is None:
        if needed:
            raise Failure(f"{shown} has no table [tool.ostiary].")
        return None
    if not isinstance(table, dict):
        raise Failure(f"{shown}: tool.ostiary is no table.")
    return table


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else line(str(error)).rstrip(".")


def _shown(path: Path) -> str:
    return os.path.normpath(path)


class _Reader:
    """Takes values out of a table, each by a key that is known; says in one sentence what is wrong with one."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self.where = where
        self.table: dict[str, Any] = {}
        for key, value in table.items():
            plain = key.replace("-", "_")
            if plain in self.table:
                raise Failure(f"{where}: {line(key)} is there twice.")
            self.table[plain] = value
        self.known: list[str] = []

    def take(self, key: str, read: Callable[[Any], T | None], what: str, default: T) -> T:
        """The value of a key; `read` gives None for a value that is not `what`."""
        self.known.append(key)
        if key not in self.table:
            return default
        value = read(self.table[key])
        if value is None:
            raise Failure(f"{self.where}: {key} takes {what}.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return self.take(key, _texts, "a list of texts", ())

    def end(self) -> None:
        """Refuse what no key was asked for."""
        for key in self.table:
            if key not in self.known:
                near = get_close_matches(key, self.known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(self.known)}."
                raise Failure(f"{self.where}: there is no setting called {line(key)}; {hint}")


def _read(path: Path, table: Mapping[str, Any]) -> Config:
    shown, folder = _shown(path), path.parent
    reader = _Reader(table, shown)
    severities = "a severity: " + ", ".join(severity.value for severity in Severity)
    _refuse_prefix(path, table)
    _refuse_wrong_severity(shown, table, severities)
    settings = Settings(
        name=shown,
        root=os.path.realpath(folder),
        select=reader.texts("select"),
        ignore=reader.texts("ignore"),
        severity=reader.take("severity", _severities, f"a table of checks, each with {severities}", {}),
        min_severity=reader.take("min_severity", _severity, severities, None),
        accepted=reader.take("accept", _tables(shown), "a list of tables, as in [[accept]]", ()),
        audiences=reader.texts("audiences"),
        publishing=reader.texts("publishing_fields"),
        dependencies=reader.take("all", _flag, "true or false", False),
        comments=reader.take("comments", _flag, "true or false", True),
    )
    both = sorted(set(settings.select) & set(settings.ignore))
    if both:
        raise Failure(f"{shown}: select and ignore both name {line(both[0])}: take it out of one of them.")
    baseline = reader.take("baseline", _text, "the name of a file", "")
    found = Config(
        settings=settings,
        addons_path=tuple(_below(folder, each) for each in reader.texts("addons_path")),
        odoo=reader.take("odoo", _text, 'a version as text, such as "18.0"', "") or None,
        demo=reader.take("demo", _flag, "true or false", False),
        baseline=_below(folder, baseline) if baseline else None,
        fail_on=reader.take("fail_on", _one_of(FAIL_ON), f"one of {', '.join(FAIL_ON)}", "") or None,
    )
    reader.end()
    return found


def _refuse_prefix(path: Path, table: Mapping[str, Any]) -> None:
    """Say it where the tables of a file of its own are called as in `pyproject.toml`."""
    tool = table.get("tool")
    if path.name != "pyproject.toml" and isinstance(tool, dict) and "ostiary" in tool:
        raise Failure(
            f"{_shown(path)}: here the tables have no prefix: write [severity] and not [tool.ostiary.severity], and "
            "what is below [tool.ostiary] at the top of the file."
        )


def _refuse_wrong_severity(shown: str, table: Mapping[str, Any], takes: str) -> None:
    """Name the check that is given what is no severity."""
    given = table.get("severity")
    for check, value in given.items() if isinstance(given, dict) else ():
        if _severity(value) is None:
            said = line(repr(value)[:_LONGEST])
            raise Failure(f"{shown}: severity gives {line(check)} the value {said}; it takes {takes}.")


def _below(folder: Path, path: str) -> str:
    """A path that a file in a folder names, as it is used from here."""
    return os.path.normpath(os.path.join(folder, path))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value and "\0" not in value else None


def _texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(_text(each) for each in value):
        return None
    return tuple(value)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str | None]:
    return lambda value: value if isinstance(value, str) and value in words else None


def _severity(value: Any) -> Severity | None:
    return next((severity for severity in Severity if severity.value == value), None)


def _severities(value: Any) -> dict[str, Severity] | None:
    if not isinstance(value, dict):
        return None
    found = {str(check): severity for check, each in value.items() if (severity := _severity(each))}
    return found if len(found) == len(value) else None


def _tables(shown: str) -> Callable[[Any], tuple[Accepted, ...] | None]:
    def read(value: Any) -> tuple[Accepted, ...] | None:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            return None
        return tuple(_accepted(each, shown, at) for at, each in enumerate(value, 1))

    return read


def _accepted(table: Mapping[str, Any], shown: str, at: int) -> Accepted:
    reader = _Reader(table, f"{shown}, accept number {at}")
    found = Accepted(
        checks=reader.texts("checks"),
        modules=reader.texts("modules"),
        paths=reader.texts("paths"),
        reason=reader.take("reason", _text, "a text", ""),
        origin=Origin(shown),
    )
    reader.end()
    for key, value in (("checks", found.checks), ("reason", found.reason.strip())):
        if not value:
            raise Failure(
                f"{reader.where}: it needs {key}: which checks, and why their findings are accepted."
            )
    if not found.modules and not found.paths:
        raise Failure(
            f"{reader.where}: it needs modules or paths; to leave a check out everywhere, write it in ignore."
        )
    return found
