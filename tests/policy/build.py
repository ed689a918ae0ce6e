"""Small policies for tests, written in few words. Places are `module/security.xml:line`, in the order given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from ostiary.domain import And, Constant, Domain, Literal, Not, Or, Subdomain, Term
from ostiary.policy import (
    MODES,
    AccessRight,
    Action,
    Decision,
    Field,
    Group,
    GroupLink,
    Implication,
    Kind,
    Menu,
    Mode,
    Model,
    Module,
    Origin,
    Policy,
    Reason,
    RecordRule,
    User,
)

VERSIONS = ("17.0", "18.0", "19.0")
READ, WRITE, CREATE, UNLINK = MODES
_LETTERS = {"r": READ, "w": WRITE, "c": CREATE, "u": UNLINK}


def at(xmlid: str, line: int, file: str = "security.xml") -> Origin:
    module = xmlid.partition(".")[0]
    return Origin(path=f"{module}/{file}", line=line, module=module)


def groups(spec: Mapping[str, Sequence[str]]) -> dict[str, Group]:
    """`{"a.x": ["a.y"]}`: group a.x implies a.y. A group that is only implied is a group too."""
    names = dict.fromkeys([*spec, *(goal for goals in spec.values() for goal in goals)])
    line = count(1)
    return {
        name: Group(
            origin=at(name, next(line)),
            xmlid=name,
            implies=tuple(Implication(goal, at(name, next(line))) for goal in spec.get(name, ())),
        )
        for name in names
    }


def right(
    xmlid: str, model: str, group: str | None, modes: str = "r", active: bool = True, line: int = 2
) -> AccessRight:
    return AccessRight(
        origin=at(xmlid, line, "ir.model.access.csv"),
        xmlid=xmlid,
        model=model,
        group=group,
        modes=tuple(_LETTERS[letter] for letter in modes),
        active=active,
    )


def rule(
    xmlid: str,
    model: str,
    domain: str = "",
    group: Sequence[str] = (),
    modes: str = "rwcu",
    line: int = 5,
    **more: Any,
) -> RecordRule:
    origin = at(xmlid, line)
    return RecordRule(
        origin=origin,
        xmlid=xmlid,
        model=model,
        domain_force=domain,
        groups=tuple(GroupLink(name, origin) for name in group),
        modes=tuple(_LETTERS[letter] for letter in modes),
        **more,
    )


def model(
    name: str, fields: Iterable[Field] = (), kind: Kind = Kind.MODEL, line: int = 3, **more: Any
) -> Model:
    path = Origin(path=f"{name.partition('.')[0]}/models.py", line=line)
    return Model(origin=path, name=name, kind=kind, fields={one.name: one for one in fields}, **more)


def field(name: str, type_: str = "char", line: int = 9, **more: Any) -> Field:
    return Field(origin=Origin(path="zz/models.py", line=line), name=name, type=type_, **more)


def user(login: str, *names: str, closed: bool = False, xmlid: str = "") -> User:
    origin = at(f"{login}.users", 1)
    links = tuple(GroupLink(name, origin) for name in names)
    return User(origin=origin, login=login, xmlid=xmlid, groups=links, groups_closed=closed)


def menu(
    xmlid: str, parent: str | None = None, action: str | None = None, group: Sequence[str] = (), **more: Any
) -> Menu:
    origin = at(xmlid, 7, "menus.xml")
    links = tuple(GroupLink(name, origin) for name in group)
    return Menu(origin=origin, xmlid=xmlid, parent=parent, action=action, groups=links, **more)


def action(xmlid: str, model: str | None = None, type_: str = "ir.actions.act_window") -> Action:
    return Action(origin=at(xmlid, 3, "menus.xml"), xmlid=xmlid, type=type_, model=model)


def policy(version: str = "18.0", **parts: Any) -> Policy:
    """A policy of these parts; models, menus and actions may be given as lists."""
    for key, name in (("models", "name"), ("menus", "xmlid"), ("actions", "xmlid")):
        if not isinstance(parts.get(key, {}), dict):
            parts[key] = {getattr(one, name): one for one in parts[key]}
    parts.setdefault("groups", groups(BASE))
    return Policy(odoo=version, **parts)


def module(name: str, *depends: str) -> Module:
    return Module(origin=Origin(path=f"{name}/__manifest__.py"), name=name, depends=depends)


BASE: dict[str, list[str]] = {
    "base.group_no_one": [],
    "base.group_user": ["base.group_no_one"],
    "base.group_portal": [],
    "base.group_public": [],
    "base.group_system": ["base.group_user"],
}


def accepts(domain: Domain, record: dict[str, Any] | None) -> bool:
    """Whether a record satisfies a domain of `=` with truthy values, on which all versions and SQL agree."""
    match domain:
        case Constant(value):
            return value
        case And(items):
            return all(accepts(item, record) for item in items)
        case Or(items):
            return any(accepts(item, record) for item in items)
        case Not(item):
            return not accepts(item, record)
        case Term(path, "any", Subdomain(inner)):
            return record is not None and record[path] is not None and accepts(inner, record[path])
        case Term(path, "=", Literal(value)) if value:
            first, _, rest = path.partition(".")
            there = None if record is None else record[first]
            return accepts(Term(rest, "=", Literal(value)), there) if rest else there == value
    raise AssertionError(f"not a domain of these cases: {domain}")


_SIGNS = {True: "+", False: "-", None: "?"}


def tree(reason: Reason, depth: int = 0) -> list[str]:
    """A reason as lines of text: sign, kind, sentence, place; its domain below it."""
    place = f"  [{reason.origin}]" if reason.origin else ""
    lines = [f"{'  ' * depth}{_SIGNS[reason.verdict]} {reason.kind}: {reason.text}{place}"]
    if reason.domain is not None:
        lines.append(f"{'  ' * depth}    {reason.domain}")
        lines.append(f"{'  ' * depth}    {reason.english}")
    for child in reason.children:
        lines += tree(child, depth + 1)
    return lines


def dump(decision: Decision) -> str:
    return "\n".join([f"{decision.verdict}: {decision.question}", *tree(decision.reason)]) + "\n"


def reasons(reason: Reason) -> Iterable[Reason]:
    yield reason
    for child in reason.children:
        yield from reasons(child)


__all__ = [
    "BASE", "CREATE", "READ", "UNLINK", "VERSIONS", "WRITE", "Mode", "action", "dump", "field", "groups", "menu",
    "model", "module", "policy", "reasons", "right", "rule", "tree", "user",
]  # fmt: skip
