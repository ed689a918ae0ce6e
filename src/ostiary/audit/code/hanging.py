"""What a new record hangs on, where the caller chooses it: a line of any order, a message on any record."""

from __future__ import annotations

from ostiary.audit.weighing.sensitivity import mixins
from ostiary.policy.code import Given, Use
from ostiary.policy.definitions import Kind
from ostiary.policy.policy import Policy

ANY = "*"


def hung_on(policy: Policy, use: Use) -> str | None:
    """The model whose record a new one hangs on by an id of the caller's, `*` where it may be of any; None otherwise.

    An attachment or a message names its record by a model and an id; a line names its document by a link.
    """
    sent = {one.name for one in use.written if one.name}
    if "res_id" in use.fields and any(names_a_record(one) for one in use.written):
        return ANY
    known = policy.models.get(use.model)
    for name in use.fields if known is not None else ():
        linked = known.fields.get(name) if known is not None else None
        if linked is None or linked.type != "many2one" or not linked.comodel or name not in sent:
            continue
        other = policy.models.get(linked.comodel)
        if other is not None and other.kind is Kind.MODEL and "portal.mixin" in mixins(policy, other.name):
            return other.name
    return None


def names_a_record(given: Given) -> bool:
    """Whether a value of the caller's is an id, by its name."""
    return given.name == "id" or given.name.endswith("_id")


def names_the_model(use: Use) -> bool:
    """Whether the model of what a new record hangs on is the caller's choice too."""
    return any(one.name == "model" or one.name.endswith("_model") for one in use.written)
