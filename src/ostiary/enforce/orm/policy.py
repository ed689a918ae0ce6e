"""The Policy of an application: models from its classes, groups, rights and rules from wherever they are written."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Several
from pathlib import Path
from typing import Any

import msgspec

from ostiary.enforce.orm.folder import read_folder
from ostiary.enforce.orm.models import models_of
from ostiary.enforce.orm.rules import check_rules, text_of
from ostiary.enforce.orm.ties import MappingError, Names, Ties, check_deferred, tie
from ostiary.policy import (
    MODES,
    AccessRight,
    Company,
    Field,
    Group,
    GroupLink,
    Implication,
    Mode,
    Model,
    Origin,
    Policy,
    RecordRule,
    User,
)

_HERE = Origin(path="given by the application")
_OWN = 2
"""How many frames lie between `_caller` and who calls the function that asks for it."""
_FACTS = "ostiary:facts/"
_KEY = "_orm_ties"


def policy_for(
    base: Any,
    security: str
    | os.PathLike[str]
    | Policy
    | Iterable[Group | AccessRight | RecordRule | User | Company] = (),
    *,
    odoo: str = "18.0",
    models: Names | None = None,
    fields: Mapping[Any, Names] | None = None,
    companies: Iterable[Company] = (),
) -> Policy:
    """The Policy of an application with SQLAlchemy classes of its own.

    `base` is the declarative base, a `registry` or a list of classes. Classes that say `__odoo_model__ = "..."` (or
    that `models` maps to a name) become models, their columns and relationships fields. `security` says who may do
    what: a folder of Odoo's security files (`ir.model.access.csv`, `.xml`), or a whole module whose classes state
    field groups, a Policy, or definitions as plain values: see `group`, `right` and `rule`. `odoo` is the version
    whose meaning of them holds.

    Raises MappingError for classes that can't be models, definitions that name what isn't there and rules that would
    fail whoever asks, and `UnreadableTarget` for a folder that can't be read.
    """
    ties = tie(base, models, fields)
    given = _given(security, ties.models, odoo)
    described = models_of(ties)
    for name, model in described.items():
        said = given.models.get(name)
        if said is not None:
            described[name] = msgspec.structs.replace(
                model, fields=_with_groups(ties, name, model.fields, said.fields)
            )
    policy = Policy(
        odoo=given.odoo,
        models=described,
        groups=given.groups,
        rights=[one for one in given.rights if _kept(one, described, given)],
        rules=[one for one in given.rules if _kept(one, described, given)],
        users=given.users,
        companies=[*given.companies, *companies],
    )
    _check(policy, given)
    check_rules(policy, ties)
    policy.__dict__[_KEY] = ties
    return policy


def ties_of(policy: Policy) -> Ties:
    """The ties that a Policy was made with. Raises MappingError for one that `policy_for` didn't make."""
    found = policy.__dict__.get(_KEY)
    if not isinstance(found, Ties):
        raise MappingError("this policy doesn't know the application's classes: make it with policy_for")
    return found


def group(xmlid: str, *, implies: Several[str] = (), name: str = "") -> Group:
    """A group, by external id; whoever holds it holds what it implies."""
    here = _caller()
    return Group(
        origin=here,
        xmlid=xmlid,
        name=name or xmlid,
        implies=tuple(Implication(one, here) for one in implies),
    )


def right(model: str, group: str | None, modes: str | Several[Mode] = MODES) -> AccessRight:
    """An access right: what a group (None for everybody) may do with a model at all. `modes` is `"read write"` ..."""
    return AccessRight(
        origin=_caller(), xmlid=f"app.access_{model}_{group}".replace(".", "_"), model=model, group=group,
        modes=_modes(modes),
    )  # fmt: skip


