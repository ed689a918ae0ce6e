"""The fields of a record that a rule compares and that were not found on a model which is not known in full."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ostiary.audit.asking.facts import in_context
from ostiary.audit.weighing.sensitivity import ancestors
from ostiary.domain import terms
from ostiary.policy.definitions import RecordRule
from ostiary.policy.faults import all_read
from ostiary.policy.fields import AUTOMATIC
from ostiary.policy.paths import Missing, Step, broken_python, field_of, known_in_full, walk
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of

_CLOSE = 0.8
_NO_FIELDS = frozenset({*AUTOMATIC, "__last_update", "ids", "env", "pool"})
# What Odoo's own mixins declare, of which a summary lists only what access depends on.
_OF_MIXINS = (
    "access_",
    "activity_",
    "campaign_",
    "image_",
    "is_published",
    "is_seo_",
    "message_",
    "my_activity_",
    "rating_",
    "seo_",
    "utm_",
    "website_",
)


def unread_of_record(policy: Policy, rule: RecordRule) -> tuple[Missing, ...]:
    """The fields that a rule's domain names and that neither an audited module nor a summary has on their model.

    Only those of models that an audited module defines, where all it depends on is there, so that few may have the
    field all the same: one of a mixin that is known by a summary. What certainly isn't there is a fault of the rule
    (see `walk`), and not among them.
    """
    if not all_read(policy, rule.origin.module):
        return ()
    found = [missing for path in _paths(rule) if (missing := _missing(policy, rule.model, path)) is not None]
    return tuple(dict.fromkeys(found))


def near_field(policy: Policy, missing: Missing) -> str | None:
    """The field of the model whose name is most like the one that was not found, if one is."""
    known = {
        name
        for other in (missing.model, *ancestors(policy, missing.model))
        if other in policy.models
        for name in policy.models[other].fields
    }
    near = get_close_matches(missing.name, sorted(known), n=1, cutoff=_CLOSE)
    return near[0] if near else None


def _paths(rule: RecordRule) -> Iterator[str]:
    return (term.path for term, _ in terms(rule.domain))


def _missing(policy: Policy, model: str, path: str) -> Missing | None:
    """The field at which a path can't be followed because it was not read."""
    names = path.split(".")
    steps = list(walk(policy, model, path))
    if len(steps) == len(names) or any(isinstance(step, Missing) for step in steps):
        return None
    if steps:
        last = steps[-1]
        assert isinstance(last, Step)
        model = last.field.comodel or ""
    name = names[len(steps)]
    if name in _NO_FIELDS or name.startswith(("_", "x_")) or not _own(policy, model):
        return None
    if field_of(policy, model, name) is not None:
        return None
    found = Missing(model, name)
    return None if name.startswith(_OF_MIXINS) and near_field(policy, found) is None else found


def _own(policy: Policy, name: str) -> bool:
    """Whether an audited module defines a model, all modules that extend it are there, and so are its mixins."""
    model = policy.models.get(name)
    if model is None or model.unresolved or not model.modules or known_in_full(policy, name):
        return False
    broken = broken_python(policy)
    if in_context(policy, model.modules[0]) or any(
        one not in policy.modules or one in broken for one in model.modules
    ):
        return False
    sources = [policy.models.get(other) for other in ancestors(policy, name) if other != "base"]
    return all(
        one is not None and not one.unresolved and broken.isdisjoint(one.modules) for one in sources
    ) and not list(parents_of(policy, name))
