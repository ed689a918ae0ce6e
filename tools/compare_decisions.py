"""Compare decisions about real rows with what a running Odoo answered.

    python tools/compare_decisions.py DATABASE_URL --oracle FOLDER [--json]

DATABASE_URL is the database of the server that answered; FOLDER holds its `decisions.jsonl.xz`, one row for each user,
model and mode: the access right, the evaluated domain of the record rules, the records that pass it and those that a
search finds. Every row is compared in all of that. Where `model-rows.json.xz` is there too, it says which rows the
server had: the records of a model that the database holds others of (a dump may leave some tables out), and of those
that delegate to it, are not compared, and counted. Exit code 1 where a row disagrees, where more than one in a hundred
is undecided, or where a portal user (one whom Odoo would let be made) may read a model that is.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ostiary.domain import Domain, canonical, from_python
from ostiary.policy import PORTAL, Mode, closure, parents_of, user_type_conflict
from ostiary.records.access import Access
from ostiary.records.errors import Fails, RecordsError, Refused, Undecided
from ostiary.records.opened import open_access
from ostiary.records.session import Session
from ostiary.sources.database.rows import opened_rows

AGREE, UNDECIDED, DISAGREE = "agree", "undecided", "disagree"
LIMIT = 0.01
Row = Mapping[str, Any]


@dataclass
class Result:
    """What came out: rows by model and verdict, each undecided sentence, and the first disagreements."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    differences: list[dict[str, Any]] = field(default_factory=list)
    portal: set[str] = field(default_factory=set)
    parts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def total(self, verdict: str) -> int:
        return sum(count[verdict] for count in self.counts.values())

    @property
    def rows(self) -> int:
        return sum(count.total() for count in self.counts.values())

    @property
    def good(self) -> bool:
        return (
            not self.total(DISAGREE)
            and self.total(UNDECIDED) <= LIMIT * self.rows
            and not (self.portal & self.reasons.keys())
        )


class Comparison:
    """Compares rows of one database."""

    def __init__(self, access: Access, counts: Mapping[str, int]) -> None:
        self.access = access
        self.other = {model for model, count in counts.items() if self._count(model) not in (None, count)}
        self.result = Result()
        self._sessions: dict[tuple[str, tuple[int, ...]], Session] = {}
        self._canonical: dict[Any, Domain] = {}
        self._rows: tuple[str, list[int]] = ("", [])

    def _count(self, model: str) -> int | None:
        """How many rows the database has of a model; None where it has no table."""
        try:
            return len(self.access.reader.ids(model))
        except RecordsError:
            return None

    def comparable(self, model: str) -> bool:
        """Whether the database has the rows that the server had, those of parents included."""
        parents = parents_of(self.access.policy, model)
        return model not in self.other and all(self.comparable(one) for one in parents if one != model)

    def portal(self, session: Session) -> bool:
        """Whether this is a portal user. Not one who was given the groups of another type past Odoo's own check."""
        groups = closure(self.access.policy, session.subject.groups)
        return PORTAL in groups and not user_type_conflict(groups)

    def session(self, row: Row) -> Session:
        key = (row["user"], tuple(row.get("allowed_company_ids", ())))
        if key not in self._sessions:
            self._sessions[key] = self.access.session_of(*key)
        return self._sessions[key]

    def compare(self, row: Row) -> None:
        """Compare one row and count it."""
        session, model = self.session(row), row["model"]
        wrong: list[tuple[str, Any, Any]] = []
        reasons: list[str] = []
        for name, question in self.questions(row, session):
            self.result.parts[name] += 1
            try:
                ours, theirs = question()
            except Undecided as error:
                reasons.append(str(error))
                continue
            if ours != theirs:
                wrong.append((name, ours, theirs))
        verdict = DISAGREE if wrong else UNDECIDED if reasons else AGREE
        self.result.counts[model][verdict] += 1
        if reasons:
            self.result.reasons[model].update(reasons)
        if row["acl"] and row["op"] == "read" and self.portal(session):
            self.result.portal.add(model)
        for name, ours, theirs in wrong:
            what = {key: row[key] for key in ("user", "model", "op")}
            if "allowed_company_ids" in row:
                what["allowed_company_ids"] = row["allowed_company_ids"]
            self.result.differences.append(what | {"part": name, **_shown(ours, theirs)})

    def questions(self, row: Row, session: Session) -> Iterator[tuple[str, Any]]:
        """The parts of a row, each with a function that gives our answer and theirs."""
        access, model, mode = self.access, row["model"], Mode(row["op"])
        yield "acl", lambda: (access.may(session, model, mode), row["acl"])
        if row["acl"]:
            yield "domain", lambda: self.domains(row, session)
        if row["acl"] and not self.comparable(model):
            self.result.left_out[model] += 1
            return
        if row["ids"] is not None:
            yield "ids", lambda: self.records(row, session)
        for key, active_test in (("search_ids", False), ("search_ids_active_test", True)):
            if row.get(key) is not None:
                yield key, lambda key=key, test=active_test: self.found(row, session, key, test)

    def domains(self, row: Row, session: Session) -> tuple[Any, Any]:
        ours = self.access.rule_domain(session, row["model"], Mode(row["op"]))
        text = json.dumps(row["rule_domain"])
        if text not in self._canonical:
            self._canonical[text] = canonical(from_python(row["rule_domain"]))
        if ours not in self._canonical:
            self._canonical[ours] = canonical(ours)
        return self._canonical[ours], self._canonical[text]

    def records(self, row: Row, session: Session) -> tuple[Any, Any]:
        model, theirs = row["model"], row["ids"]
        if not row["acl"] and theirs == []:
            return self.access.allowed(session, model, Mode(row["op"]), [1]), []
        if isinstance(theirs, str):  # the server could not list the rows either
            return _error(lambda: self.access.search(session.sudo(), model)), _kind(theirs)
        if self._rows[0] != model:
            self._rows = (model, sorted(self.access.reader.ids(model)))
        failed = {int(one) for one in row.get("ids_record_errors", ())}
        ids = [one for one in self._rows[1] if one not in failed]
        ours = _error(lambda: self.access.allowed(session, model, Mode(row["op"]), ids))
        return ours, sorted(one for one in theirs if one not in failed)

    def found(self, row: Row, session: Session, key: str, active_test: bool) -> tuple[Any, Any]:
        theirs = row[key]
        ours = _error(lambda: self.access.search(session, row["model"], active_test=active_test))
        return ours, _kind(theirs) if isinstance(theirs, str) else sorted(theirs)


