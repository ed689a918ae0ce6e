"""The records of addons' data and demo files as plain values, read and never run.

What access is made of (groups, rights, rules, users, companies, menus, views) is in the Policy already; the rest is
read here: XML records and CSV files that the manifests name, in loading order, later ones changing earlier ones.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from ostiary.policy import Policy
from ostiary.sources.addons import values
from ostiary.sources.addons.files import ModuleFiles, inside
from ostiary.sources.addons.locate import find_modules
from ostiary.sources.addons.manifest import read_manifest
from ostiary.sources.addons.xml_data import KEPT, ROOTS
from ostiary.sources.revision import opened

MOST_RECORDS = 20_000
_DEEPEST = 40
_SKIPPED = "ir."
_PARSER: dict[str, Any] = {
    "resolve_entities": "internal",
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}


@dataclass(slots=True)
class DataRecord:
    """A record of a data file. `values` are as a test file would have them; `unread` says of a field why its value
    can't be known."""

    xmlid: str
    model: str
    path: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def data_records(targets: Sequence[str], policy: Policy, *, demo: bool) -> dict[str, DataRecord]:
    """The records of the target's data files, and its demo files where `demo`, by external id."""
    found: dict[str, DataRecord] = {}
    with opened(list(targets), None) as at:
        modules = {one.name: one for one in find_modules(at.targets)}
        for name in policy.modules:
            if name in modules:
                _module(modules[name], policy, found, demo=demo)
    return found


def _module(files: ModuleFiles, policy: Policy, found: dict[str, DataRecord], *, demo: bool) -> None:
    manifest, _ = read_manifest(files)
    for path in (*manifest.data, *(manifest.demo if demo else ())):
        clean = inside(path)
        content = files.read(clean) if clean else None
        if clean is None or content is None:
            continue
        reader = _xml if clean.endswith(".xml") else _csv if clean.endswith(".csv") else None
        for record in reader(content, files.name, clean) if reader else ():
            if record.model not in policy.models or record.model in KEPT or record.model.startswith(_SKIPPED):
                continue
            known = found.get(record.xmlid)
            if known is None:
                if len(found) >= MOST_RECORDS:
                    return
                record.path = f"{files.shown}/{clean}"
                found[record.xmlid] = record
            elif known.model == record.model:
                for name in (*record.values, *record.unread):
                    known.values.pop(name, None)
                    known.unread.pop(name, None)
                known.values |= record.values
                known.unread |= record.unread


# -- XML -----------------------------------------------------------------------------------------------------


def _xml(content: bytes, module: str, path: str) -> Iterator[DataRecord]:
    parser = etree.XMLParser(**_PARSER)
    try:
        root: Any = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return  # the Policy names it as a problem
    if root.tag in ROOTS:
        yield from _inside(root, module, path, 0)


def _inside(node: Any, module: str, path: str, depth: int) -> Iterator[DataRecord]:
    if depth > _DEEPEST:
        return
    for child in node.iterchildren(tag=etree.Element):
        if child.tag in ROOTS:
            yield from _inside(child, module, path, depth + 1)
        elif child.tag == "record" and child.get("model"):
            yield _record(child, module, path)


def _record(node: Any, module: str, path: str) -> DataRecord:
    line = int(node.sourceline or 0)
    xmlid = values.qualified(node.get("id"), module) if node.get("id") else f"{module}.{path}:{line}"
    found = DataRecord(xmlid, node.get("model"), path, line)
    for one in node.iterchildren("field"):
        name = one.get("name")
        if name:
            _take(found, name, _value(one, module))
    return found


def _value(node: Any, module: str) -> Any:
    if node.get("search"):
        return values.code(f"a search for {node.get('search')}")
    if node.get("ref"):
        return values.ref(values.qualified(node.get("ref"), module))
    if node.get("eval"):
        return values.fold_eval(node.get("eval"), module)
    if node.get("type") in ("xml", "html"):
        return "".join(node.itertext())
    if node.get("type") in ("base64", "file"):
        return values.code("a file")
    if any(True for _ in node.iterchildren("record")):
        return values.code("records in a record")
    return node.text or ""


def _take(record: DataRecord, name: str, value: Any) -> None:
    """Keep a value as a test file would have it, or why it can't be known."""
    try:
        record.values[name] = _written(value)
        record.unread.pop(name, None)
    except ValueError as error:
        record.values.pop(name, None)
        record.unread[name] = str(error)


def _written(value: Any) -> Any:
    """A folded value as a test file would have it. Raises ValueError for what only running it would tell."""
    if values.is_code(value) or values.as_search(value) is not None:
        text = value.get("$code") or "a search"
        raise ValueError(f"is written as code ({text})")
    reference = values.as_ref(value)
    if reference is not None:
        return reference
    if isinstance(value, list):
        return _linked(value)
    if isinstance(value, dict):
        return {name: _written(one) for name, one in value.items()}
    return value


def _linked(items: list[Any]) -> list[Any]:
    """The records beside a record that commands come to, on a new record."""
    found: list[Any] = []
    for item in items:
        match item:
            case [0, _, dict() as line]:
                found.append({name: _written(one) for name, one in line.items()})
            case [4, one, *_]:
                found.append(_written(one))
            case [6, _, list() as several]:
                found = [_written(one) for one in several]
            case [5, *_]:
                found = []
            case [int(), *_]:
                raise ValueError(f"is written as a command ({item[0]})")
            case _:
                found.append(_written(item))
    return found


# -- CSV -----------------------------------------------------------------------------------------------------


def _csv(content: bytes, module: str, path: str) -> Iterator[DataRecord]:
    model = PurePosixPath(path).stem.split("-")[0]
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8")))
        columns = [one.strip().replace(":", "/") for one in next(rows, [])]
        for row in rows:
            if not any(row):
                continue
            cells = dict(zip(columns, row, strict=False))
            name = cells.pop("id", "").strip()
            xmlid = values.qualified(name, module) if name else f"{module}.{path}:{rows.line_num}"
            found = DataRecord(xmlid, model, path, rows.line_num)
            for column, cell in cells.items():
                field_, _, kind = column.partition("/")
                _take(found, field_, _cell(kind, cell, module))
            yield found
    except (UnicodeDecodeError, csv.Error):
        return


def _cell(kind: str, cell: str, module: str) -> Any:
    if not kind:
        return cell
    names = [values.qualified(one.strip(), module) for one in cell.split(",") if one.strip()]
    if kind != "id" or not names:
        return values.code(cell) if names else False
    return values.ref(names[0]) if len(names) == 1 else [values.ref(one) for one in names]
