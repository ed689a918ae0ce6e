"""The access matrix: who may do what with which model, and what limits each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from ostiary.domain import to_english, to_odoo
from ostiary.policy import (
    INTERNAL,
    MODES,
    AccessRight,
    Mode,
    Origin,
    Policy,
    Subject,
    Verdict,
    audience_of,
    effective,
    share_groups,
)
from ostiary.policy.concerned import audited, concerned
from ostiary.report.json_ import dumps
from ostiary.report.text import line

MOST_MODELS = 300
MOST_INTERNAL = 6
_LABELS = {"base.group_portal": "portal", "base.group_public": "public", INTERNAL: "internal"}


class Limit(msgspec.Struct, frozen=True):
    """A definition that takes part in a cell: its kind in words, its external id and its place."""

    kind: str
    name: str
    origin: Origin


class Cell(msgspec.Struct, frozen=True):
    """What one audience may do with a model in some modes, alike for all of them.

    `english` and `domain` say which records, where not all or none; `unknowns` what keeps the verdict open.
    """

    modes: tuple[Mode, ...]
    verdict: Verdict
    english: str = ""
    domain: str = ""
    limits: tuple[Limit, ...] = ()
    unknowns: tuple[str, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    """How many records of a model a user may use in each mode, of how many there are. A mode that isn't there was
    not counted, or can't be known."""

    total: int
    passing: Mapping[Mode, int]


Count = Callable[[Subject, str], Counts | None]


class Row(msgspec.Struct, frozen=True):
    """A model for one audience; `cells` group the modes that are limited alike.

    `share` marks people from outside the company, `concerned` a model that the audited modules define or give
    rights or rules on. `counts` are there for real users of a database.
    """

    model: str
    audience: str
    share: bool
    concerned: bool
    verdicts: Mapping[Mode, Verdict]
    cells: tuple[Cell, ...]
    counts: Counts | None = None

    @property
    def any(self) -> bool:
        """Whether the audience can, or could, reach the model at all."""
        return any(verdict is not Verdict.DENIED for verdict in self.verdicts.values())


class Matrix(msgspec.Struct, frozen=True):
    """Rows by model, in the order of `audiences`; `left_out` counts the models that were not asked about.

    `narrowed` is true where only what share users reach is asked about.
    """

    audiences: tuple[str, ...]
    models: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int
    narrowed: bool = False


def build(
    policy: Policy,
    subjects: Sequence[Subject] = (),
    patterns: Sequence[str] = (),
    most: int = MOST_MODELS,
    *,
    count: Count | None = None,
) -> Matrix:
    """The matrix of these subjects (by default the share groups and internal groups that matter).

    `patterns` name models with `*`; without any, models that share users reach and those that the audited
    modules concern are taken, or, where these are more than `most`, only the former. `count` counts the records of
    a model that a user may use, where there are records.
    """
    people = list(subjects) or default_subjects(policy)
    every = [name for name, model in policy.models.items() if not model.abstract]
    if patterns:
        models = sorted(name for name in every if any(fnmatchcase(name, pattern) for pattern in patterns))
        narrowed = False
    else:
        models, narrowed = interesting(policy, every, most)
    own = concerned(policy)
    rows = tuple(
        row(policy, subject, model, model in own, count=count) for model in models for subject in people
    )
    labels = tuple(audience_name(subject) for subject in people)
    return Matrix(labels, tuple(models), rows, 0 if patterns else len(every) - len(models), narrowed)


def audience_name(subject: Subject) -> str:
    """`portal`, `public`, `internal`, or the group's external id or the login, told from the words."""
    if subject.kind == "group":
        return _LABELS.get(subject.name, subject.name)
    return f"user {subject.name}" if subject.name in _LABELS.values() else subject.name


def default_subjects(policy: Policy) -> list[Subject]:
    """Public, portal and custom share groups, internal users, and the audited modules' own internal groups."""
    portal, public, *custom = share_groups(policy)
    names = [public, portal, *custom, INTERNAL]
    own = [
        name
        for name, group in policy.groups.items()
        if name not in names
        and not group.unresolved
        and audited(policy, group.origin.module)
        and INTERNAL in Subject.of_group(policy, name).groups
    ]
    if len(own) <= MOST_INTERNAL:
        names += own
    return [Subject.of_group(policy, name) for name in names]


