"""`child_of` and `parent_of` in memory, which Odoo answers by a real search even in Python.

Source: `models.filtered_domain` and `expression.child_of_domain`, `parent_of_domain` (17, 18),
`orm/domains.py: _operator_hierarchy` (19).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from ostiary.records.errors import Fails, Undecided
from ostiary.records.memory.checks import Check, Member, combine, constant, member
from ostiary.records.memory.convert import RELATIONAL, X2MANY
from ostiary.records.memory.named import named
from ostiary.records.memory.trees import InTree, tree
from ostiary.records.paths import path_ids
from ostiary.records.schema import Inherited, Kind, Lines, Links, Python, Related, Through

if TYPE_CHECKING:
    from ostiary.records.memory.env import Env

Hop = Callable[[int], Sequence[int]]


def hierarchy(env: Env, model: str, path: str, operator: str, operand: Any) -> Check:
    """The check of a `child_of` or `parent_of` term. Raises Undecided, Fails and Refused."""
    semantics = env.source.schema.semantics
    if path in semantics.python_companies_tree:
        return _companies(env, model, path, operator, operand)
    if semantics.python_predicates:
        return _term(env, model, path, operator, operand)
    # Odoo searches among the records, archived ones too.
    found = _term(env.active_test(False), model, path, operator, operand)
    if env.su:
        return found
    call, readable = found.call, env.readable(model)
    return Check(lambda record: call(record) and readable(record), False, found.reads)


def _term(env: Env, model: str, path: str, operator: str, operand: Any) -> Check:
    name, _, rest = path.partition(".")
    if name == "id":
        return _own(env, model, tree(env, model, None, operator, ids_of(env, model, operand)))
    kind = env.kind(model, name)
    match kind:
        case Inherited(link=link):
            # The parent is joined, without asking for access to it.
            parent = str(env.kind(model, link).comodel)
            return _beyond(env, env, model, link, _term(env, parent, path, operator, operand), free=True)
        case Related(path=way, sudo=sudo):
            inner = env.sudo() if sudo else env
            return _term(inner, model, ".".join((*way, rest) if rest else way), operator, operand)
        case Through(path=way, also=also, sudo=sudo):
            inner = env.sudo() if sudo else env
            paths = [".".join((*one, rest) if rest else one) for one in (way, *also)]
            return combine(
                [_term(inner, model, one, operator, operand) for one in paths], every=False, eager=True
            )
        case Python(unsearchable=True, why=why):
            if not env.source.schema.semantics.unsearchable_is_true:
                raise Fails("ValueError", f"field {name} of {model} can't be searched")
            return constant(True)
        case Python(why=why):
            raise Undecided.computed(model, name, why)
    if kind.type not in RELATIONAL or kind.comodel is None:
        raise Fails("ValueError", f"{operator} on field {name} of {model}, which is no relation")
    if rest and rest != "id":
        check = _term(env, kind.comodel, rest, operator, operand)
        return _beyond(env, env, model, name, check, free=False)
    return _leaf(env, model, kind, operator, operand)


def _beyond(env: Env, inner: Env, model: str, name: str, check: Check, *, free: bool) -> Check:
    """Whether a record that the field leads to passes, and may be read where that is asked."""
    hop, call = env.related_ids(model, name), check.call
    if free or inner.su:
        return Check(lambda record: any(map(call, hop(record))), check.total and env.su)
    readable = inner.readable(str(env.kind(model, name).comodel))
    return Check(lambda record: any(call(one) and readable(one) for one in hop(record)))


def _leaf(env: Env, model: str, kind: Kind, operator: str, operand: Any) -> Check:
    """The term on a relational field of the model itself."""
    semantics = env.source.schema.semantics
    comodel = str(kind.comodel)
    ids = ids_of(_context_of(env, kind), comodel, operand, searched=kind.type == "many2many")
    own = comodel == model
    if not semantics.python_predicates:
        if kind.type == "many2many":
            found = tree(env, comodel, None, operator, ids)
            return _lines(env, kind, _readable(env, comodel, found), raw=True)
        if own:
            return _own(env, model, tree(env, comodel, kind.name, operator, ids))
        return _related(env, kind, tree(env, comodel, None, operator, ids), raw=True)
    found = tree(env, comodel, kind.name if own else None, operator, ids)
    return (
        _own(env, model, found) if own and kind.type == "many2one" else _related(env, kind, found, raw=False)
    )


def _context_of(env: Env, kind: Kind) -> Env:
    """How records are found by name: with the field's context in 19, archived ones too for a many2one."""
    if not env.source.schema.semantics.relation_context_for_names:
        return env
    if kind.type == "many2one":
        return env.active_test(False)
    own = getattr(kind, "active_test", None)
    return env if own is None else env.active_test(own)