def _error(ask: Any) -> Any:
    """The answer, or the name of the error that Odoo raises instead."""
    try:
        return ask()
    except Undecided:
        raise
    except Refused:
        return "AccessError"
    except Fails as error:
        return error.error
    except RecordsError as error:
        return type(error).__name__


def _kind(text: str) -> str:
    """`error: AccessError: You are ...` to `AccessError`."""
    return text.removeprefix("error: ").partition(":")[0]


def _shown(ours: Any, theirs: Any) -> dict[str, Any]:
    if isinstance(ours, list) and isinstance(theirs, list):
        more, fewer = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
        return {"too_many": more[:20], "missing": fewer[:20], "ours": len(ours), "theirs": len(theirs)}
    return {"ours": str(ours)[:300], "theirs": str(theirs)[:300]}


def rows_of(folder: Path) -> Iterator[Row]:
    """The rows of `decisions.jsonl.xz`, those of one model together."""
    found: dict[str, list[Row]] = defaultdict(list)
    with lzma.open(folder / "decisions.jsonl.xz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            found[row["model"]].append(row)
    for model in sorted(found):
        yield from found[model]


def counts_of(folder: Path) -> dict[str, int]:
    """How many rows the server had of each model; empty where that was not recorded."""
    path = folder / "model-rows.json.xz"
    if not path.is_file():
        return {}
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        return {model: said["count"] for model, said in json.load(stream).items() if isinstance(said, dict)}


def compare(url: str, rows: Iterable[Row], counts: Mapping[str, int]) -> Result:
    """Compare rows with our decisions on the database at a URL."""
    started = time.perf_counter()
    with opened_rows(url) as (policy, connection):
        comparison = Comparison(open_access(policy, connection), counts)
        model = ""
        for row in rows:
            if row["model"] != model:
                comparison.access.forget()
                model = row["model"]
            comparison.compare(row)
    comparison.result.seconds = time.perf_counter() - started
    return comparison.result


def as_text(result: Result) -> str:
    """The result for reading: totals, then every model that doesn't wholly agree."""
    lines = [
        f"{result.rows} rows in {result.seconds:.1f} s: {result.total(AGREE)} agree, "
        f"{result.total(UNDECIDED)} undecided, {result.total(DISAGREE)} disagree",
        "compared: " + ", ".join(f"{count} {name}" for name, count in sorted(result.parts.items())),
    ]
    if result.left_out:
        said = ", ".join(f"{count} of {model}" for model, count in sorted(result.left_out.items()))
        lines.append(f"records not compared, since the database holds others than the server had: {said}")
    for model, counts in sorted(result.counts.items()):
        if counts[AGREE] != counts.total():
            lines.append(
                f"{model}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
            )
            lines += [f"    {reason}" for reason in sorted(result.reasons[model])[:3]]
    lines += [
        f"portal users may read {model}, which is undecided"
        for model in sorted(result.portal & {name for name, reasons in result.reasons.items() if reasons})
    ]
    lines += [json.dumps(each, ensure_ascii=False) for each in result.differences[:60]]
    return "\n".join(lines)


def as_json(result: Result) -> str:
    return json.dumps(
        {
            "rows": result.rows,
            "seconds": round(result.seconds, 1),
            "verdicts": {name: result.total(name) for name in (AGREE, UNDECIDED, DISAGREE)},
            "models": {
                model: dict(sorted(counts.items())) for model, counts in sorted(result.counts.items())
            },
            "undecided": {
                model: sorted(reasons) for model, reasons in sorted(result.reasons.items()) if reasons
            },
            "left_out": dict(sorted(result.left_out.items())),
            "differences": result.differences,
        },
        indent=1,
        ensure_ascii=False,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="the database's URL")
    parser.add_argument("--oracle", type=Path, required=True, help="the folder of the recorded answers")
    parser.add_argument("--model", action="append", help="only this model")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    arguments = parser.parse_args()
    rows = rows_of(arguments.oracle)
    if arguments.model:
        rows = (row for row in rows if row["model"] in arguments.model)
    result = compare(arguments.url, rows, counts_of(arguments.oracle))
    print(as_json(result) if arguments.json else as_text(result))
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