def interesting(policy: Policy, models: Iterable[str], most: int = MOST_MODELS) -> tuple[list[str], bool]:
    """The models that share users reach, and those that audited modules concern, if they aren't more than `most`.

    Also whether they were more.
    """
    known = set(models)
    shared = {
        right.model
        for right in policy.rights
        if right.active and right.model in known and audience_of(policy, right.group)
    }
    wide = shared | (concerned(policy) & known)
    return (sorted(wide), False) if len(wide) <= most else (sorted(shared), True)


def row(
    policy: Policy, subject: Subject, model: str, concerned: bool = True, *, count: Count | None = None
) -> Row:
    """What a subject may do with a model, the modes that are limited alike together."""
    verdicts: dict[Mode, Verdict] = {}
    alike: dict[Cell, list[Mode]] = {}
    for mode in MODES:
        found = effective(policy, subject, model, mode)
        verdicts[mode] = found.verdict
        limited = found.verdict is Verdict.FILTERED
        cell = Cell(
            modes=(),
            verdict=found.verdict,
            english=to_english(found.domain) if limited else "",
            domain=to_odoo(found.domain) if limited else "",
            limits=tuple(
                Limit(
                    "access right" if isinstance(each, AccessRight) else "record rule",
                    each.xmlid,
                    each.origin,
                )
                for each in found.definitions
            )
            if found.verdict is not Verdict.DENIED or found.rights
            else (),
            unknowns=tuple(dict.fromkeys(unknown.text for unknown in found.unknowns)),
        )
        alike.setdefault(cell, []).append(mode)
    cells = tuple(msgspec.structs.replace(cell, modes=tuple(modes)) for cell, modes in alike.items())
    share = subject.share or subject.name in share_groups(policy)
    counts = None
    if count is not None and any(verdict is not Verdict.DENIED for verdict in verdicts.values()):
        counts = count(subject, model)
    return Row(model, audience_name(subject), share, concerned, verdicts, cells, counts)


def as_json(matrix: Matrix, policy: Policy) -> str:
    """The matrix as JSON text: a list of rows with the limits of each mode."""
    rows = [
        {
            "model": each.model,
            "audience": each.audience,
            "share": each.share,
            "modes": {mode.value: verdict.value for mode, verdict in each.verdicts.items()},
            "limits": [_cell(cell) for cell in each.cells if cell.verdict is not Verdict.DENIED],
        }
        | (_counts(each.counts) if each.counts is not None else {})
        for each in matrix.rows
    ]
    return dumps(
        {
            "tool": "ostiary",
            "odoo": policy.odoo,
            "audiences": matrix.audiences,
            "models_left_out": matrix.left_out,
            "matrix": rows,
        }
    )


def _counts(counts: Counts) -> dict[str, Any]:
    passing = {mode.value: counts.passing[mode] for mode in MODES if mode in counts.passing}
    return {"records": {"total": counts.total, **passing}}


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "modes": [mode.value for mode in cell.modes],
        "verdict": cell.verdict.value,
        "english": cell.english,
        "domain": cell.domain,
        "definitions": [
            {"kind": limit.kind, "name": limit.name, "path": limit.origin.path, "line": limit.origin.line}
            for limit in cell.limits
        ],
        "unknown": cell.unknowns,
    }


def as_csv(matrix: Matrix) -> str:
    """The matrix as CSV text, one line for each model, audience and mode.

    What a spreadsheet would take for a formula is written with an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    counted = any(each.counts is not None for each in matrix.rows)
    heading = ("model", "audience", "mode", "verdict", "only_where", "domain", "definitions")
    writer.writerow((*heading, "records", "of") if counted else heading)
    for each in matrix.rows:
        for mode in MODES:
            cell = next(cell for cell in each.cells if mode in cell.modes)
            names = " ".join(limit.name for limit in cell.limits)
            said = cell.english or "; ".join(cell.unknowns)
            values = (each.model, each.audience, mode.value, cell.verdict.value, said, cell.domain, names)
            shown = [_no_formula(line(value, 10_000)) for value in values]
            if counted:
                passing = each.counts.passing.get(mode) if each.counts is not None else None
                known = passing is not None and each.counts is not None
                shown += [str(passing), str(each.counts.total)] if known and each.counts else ["", ""]
            writer.writerow(shown)
    return out.getvalue()


def _no_formula(value: str) -> str:
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
