"""Which fields record rules read: what a record holds there decides who reaches it."""

from __future__ import annotations

from ostiary.domain import Domain, Subdomain, symbol_uses, terms
from ostiary.policy.memo import remembered
from ostiary.policy.paths import Step, walk
from ostiary.policy.policy import Policy


def read_by_rules(policy: Policy) -> dict[str, set[str]]:
    """The fields that active record rules read, by model: those of paths from a record, and from the user."""

    def find() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for rule in policy.rules:
            if rule.active:
                _read(policy, rule.model, rule.domain, found)
        return found

    return remembered(policy, ("read by rules",), find)


def _read(policy: Policy, model: str, domain: Domain, found: dict[str, set[str]]) -> None:
    for term, _ in terms(domain):
        step = None
        for step in walk(policy, model, term.path):
            if isinstance(step, Step):
                found.setdefault(step.model, set()).add(step.field.name)
        if isinstance(term.value, Subdomain) and isinstance(step, Step) and step.field.comodel:
            _read(policy, step.field.comodel, term.value.domain, found)
    for use in symbol_uses(domain):
        if use.symbol.root == "user" and use.symbol.path:
            for step in walk(policy, "res.users", ".".join(use.symbol.path), python=True):
                if isinstance(step, Step):
                    found.setdefault(step.model, set()).add(step.field.name)
