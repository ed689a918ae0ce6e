"""What is wrong with a domain by itself: before any model or field is looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .nodes import Domain, Opaque, Term
from .rewrite import INEQUALITIES
from .semantics import DomainSemantics
from .source import refusal
from .values import Concat, Literal, OpaqueValue, Sequence, Symbol
from .walk import opaques, symbol_uses, terms

_INSTEAD = {
    "uid": "use user.id",
    "datetime": "use time.strftime(...) where the version has it, or a stored field",
    "context_today": "it belongs to views",
    "env": "use user.env",
    "ref": "compare with an external id is not possible in a rule",
    "context": "rules do not see the context",
    "time": "19 takes dates such as 'today' or '-7d' instead",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, in a sentence. ``certain``: Odoo refuses the domain or fails on it; otherwise it
    may. ``name``: the name Odoo itself doesn't know, where that is what is wrong; Python may add it."""

    message: str
    position: int | None
    certain: bool
    name: str = ""


def problems(
    domain: Domain, semantics: DomainSemantics, *, names: Collection[str] | None = None
) -> list[Problem]:
    """What is wrong with a record rule's domain in one version, by position.

    Looks at what cannot be read, at operators, at names the evaluation context lacks
    (``ir.rule._eval_context``) and at values an operator does not take. ``names`` replaces the names of the
    context, e.g. for a view's domain. Whether fields exist is not asked. Raises nothing.
    """
    known = frozenset(names) if names is not None else None
    found: list[Problem] = []
    for part in opaques(domain):
        found.extend(_unreadable(part, semantics, known))
    for use in symbol_uses(domain):
        message = _name_problem(use.symbol.root, semantics, known)
        if message:
            found.append(Problem(message, use.position, use.always, use.symbol.root))
        for name in (use.symbol.root, *use.symbol.path):
            if "__" in name:
                found.append(
                    Problem(f"the name {name} contains '__', which Odoo refuses", use.position, True)
                )
    for term, _ in terms(domain, inner=True):
        found.extend(_term(term, semantics))
    order = dict.fromkeys(found)
    return sorted(
        order, key=lambda problem: (problem.position is None, problem.position or 0, problem.message)
    )


def _unreadable(
    part: Opaque | OpaqueValue, semantics: DomainSemantics, names: frozenset[str] | None
) -> Iterator[Problem]:
    yield Problem(
        f"`{shorten(part.text)}`: {part.why}", part.position, isinstance(part, Opaque) and part.invalid
    )
    for name in sorted(_names_in(part.text)):
        message = _name_problem(name, semantics, names)
        if message:
            yield Problem(message, part.position, False)
        if "__" in name:
            yield Problem(f"the name {name} contains '__', which Odoo refuses", part.position, True)


def _name_problem(name: str, semantics: DomainSemantics, names: frozenset[str] | None) -> str | None:
    if name in names | semantics.builtins if names is not None else semantics.knows_name(name):
        return None
    where = f"a record rule in Odoo {semantics.version}" if names is None else "this place"
    advice = f" ({_INSTEAD[name]})" if name in _INSTEAD and names is None else ""
    return f"the name '{name}' is not known in {where}{advice}"


def _names_in(text: str) -> set[str]:
    """The names that a piece of text reads, without those it binds itself. Empty when it cannot be parsed."""
    if len(text) > 20_000 or refusal(text) is not None:
        return set()
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    read: set[str] = set()
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else own).add(node.id)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.Attribute) and "__" in node.attr:
            read.add(node.attr)
    return read - own


def _term(term: Term, semantics: DomainSemantics) -> Iterator[Problem]:
    row = semantics.operator(term.operator)
    version = semantics.version
    if row is None:
        yield Problem(f"Odoo {version} has no operator '{term.operator}'", term.position, True)
        return
    if row.internal:
        yield Problem(f"'{row.name}' is internal: Odoo refuses it in a list", term.position, True)
    if row.name != term.operator:
        yield Problem(f"write '{row.name}' instead of '{term.operator}'", term.position, False)
    if row.name == "==":
        yield Problem("'==' is deprecated: write '='", term.position, False)
    if row.name == "<>" and not semantics.python_accepts_diamond:
        message = (
            f"Odoo {version} takes '<>' when searching and fails on it when it checks a record: write '!='"
        )
        yield Problem(message, term.position, True)
    if row.takes_list:
        yield from _list_wanted(term, semantics)
    if row.name in INEQUALITIES and term.value in (Literal(False), Literal(None)):
        yield Problem(f"'{row.name}' compares with nothing: the value is empty", term.position, False)
    if row.name in ("=", "!=") and isinstance(term.value, Sequence | Concat):
        other = "in" if row.name == "=" else "not in"
        yield Problem(f"'{row.name}' with a list is read as '{other}' with a warning", term.position, False)


def _list_wanted(term: Term, semantics: DomainSemantics) -> Iterator[Problem]:
    """``in`` with one value: x2many fields take it in every version, plain columns raise ValueError up to
    18."""
    if semantics.in_accepts_scalar:
        return
    value = term.value
    if isinstance(value, Literal) and isinstance(value.value, bool):
        other = "=" if term.operator == "in" else "!="
        message = f"'{term.operator}' with {value.value} is read as '{other}' with a warning"
        yield Problem(message, term.position, False)
        return
    looks_plural = term.path.endswith(("_ids", ".ids"))
    single = isinstance(value, Symbol) and (value.path[-1:] == ("id",) or value == Symbol("company_id"))
    if isinstance(value, Literal) or (single and not looks_plural):
        message = (
            f"'{term.operator}' takes a list; with a single value Odoo {semantics.version} raises ValueError "
            "unless the field is a one2many or many2many"
        )
        yield Problem(message, term.position, False)


def shorten(text: str, limit: int = 80) -> str:
    """A text on one line, cut where it is long."""
    line = re.sub(r"\s+", " ", text[: limit * 4]).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