def _own(env: Env, model: str, found: InTree) -> Check:
    """The record itself is in the tree."""
    exists = env.source.exists
    if isinstance(found, frozenset):
        return Check(lambda record: record in found and exists(model, record), True, False)
    return Check(lambda record: exists(model, record) and found(record), True, False)


def _related(env: Env, kind: Kind, found: InTree, *, raw: bool) -> Check:
    if kind.type in X2MANY:
        return _lines(env, kind, found, raw=raw)
    column = env.column(kind.model, kind.name)
    if isinstance(found, frozenset) and env.su:
        return member(Member(column, found))
    inside = found.__contains__ if isinstance(found, frozenset) else found
    return Check(lambda record: (one := column[record]) is not False and inside(one), env.su, True)


def _lines(env: Env, kind: Kind, found: InTree, *, raw: bool) -> Check:
    """One of the lines is in the tree; `raw`: as SQL joins them, whatever the field's domain says."""
    column = env.column(kind.model, kind.name)
    if raw and isinstance(kind, Lines | Links) and (isinstance(kind, Links) or kind.model_field is None):
        column = env.raw_lines(kind)
    inside = found.__contains__ if isinstance(found, frozenset) else found
    return Check(lambda record: any(map(inside, column[record])), env.su, True)


def _readable(env: Env, model: str, found: InTree) -> InTree:
    """Of a tree, what a search of the session finds."""
    if env.su:
        return found
    readable = env.readable(model)
    inside = found.__contains__ if isinstance(found, frozenset) else found
    return lambda record: inside(record) and readable(record)


def ids_of(env: Env, model: str, operand: Any, *, searched: bool = False) -> Collection[int]:
    """The records that a hierarchy begins with: ids, or what is found by name.

    `searched`: ids are searched for too, where the version does so.
    """
    semantics = env.source.schema.semantics
    if not semantics.python_predicates:
        if isinstance(operand, str):
            return named(env, model, [operand])
        if isinstance(operand, list) and operand and all(isinstance(item, str) for item in operand):
            return named(env, model, operand)
        if isinstance(operand, int):
            return [int(operand)] if operand else []
        if not isinstance(operand, list):
            raise Fails("TypeError", f"{type(operand).__name__!r} object is not iterable")
        return _numbers(operand)
    if operand is False or operand is None:
        return []
    items = operand if isinstance(operand, list) else [operand]
    numbers = [item for item in items if isinstance(item, int)]
    if searched:
        readable, active = env.readable(model), _active(env, model)
        numbers = [one for one in numbers if env.source.exists(model, one) and active(one) and readable(one)]
    texts = [item for item in items if not isinstance(item, int)]
    return [*_numbers(numbers), *(named(env, model, texts) if texts else ())]


def _active(env: Env, model: str) -> Callable[[int], bool]:
    name = env.source.schema.model(model).active if env.session.active_test else None
    if name is None:
        return lambda record: True
    column = env.sudo().column(model, name)
    return lambda record: bool(column[record])


def _numbers(items: Sequence[Any]) -> list[int]:
    if not all(isinstance(item, int) or item is None for item in items):
        raise Fails("ProgrammingError", "a hierarchy begins with ids and names at once")
    return [int(item) for item in items if item]


# -- companies -----------------------------------------------------------------------------------------------


def _companies(env: Env, model: str, name: str, operator: str, operand: Any) -> Check:
    """17, 18: terms on the record's company are read off `parent_ids`."""
    from ostiary.records.memory.mapped import field_type

    if field_type(env, model, name) not in RELATIONAL or env.kind(model, name).comodel != "res.company":
        raise Fails("AttributeError", f"the records of {name} have no parent_ids")
    if not isinstance(operand, int | list):
        raise Fails("TypeError", "a company is given by its id")
    items = operand if isinstance(operand, list) else [operand] if operand else []
    given = frozenset(item for item in items if isinstance(item, int) and item)
    above = _company_parents(env)
    companies = env.related_ids(model, name)
    if operator == "child_of":
        return Check(
            lambda record: any(not given.isdisjoint(above(one)) for one in companies(record)), env.su, True
        )
    wanted = frozenset(other for one in sorted(given) for other in above(one))
    return Check(lambda record: not wanted.isdisjoint(companies(record)), env.su, True)


def _company_parents(env: Env) -> Callable[[int], Sequence[int]]:
    """`res.company.parent_ids`: the company and those above it, out of `parent_path`."""
    paths = env.sudo().column("res.company", "parent_path")
    active = _active(env, "res.company")

    def parents(company: int) -> Sequence[int]:
        path = paths[company]
        found = path_ids(str(path)) if path else [company]
        return [one for one in found if active(one)]

    return parents
