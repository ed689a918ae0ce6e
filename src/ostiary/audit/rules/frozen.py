"""Values in a rule's domain that were worked out once: ids written as numbers, and what the clock said.

An `eval` in a data file is evaluated when the file is loaded, and its result is stored as text. The text of
`domain_force` is evaluated when it is used, but Odoo keeps the outcome for each user, mode and set of companies
(`ir.rule._compute_domain`, an `ormcache`) until something clears the cache.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ostiary.domain import (
    Call,
    Compare,
    Domain,
    Literal,
    Subdomain,
    Symbol,
    Term,
    Value,
    children,
    nodes,
    opaques,
    value_to_odoo,
)
from ostiary.domain.walk import Node
from ostiary.policy.definitions import RecordRule
from ostiary.policy.paths import Step, walk
from ostiary.policy.policy import Policy
from ostiary.prove.ways import comodel_of

USERS = "res.users"
COMPANY = "res.company"
_RELATIONAL = frozenset({"many2one", "one2many", "many2many", "many2one_reference"})
_TYING = frozenset({"=", "==", "!=", "<>", "in", "not in", "child_of", "parent_of", "=?"})
_COMPARED = frozenset({"==", "!=", "in", "not in"})
_CLOCK = frozenset({"time", "datetime", "DateTime", "relativedelta", "timedelta"})
_SEARCHES = frozenset({"search", "search_read", "search_count", "browse"})
# Records that have the same number everywhere.
_FIXED = frozenset({(USERS, 1)})
_USUAL = {
    ("res.company", 1): "base.main_company",
    (USERS, 2): "base.user_admin",
    ("res.partner", 1): "base.main_partner",
}
_MOST_CODE = 20_000


class Frozen(Enum):
    """How a value came to stand still."""

    NUMBER = "number"
    INSTALLED_CLOCK = "clock when the module was installed"
    INSTALLED_SEARCH = "search when the module was installed"
    CACHED_CLOCK = "clock when Odoo first worked the domain out"


INSTALLED = frozenset({Frozen.INSTALLED_CLOCK, Frozen.INSTALLED_SEARCH})
"""What `eval` worked out."""


@dataclass(frozen=True, slots=True)
class FrozenValue:
    """One such value: where it is compared (`category_id`), as it is written, and of which model it is an id."""

    sort: Frozen
    path: str
    text: str
    model: str = ""
    sure: bool = True

    @property
    def usual(self) -> str:
        """The external id that the record has in most databases; empty where there is none."""
        return _USUAL.get((self.model, int(self.text)), "") if self.text.isdigit() else ""


def frozen_values(policy: Policy, rule: RecordRule) -> Iterator[FrozenValue]:
    """The values of a rule's domain that were worked out once; ids in the rule of a database are that database's."""
    if rule.origin.path != "ir_rule":
        yield from _numbers(policy, rule.model, rule.domain)
    coded = _installed(rule)
    yield from coded
    if not coded:
        yield from _cached(policy, rule.domain)


def _numbers(policy: Policy, model: str, domain: Domain) -> Iterator[FrozenValue]:
    for node, here in _with_models(policy, model, domain):
        match node:
            case Compare():
                yield from _compared(policy, node)
            case Term(path, operator, value) if operator in _TYING:
                comodel, sure = _holds(policy, here, path)
                if comodel is not None:
                    yield from _ids(value, path, comodel, sure)


def _with_models(policy: Policy, model: str, domain: Domain) -> Iterator[tuple[Term | Compare, str]]:
    """The terms and tests of a domain, with the model each term is about; empty where that is not known."""
    waiting: list[tuple[Node, str]] = [(domain, model)]
    while waiting:
        node, here = waiting.pop()
        if isinstance(node, Term | Compare):
            yield node, here
        if isinstance(node, Term) and isinstance(node.value, Subdomain):
            waiting.append((node.value.domain, comodel_of(policy, here, node.path)))
        else:
            waiting.extend((child, here) for child in reversed(children(node)))


def _compared(policy: Policy, test: Compare) -> Iterator[FrozenValue]:
    """The ids that a test compares with something of the user's: `user.company_id.id == 1`."""
    if test.op not in _COMPARED:
        return
    for one, other in ((test.left, test.right), (test.right, test.left)):
        if isinstance(one, Symbol) and one.root in ("user", "company_id", "company_ids"):
            names = one.path[:-1] if one.path[-1:] in (("id",), ("ids",)) else None
            if one.root != "user":
                comodel = COMPANY
            elif names is None:
                continue
            else:
                comodel = comodel_of(policy, USERS, ".".join(names)) if names else USERS
            yield from _ids(other, ".".join((one.root, *one.path)), comodel, True)


def _ids(value: Value, path: str, model: str, sure: bool) -> Iterator[FrozenValue]:
    for node in nodes(value):
        if not isinstance(node, Literal) or isinstance(node.value, bool) or not isinstance(node.value, int):
            continue
        if node.value > 0 and (model, node.value) not in _FIXED:
            yield FrozenValue(Frozen.NUMBER, path, str(node.value), model, sure)


def _holds(policy: Policy, model: str, path: str) -> tuple[str | None, bool]:
    """The model whose ids a path holds, empty where its name is not known, and whether that is sure; None where it
    holds no ids. Where the fields were not read, their names say it."""
    last = path.rpartition(".")[2]
    names = path.split(".")[:-1] if last == "id" else path.split(".")
    if not names:
        return model, True
    steps = list(walk(policy, model, ".".join(names))) if model else []
    if len(steps) == len(names):
        step = steps[-1]
        if isinstance(step, Step):
            return (step.field.comodel or "", True) if step.field.type in _RELATIONAL else (None, True)
        return None, True
    if any(not isinstance(step, Step) for step in steps):
        return None, True
    return ("", False) if last == "id" or last.endswith(("_id", "_ids")) else (None, False)


def _installed(rule: RecordRule) -> list[FrozenValue]:
    """What `eval` worked out when the data file was loaded, by what a clock said or a search found."""
    found = []
    for part in opaques(rule.domain):
        text = _code_of(part.text)
        sort = _sort_of(text) if text else None
        if text and sort is not None:
            found.append(FrozenValue(sort, "", text))
    return found


def _code_of(text: str) -> str:
    """The code of a value that could not be folded, or of a text that is put together while it is loaded."""
    if len(text) > _MOST_CODE:
        return ""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    match tree:
        case ast.Dict(keys=[ast.Constant(value="$code")], values=[ast.Constant(value=str() as code)]):
            return code
        case ast.BinOp(left=ast.Constant(value=str())) | ast.JoinedStr():
            return text
        case ast.Call(func=ast.Name(id="str" | "repr")):
            return text
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()))):
            return text
    return ""


def _sort_of(text: str) -> Frozen | None:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    methods = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    if names & _CLOCK:
        return Frozen.INSTALLED_CLOCK
    return Frozen.INSTALLED_SEARCH if "obj" in names or methods & _SEARCHES else None


def _cached(policy: Policy, domain: Domain) -> Iterator[FrozenValue]:
    """What the clock says while a rule is worked out; a version whose rules know no `time` refuses it."""
    if not policy.semantics.domain.knows_name("time"):
        return
    for node in nodes(domain):
        if not isinstance(node, Term):
            continue
        for part in nodes(node.value):
            if isinstance(part, Call) and part.function.root == "time":
                yield FrozenValue(Frozen.CACHED_CLOCK, node.path, value_to_odoo(part))
