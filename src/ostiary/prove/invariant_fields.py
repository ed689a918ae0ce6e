"""The fields that an invariant names and that were not found: whether they can't exist, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from ostiary.domain import Call, Domain, nodes, symbol_uses, terms
from ostiary.policy import Policy
from ostiary.policy.faults import USERS
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.paths import Missing, Step, field_of, known_in_full, walk


def unread_fields(policy: Policy, model: str, domain: Domain) -> Iterator[tuple[str, Missing]]:
    """The paths that a domain on a model writes, of the record or of `user`, with the field of each that was not found
    on a model that is not `known_in_full` (on others it is one of the domain's `faults`)."""
    called = {node.function for node in nodes(domain) if isinstance(node, Call)}
    paths = {term.path: (model, term.path) for term, _ in terms(domain)}
    for use in symbol_uses(domain):
        names = use.symbol.path[:-1] if use.symbol in called else use.symbol.path
        if use.symbol.root == "user" and names:
            paths[".".join(("user", *names))] = (USERS, ".".join(names))
    for shown, (start, path) in paths.items():
        missing = _not_found(policy, start, path)
        if missing is not None:
            yield shown, missing


# Python's own attributes of records, and the fields Odoo makes of groups for the form of a user.
_NO_FIELDS = frozenset({*AUTOMATIC, "ids", "env", "pool"})
_MADE = ("_", "x_", "in_group_", "sel_groups_")


def _not_found(policy: Policy, model: str, path: str) -> Missing | None:
    """The field at which a path can't be followed because it was not read."""
    names = path.split(".")
    steps = list(walk(policy, model, path, python=True))
    if len(steps) == len(names) or any(isinstance(step, Missing) for step in steps):
        return None
    name = names[len(steps)]
    if steps:
        assert isinstance(steps[-1], Step)
        model = steps[-1].field.comodel or ""
    known = not model or name in _NO_FIELDS or name.startswith(_MADE)
    return None if known or field_of(policy, model, name) is not None else Missing(model, name)


def all_read(policy: Policy, name: str) -> bool:
    """Whether every class of a model was read as source. `known_in_full` also asks for a field in each of its mixins,
    and `format.address.mixin`, which every user has, declares none."""
    broken = {one.origin.module for one in policy.problems if one.origin.path.endswith(".py")}
    waiting, seen = [name], {"base"}
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        model = policy.models.get(here)
        if model is None or model.unresolved or model.partial or not (model.fields or model.abstract):
            return False
        modules = [policy.modules.get(module) for module in model.modules]
        if not modules or any(one is None or one.facts or one.name in broken for one in modules):
            return False
        waiting += (*model.inherit, *model.inherits)
    return True


def near_fields(policy: Policy, missing: Missing) -> str:
    """`; did you mean partner_id?`: the fields of a model that look like one it doesn't have. May be empty."""
    model = policy.models.get(missing.model)
    return near_names(missing.name, model.fields) if model is not None else ""


_NO_FIELD = re.compile(r"names a field (\S+), which (\S+) doesn't have$")


def near_field(policy: Policy, text: str) -> str:
    """The fields that a model has and that look like the one it doesn't."""
    found = _NO_FIELD.search(text)
    model = policy.models.get(found[2]) if found else None
    return near_names(found[1], model.fields) if found and model and known_in_full(policy, model.name) else ""


def near_names(text: str, known: Mapping[str, object] | tuple[str, ...] | list[str]) -> str:
    """`; did you mean a or b?`: the names that look like one that isn't known. May be empty."""
    near = get_close_matches(text, dict.fromkeys(known), n=3, cutoff=0.8)
    return f"; did you mean {' or '.join(near)}?" if near else ""
