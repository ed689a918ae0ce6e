"""Hold the evaluators of domains against what a real Odoo answered for the same rows.

    python tools/compare_domains.py DATABASE_URL --oracle FOLDER [--evaluator sql|memory|both] [--users]
                                    [--addons-path FOLDER ...] [--model MODEL ...]

Rows that the restored database lacks can't be found: a disagreement about a domain that leads to one of the models of
`--left-out` (attachments, assets and views, unless said otherwise) is counted apart and fails nothing.

FOLDER holds the answers: `domains.jsonl.xz` (as superuser), `domains-user.jsonl.xz` (by ordinary users) and
`domains-models.json.xz` (the ids of each model). Prints agree / undecided / disagree per model and each disagreement.
Exits with 1 where there is any.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from ostiary.domain import Domain, Subdomain, from_python, terms
from ostiary.policy import Policy, Subject
from ostiary.records.access_protocol import Access, NoAccess
from ostiary.records.errors import Fails, RecordsError, Refused, Undecided
from ostiary.records.schema import Inherited, Schema, read_catalog
from ostiary.records.session import Session
from ostiary.records.sql import search
from ostiary.records.store import Store
from ostiary.sources import open_policy

SHOWN = 400  # characters of a domain in a disagreement
Answer = Callable[[Session, str, Domain], list[int]]


@dataclass
class Result:
    """What came of comparing."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    undecided: Counter[str] = field(default_factory=Counter)

    def add(self, model: str, verdict: str) -> None:
        self.counts.setdefault(model, Counter())[verdict] += 1

    def total(self, verdict: str) -> int:
        return sum(one[verdict] for one in self.counts.values())


def main() -> int:
    """Compare, print, and say by the exit code whether all agree."""
    options = _options()
    policy = open_policy([options.url], addons_path=options.addons_path)
    # Each statement on its own: one that PostgreSQL refuses leaves the others alone.
    engine = sa.create_engine(_driver(options.url), isolation_level="AUTOCOMMIT")
    failed = False
    with engine.connect() as connection:
        store = Store(Schema(policy, read_catalog(connection)), connection)
        access = _access(store) if options.users else NoAccess()
        evaluators = ("sql", "memory") if options.evaluator == "both" else (options.evaluator,)
        for evaluator in evaluators:
            begun = time.perf_counter()
            ask = by_sql(store, access) if evaluator == "sql" else _in_memory(store, access, options.oracle)
            key = "search" if evaluator == "sql" else "filtered"
            rows = _user_rows(options.oracle) if options.users else _rows(options.oracle)
            wanted = (row for row in rows if not options.model or row["model"] in options.model)
            result = compare(wanted, store.schema, ask, key, frozenset(options.left_out))
            _show(evaluator, result, time.perf_counter() - begun)
            failed = failed or bool(result.total("disagree"))
    return int(failed)


def compare(
    rows: Iterator[dict[str, Any]],
    schema: Schema,
    ask: Answer,
    key: str,
    left_out: frozenset[str] = frozenset(),
) -> Result:
    """Ask every row and hold the answer against the expected one, which is under `key`."""
    result = Result()
    sessions: dict[str | None, Session] = {}
    for row in rows:
        login = row.get("user")
        if login not in sessions:
            sessions[login] = _session(schema.policy, login)
        session = sessions[login].with_active_test(row["active_test"])
        expected = row[key]
        error = row.get("error") or row.get(f"{key}_error")
        own, own_error = _asked(ask, session, row)
        if own_error is not None and own_error.startswith("Undecided"):
            result.add(row["model"], "undecided")
            result.undecided[own_error] += 1
            result.lines.append(f"undecided {_name(row)}: {own_error}")
            continue
        agrees = _same_error(error, own_error) if error or own_error else sorted(expected) == sorted(own)
        if agrees:
            result.add(row["model"], "agree")
        elif left_out & _models(schema, row["model"], from_python(row["domain"])):
            result.add(row["model"], "left out")
        else:
            result.add(row["model"], "disagree")
            result.lines.append(_difference(row, expected, error, own, own_error))
    return result


def _models(schema: Schema, model: str, domain: Domain) -> set[str]:
    """The models that the fields of a domain lead to or are kept in."""
    found = {model, *schema.definition(model).inherits}  # whether a record is archived may be its parent's
    for term, _ in terms(domain):
        here: str | None = model
        for name in term.path.split("."):
            kind = schema.field(here, name) if here is not None else None
            while isinstance(kind, Inherited):
                parent = schema.field(kind.model, kind.link).comodel or ""
                found.add(parent)
                kind = schema.field(parent, kind.name)
            if kind is None:
                break
            here = kind.comodel
            found.add(here or ("ir.attachment" if kind.type in ("binary", "image") else ""))
        if isinstance(term.value, Subdomain) and here is not None:
            found |= _models(schema, here, term.value.domain)
    return found


