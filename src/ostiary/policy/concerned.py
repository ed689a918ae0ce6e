"""What the modules that somebody asked about concern, as against those read only because others depend on them."""

from __future__ import annotations

from ostiary.policy.definitions import Module
from ostiary.policy.policy import Policy


def audited(policy: Policy, module: str) -> bool:
    """Whether a module is one that was asked about; a name of none counts, since somebody put the definition there."""
    known = policy.modules.get(module)
    return known is None or not (known.context or known.facts)


def for_tests(module: Module) -> bool:
    """Whether a module is made for tests, and never installed where it matters."""
    category = module.category.lower()
    return category == "hidden/tests" or (category.startswith("hidden") and module.name.startswith("test_"))


def never_run(policy: Policy) -> frozenset[str]:
    """The modules whose Python Odoo does not run as it was read: there is nothing that imports it."""
    return frozenset(note.origin.module for note in policy.notes if note.kind == "no-init")


def concerned(policy: Policy, *, tests: bool = True) -> set[str]:
    """The models that audited modules define, or give access rights or record rules on.

    Without `tests`, modules made for tests count as little as those that were not asked about.
    """

    def counts(module: str) -> bool:
        known = policy.modules.get(module)
        return audited(policy, module) and (tests or known is None or not for_tests(known))

    found = {each.model for each in policy.rights if counts(each.origin.module)}
    found |= {each.model for each in policy.rules if counts(each.origin.module)}
    return found | {
        name for name, model in policy.models.items() if counts(model.origin.module) and not model.unresolved
    }
