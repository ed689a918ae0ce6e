"""A CSV data file as operations: the model is the file's name up to the first `-`.

Follows `convert_csv_import` and `BaseModel.load`: columns `field:id` and `field/id` hold external ids,
plain columns hold text.
"""

from __future__ import annotations

import csv
import io
from pathlib import PurePosixPath
from typing import Any

from ostiary.sources.addons import passwords, values
from ostiary.sources.addons.ops import Op, ProblemOp, RecordOp, ValueOp
from ostiary.sources.addons.suppressed import is_comment
from ostiary.sources.addons.xml_data import KEPT

_LISTS = {
    "groups",
    "groups_id",
    "group_ids",
    "implied_ids",
    "implied_by_ids",
    "users",
    "user_ids",
    "company_ids",
}


# Booleans of the kept models: an import takes other words for them than XML does.
_BOOLEANS = {"active", "share", "perm_read", "perm_write", "perm_create", "perm_unlink", "transient", "store"}
_NO = {"", "0", "false", "no"}


def read_csv(
    content: bytes, module: str, path: str, noupdate: bool = False
) -> tuple[list[Op], list[ProblemOp]]:
    """The operations of one CSV file, and what could not be read. Never raises."""
    model = PurePosixPath(path).stem.split("-")[0]
    if model not in KEPT:
        return [], []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [], [ProblemOp("malformed-file", "The file is not UTF-8 text.", path, line)]
    reader = csv.reader(io.StringIO(text), quotechar='"', delimiter=",")
    ops: list[Op] = []
    problems: list[ProblemOp] = []
    columns: list[str] = []
    try:
        header = next(reader, None)
        if header is None:
            return [], []
        if not header:
            message = "The first line is blank; Odoo takes it for the header and finds no column."
            return [], [ProblemOp("malformed-file", message, path, 1)]
        if header[0].startswith("\ufeff"):
            # Odoo decodes plain UTF-8, so the mark stays part of the first column's name and the import fails.
            message = "The file starts with a byte order mark; Odoo then does not find its first column."
            problems.append(ProblemOp("malformed-file", message, path, 1))
            header[0] = header[0].removeprefix("\ufeff")
        columns = [column.strip().replace(":", "/") for column in header]
        while True:
            # Blank lines don't count as rows, and a quoted cell may span lines: the row starts after the last.
            line = reader.line_num + 1
            row = next(reader, None)
            if row is None:
                break
            if any(row):
                if len(row) != len(columns) and not is_comment(row[len(columns) :]):
                    message = f"The row has {len(row)} cells, the header {len(columns)}."
                    # More cells are passed over; a cell that is missing stops Odoo where it is a reference.
                    fatal = any("/" in column for column in columns[len(row) :])
                    problems.append(ProblemOp("malformed-row", message, path, line, fatal))
                record = _row(model, module, columns, row, line)
                record.noupdate = noupdate
                ops.append(record)
    except csv.Error as error:
        problems.append(ProblemOp("malformed-file", f"The CSV is malformed: {error}.", path, reader.line_num))
    if columns and "id" not in columns:
        problems.append(ProblemOp("malformed-file", "The header has no `id` column.", path, 1, False))
    return ops, problems


def _row(model: str, module: str, columns: list[str], row: list[str], line: int) -> RecordOp:
    xmlid = ""
    found: list[ValueOp] = []
    for column, cell in zip(columns, row, strict=False):
        name, _, kind = column.partition("/")
        if name == "id":
            xmlid = values.qualified(cell.strip(), module) if cell.strip() else ""
        elif kind in ("id", ".id"):
            found.append(ValueOp(name, _reference(name, kind, cell.strip(), module), line))
        elif name in ("model_id", "group_id") and cell.strip():
            # A plain column holds a name to search for.
            found.append(ValueOp(name, values.search("", f"[('name', '=', {cell.strip()!r})]", "id"), line))
        elif name in _BOOLEANS:
            found.append(ValueOp(name, cell.lower() not in _NO, line))
        else:
            found.append(ValueOp(name, cell, line))
    if model == "res.users":
        passwords.hide(found)
    # A row is written whatever its id: of one with the name of another module Odoo only says so in its log.
    return RecordOp(model, xmlid, found, line, forcecreate=True)


def _reference(name: str, kind: str, cell: str, module: str) -> Any:
    if kind == ".id":
        return values.code(cell) if cell else False
    if name in _LISTS:
        ids = [values.ref(values.qualified(part.strip(), module)) for part in cell.split(",") if part.strip()]
        return [[6, 0, ids]] if ids else False
    return values.ref(values.qualified(cell, module)) if cell else False
