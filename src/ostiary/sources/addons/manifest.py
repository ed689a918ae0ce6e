"""A module's manifest, as a literal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ostiary.code.syntax import literal, storable
from ostiary.sources.addons.files import ModuleFiles
from ostiary.sources.addons.locate import MANIFESTS
from ostiary.sources.addons.ops import ManifestInfo, ProblemOp

_SERIES = re.compile(r"^(?:saas~)?(\d{2})\.\d+\.\d+")
_LISTS = ("depends", "data", "demo")
_HOOKS = ("pre_init_hook", "post_init_hook", "post_load")


def read_manifest(files: ModuleFiles) -> tuple[ManifestInfo, list[ProblemOp]]:
    """The manifest's facts that matter for access; what is malformed is a problem and takes Odoo's default."""
    path = next((name for name in MANIFESTS if files.read(name) is not None), MANIFESTS[0])
    content = files.read(path)
    problems: list[ProblemOp] = []
    if content is None:
        problems.append(ProblemOp("malformed-file", "The manifest can't be opened, or is too large.", path))
        content = b"{}"
    values: Any = {}
    source = content.decode("utf-8", "replace")
    if source.startswith("\ufeff"):
        source = source.removeprefix("\ufeff")
        message = "The manifest starts with a byte order mark; Odoo can't read it."
        problems.append(ProblemOp("malformed-file", message, path, 1))
    try:
        content.decode("utf-8")
        values = literal(source)
    except SyntaxError as error:
        problems.append(
            ProblemOp("malformed-file", f"The manifest is malformed: {error.msg}.", path, error.lineno or 0)
        )
    except (ValueError, TypeError, UnicodeDecodeError, RecursionError, MemoryError):
        problems.append(
            ProblemOp("malformed-file", "The manifest is no literal dictionary; Odoo can't read it.", path)
        )
    if not isinstance(values, dict):
        problems.append(ProblemOp("malformed-file", "The manifest is not a dictionary.", path, 1))
        values = {}
    problems.extend(_of_wrong_type(values, path))
    auto_install = values.get("auto_install", False)
    info = ManifestInfo(
        name=files.name,
        title=_text(values.get("name")),
        version=_text(values.get("version")),
        # Every module depends on base, whatever its manifest says.
        depends=_texts(values.get("depends")) or ([] if files.name == "base" else ["base"]),
        category=_text(values.get("category")),
        # `init_xml`, `update_xml` and `demo_xml` are of old: no Odoo read here still loads them.
        data=_texts(values.get("data")),
        demo=_texts(values.get("demo")),
        auto_install=_texts(auto_install)
        if isinstance(auto_install, list | tuple | set)
        else bool(auto_install),
        countries=_texts(values.get("countries")),
        installable=bool(values.get("installable", True)),
        application=bool(values.get("application", False)),
        hooks=[_text(values[hook]) for hook in _HOOKS if isinstance(values.get(hook), str)],
        path=path,
    )
    return info, problems


def _of_wrong_type(values: dict[Any, Any], path: str) -> Iterator[ProblemOp]:
    """What Odoo stumbles over: a text goes for the list of its letters, a number for nothing at all."""
    for key in _LISTS:
        value = values.get(key)
        if value and not isinstance(value, list | tuple | set):
            yield ProblemOp(
                "malformed-file", f"The manifest's {key!r} is no list; Odoo can't read it.", path, 1
            )
    if not isinstance(values.get("version", ""), str):
        yield ProblemOp("malformed-file", "The manifest's 'version' is no text; Odoo can't read it.", path, 1)


def series_of(version: str) -> str | None:
    """The Odoo series in a module's version (`18.0.1.2.0` gives `18.0`), None where it holds none (`1.3`)."""
    match = _SERIES.match(version)
    return f"{match[1]}.0" if match and version.count(".") >= 3 else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) and storable(value) else ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if storable(value) else []
    items = value if isinstance(value, list | tuple | set) else ()
    return [item for item in items if isinstance(item, str) and storable(item)]