def rule(
    model: str,
    domain: str | Several[Any],
    *,
    groups: Several[str] = (),
    modes: str | Several[Mode] = MODES,
    name: str = "",
) -> RecordRule:
    """A record rule: the domain that records have to match. Global, so that it narrows, without groups; those of
    groups widen one another.

    The domain is text, as in Odoo's files (`"[('owner_id', '=', user.id)]"`), or a list of terms whose values are
    constants. Raises MappingError for what is neither.
    """
    here = _caller()
    text = text_of(domain, here)
    return RecordRule(
        origin=here,
        xmlid=f"app.{name or 'rule'}".replace(" ", "_"),
        name=name or f"{model}: {text}",
        model=model,
        domain_force=text,
        groups=tuple(GroupLink(one, here) for one in groups),
        modes=_modes(modes),
    )


def _caller() -> Origin:
    """Where the application wrote a definition, as a refusal says it: the file as seen from where the program runs."""
    frame = inspect.currentframe()
    for _ in range(_OWN):
        frame = frame.f_back if frame is not None else None
    if frame is None:
        return _HERE
    path = Path(frame.f_code.co_filename)
    try:
        shown = path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        shown = path.name
    return Origin(path=shown, line=frame.f_lineno)


def _modes(modes: str | Several[Mode]) -> tuple[Mode, ...]:
    try:
        return tuple(Mode(one) for one in (modes.split() if isinstance(modes, str) else modes))
    except ValueError:
        raise MappingError(f"modes are read, write, create and unlink, not {modes}") from None


def _given(security: Any, models: Iterable[str], odoo: str) -> Policy:
    if isinstance(security, Policy):
        return security
    if isinstance(security, str | os.PathLike):
        return read_folder(Path(security), models, odoo)
    kinds: dict[type, list[Any]] = {Group: [], AccessRight: [], RecordRule: [], User: [], Company: []}
    for one in security:
        if type(one) not in kinds:
            raise MappingError(
                f"a policy is made of groups, rights, rules, users and companies, not of {one!r}"
            )
        kinds[type(one)].append(one)
    return Policy(
        odoo=odoo,
        groups={one.xmlid: one for one in kinds[Group]},
        rights=kinds[AccessRight],
        rules=kinds[RecordRule],
        users=kinds[User],
        companies=kinds[Company],
    )


def _kept(one: AccessRight | RecordRule, described: Mapping[str, Model], given: Policy) -> bool:
    """Whether a definition is about the application: not one of Odoo's own, nor about a model of the folder's own
    Python that no class is tied to."""
    return not _of_odoo(one.origin) and (one.model in described or one.model not in given.models)


def _of_odoo(origin: Origin) -> bool:
    """Whether a definition is one of Odoo's own, about tables that an application doesn't have."""
    return origin.path.startswith(_FACTS)


def _with_groups(
    ties: Ties, model: str, fields: Mapping[str, Field], said: Mapping[str, Field]
) -> dict[str, Field]:
    """The fields, guarded as the folder's Python classes say, where the mapped class doesn't."""
    found = dict(fields)
    one = ties.models[model]
    for name, field in fields.items():
        other = said.get(name)
        if other is None or other.groups is None or field.groups is not None or _of_odoo(other.origin):
            continue
        column = one.fields.get(name)
        if column is None:
            raise MappingError(
                f"groups guard columns, and {name} of {model} is a relationship ({other.origin})"
            )
        check_deferred(one.mapper, column)
        found[name] = msgspec.structs.replace(field, groups=other.groups)
    return found


def _check(policy: Policy, given: Policy) -> None:
    """Definitions that can't have been meant are refused: each would leave something open or closed by mistake."""
    fatal = next((one for one in given.problems if one.fatal), None)
    if fatal is not None:
        raise MappingError(f"{fatal.message} ({fatal.origin})")
    definitions: list[AccessRight | RecordRule] = [*policy.rights, *policy.rules]
    for definition in definitions:
        if definition.model not in policy.models:
            raise MappingError(
                f"{definition.xmlid} ({definition.origin}) is about {definition.model}, and no class is tied to it"
            )
    named = [(one.xmlid, one.group) for one in policy.rights if one.group is not None]
    named += [(one.xmlid, link.group) for one in policy.rules for link in one.groups]
    for xmlid, name in named:
        if name not in policy.groups:
            raise MappingError(f"{xmlid} names group {name}, which is not there")