def _asked(ask: Answer, session: Session, row: dict[str, Any]) -> tuple[list[int], str | None]:
    domain = from_python(row["domain"])
    try:
        return ask(session, row["model"], domain), None
    except Undecided as problem:
        return [], f"Undecided: {problem}"
    except Refused as problem:
        return [], f"AccessError: {problem}"
    except Fails as problem:
        return [], f"{problem.error}: {problem}"
    except RecordsError as problem:
        return [], f"{type(problem).__name__}: {problem}"
    except (
        psycopg.Error
    ) as problem:  # as psycopg2 names it: UndefinedFunction, InvalidTextRepresentation, ...
        return [], f"{type(problem).__name__}: {problem}"


def _same_error(expected: str | None, own: str | None) -> bool:
    return bool(expected and own) and str(expected).partition(":")[0] == str(own).partition(":")[0]


def _difference(
    row: dict[str, Any], expected: list[int] | None, error: str | None, own: list[int], own_error: str | None
) -> str:
    lines = [f"DISAGREE {_name(row)}"]
    if error or own_error:
        lines.append(f"    expected error: {error}\n    own error: {own_error}")
    if expected is not None and not own_error:
        missing, extra = sorted(set(expected) - set(own)), sorted(set(own) - set(expected))
        lines.append(f"    missing: {missing[:20]} ({len(missing)})  extra: {extra[:20]} ({len(extra)})")
    return "\n".join(lines)


def _name(row: dict[str, Any]) -> str:
    number = row.get("n", row.get("domain_n"))
    who = f" as {row['user']}" if "user" in row else ""
    return f"#{number} {row['model']}{who} active_test={row['active_test']} {str(row['domain'])[:SHOWN]}"


def _session(policy: Policy, login: str | None) -> Session:
    """A user's session without a choice of companies; OdooBot's for none."""
    user_name = login or next(user.login for user in policy.users if user.xmlid == "base.user_root")
    subject = Subject.of_user(policy, user_name)
    user = subject.user
    if user is None:
        raise SystemExit(f"there is no user {login}")
    ids = {company.xmlid: company.id for company in policy.companies}
    companies = [
        company.id
        for company in policy.companies
        if company.active and company.xmlid in user.companies and company.id is not None
    ]
    return Session(
        subject,
        user.id,
        ids.get(user.company or ""),
        tuple(companies),
        superuser=login is None or subject.superuser,
    )


def by_sql(store: Store, access: Access) -> Answer:
    """Answers by SQL, and for a user by whatever else an Access knows of."""

    def ask(session: Session, model: str, domain: Domain) -> list[int]:
        whole = getattr(access, "search", None)
        if whole is not None and not session.superuser:
            return list(whole(session, model, domain))
        return [row[0] for row in store.rows(search(store, access, session, model, domain))]

    return ask


def _in_memory(store: Store, access: Access, folder: Path) -> Answer:
    from ostiary.records.memory import Reader, filtered

    with lzma.open(folder / "domains-models.json.xz", "rt", encoding="utf-8") as text:
        ids = json.load(text)
    reader = Reader(store)

    def ask(session: Session, model: str, domain: Domain) -> list[int]:
        return list(filtered(reader, access, session, model, domain, ids[model]["all_ids"]))

    return ask


def _access(store: Store) -> Access:
    from ostiary.records.access import Access as Rights
    from ostiary.records.memory import Reader

    return Rights(store, Reader(store))


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(folder / "domains.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _user_rows(folder: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(folder / "domains-user.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _show(evaluator: str, result: Result, seconds: float) -> None:
    for line in result.lines:
        print(line)
    print(f"\n{evaluator}: {'model':30} agree undecided left out disagree")
    for model, counts in sorted(result.counts.items()):
        numbers = [counts[one] for one in ("agree", "undecided", "left out", "disagree")]
        if any(numbers[1:]):
            print(f"  {model:36} {numbers[0]:5} {numbers[1]:9} {numbers[2]:8} {numbers[3]:8}")
    for text, number in result.undecided.most_common():
        print(f"  {number:4} x {text}")
    verdicts = ", ".join(
        f"{result.total(one)} {one}" for one in ("agree", "undecided", "left out", "disagree")
    )
    print(f"{evaluator}: {verdicts} ({seconds:.1f} s)")


def _driver(url: str) -> str:
    return "postgresql+psycopg:" + url.partition(":")[2] if url.startswith("postgres") else url


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="postgresql://… of the database the answers are of")
    parser.add_argument("--oracle", type=Path, required=True, help="the folder with the answers")
    parser.add_argument("--evaluator", choices=("sql", "memory", "both"), default="sql")
    parser.add_argument("--users", action="store_true", help="the domains searched by ordinary users")
    parser.add_argument("--addons-path", action="append", default=[], help="source of the database's modules")
    parser.add_argument("--model", action="append", default=[], help="only domains on this model")
    parser.add_argument(
        "--left-out", action="append", default=[], help="a model whose rows the database lacks"
    )
    options = parser.parse_args()
    options.left_out = options.left_out or ["ir.attachment", "ir.asset", "ir.ui.view"]
    return options


if __name__ == "__main__":
    sys.exit(main())
