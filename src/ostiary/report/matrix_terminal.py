"""The access matrix for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ostiary.policy import MODES, Policy, Verdict
from ostiary.report.lines import put, wrapped
from ostiary.report.matrix import Cell, Counts, Matrix, Row
from ostiary.report.text import line, name, plural
from ostiary.report.words import audience_label

SIGNS = {
    Verdict.ALLOWED: ("●", "bold"),
    Verdict.FILTERED: ("◐", "yellow"),
    Verdict.DENIED: ("·", "dim"),
    Verdict.UNKNOWN: ("?", "magenta"),
}
_WIDEST = 32


def render(matrix: Matrix, policy: Policy, console: Console) -> None:
    """Print the matrix, a model at a time."""
    put(console, _lines(matrix, policy, console))


def as_text(matrix: Matrix, policy: Policy, width: int = 120) -> str:
    """The matrix as plain text."""
    out = io.StringIO()
    render(matrix, policy, Console(file=out, width=width, no_color=True))
    return out.getvalue()


def _lines(matrix: Matrix, policy: Policy, console: Console) -> Iterator[Text]:
    yield Text(
        "● every record   ◐ only some   · none   ? not known      R read  W write  C create  U unlink", "dim"
    )
    column = min(max((len(audience_label(label)) for label in matrix.audiences), default=8), _WIDEST)
    for model, rows in groupby(matrix.rows, key=lambda row: row.model):
        yield Text()
        yield from wrapped(console, _heading(model, policy))
        yield Text(" " * (column + 3) + "R W C U", "dim")
        told: dict[tuple[Cell, ...], str] = {}
        for row in rows:
            # Users with the same limits see different records.
            like = told.get(row.cells, "") if row.counts is None else ""
            yield from _row(row, column, console, like)
            told.setdefault(row.cells, row.audience)
    yield Text()
    said = f"{plural(len(matrix.models), 'model')} for {plural(len(matrix.audiences), 'audience')}."
    if matrix.left_out:
        said += f" {plural(matrix.left_out, 'other model')} left out; --model '*' shows all."
    yield from wrapped(console, Text(said, "dim"))


def _heading(model: str, policy: Policy) -> Text:
    text = Text().append(name(model), "bold")
    known = policy.models.get(model)
    if known is not None and known.description not in ("", model):
        text.append(f"  {name(known.description)}", "dim")
    return text


def _row(row: Row, column: int, console: Console, like: str) -> Iterator[Text]:
    label = audience_label(row.audience)
    label = label if len(label) <= column else label[: column - 1] + "…"
    text = Text(f"  {label:<{column}} ", "" if row.any else "dim")
    for mode in MODES:
        sign, style = SIGNS[row.verdicts[mode]]
        text.append(sign, style).append(" ")
    if like and row.any:
        yield text.append(f" as {name(like)}", "dim")
        return
    yield text
    for cell in row.cells:
        if cell.verdict is not Verdict.DENIED:
            yield from _limits(cell, console, row.counts)


def _limits(cell: Cell, console: Console, counts: Counts | None) -> Iterator[Text]:
    modes = ", ".join(
        mode.value
        if counts is None or mode not in counts.passing
        else f"{mode.value} {counts.passing[mode]:,}"
        for mode in cell.modes
    )
    if counts is not None and any(mode in counts.passing for mode in cell.modes):
        modes = f"{modes} of {plural(counts.total, 'record')}"
    said = {
        Verdict.ALLOWED: "every record",
        Verdict.FILTERED: f"only where {line(cell.english)}",
        Verdict.UNKNOWN: f"not known: {' '.join(line(each) for each in cell.unknowns)}",
    }[cell.verdict]
    passing = [counts.passing[mode] for mode in cell.modes if mode in counts.passing] if counts else []
    if counts is not None and cell.verdict is Verdict.ALLOWED and passing and min(passing) < counts.total:
        said = "every record, save for those that Odoo's own Python keeps back"
    names = ", ".join(name(limit.name) for limit in cell.limits)
    text = Text(f"{modes}: {said}" + (f"  [{names}]" if names else ""), "dim")
    yield from wrapped(console, text, " " * 6, " " * 8)
