"""What is too large to audit: the checks hold groups, and the rules of a model, against each other.

Each bound is far above what Odoo and all known addons hold together. What is over one is refused as a whole: an audit
of a part would pass the rest for safe.
"""

from __future__ import annotations

from collections import Counter

from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

MAX_GROUPS = 5_000
MAX_IMPLIED = 250_000
MAX_SHARE_GROUPS = 200
MAX_RIGHTS = 100_000
MAX_RIGHTS_OF_MODEL = 2_000
MAX_RULES = 20_000
MAX_RULES_OF_MODEL = 500
MAX_FINDINGS = 10_000
"""How many findings of one check are reported; it stops there and says so."""


class TooLarge(ValueError):
    """A policy is too large to audit; the message is one sentence."""


def refuse_too_large(policy: Policy) -> None:
    """Raise TooLarge, one sentence, where auditing this policy might take for ever."""
    for count, most, what in (
        (len(policy.groups), MAX_GROUPS, "groups"),
        (len(policy.rights), MAX_RIGHTS, "access rights"),
        (len(policy.rules), MAX_RULES, "record rules"),
    ):
        if count > most:
            raise TooLarge(f"{count:,} {what} are too many to audit: Ostiary audits up to {most:,}.")
    rights = Counter(right.model for right in policy.rights)
    rules = Counter(rule.model for rule in policy.rules)
    for found, most, what in (
        (rights, MAX_RIGHTS_OF_MODEL, "access rights"),
        (rules, MAX_RULES_OF_MODEL, "record rules"),
    ):
        for model, count in found.most_common(1):
            if count > most:
                raise TooLarge(
                    f"The model {model} has {count:,} {what}, which are too many to audit: "
                    f"Ostiary audits up to {most:,}."
                )
    _refuse_many_links(policy)


def _refuse_many_links(policy: Policy) -> None:
    """Count what each group implies at any distance, and stop counting where it is too much."""
    below = {name: {link.group for link in group.implies} for name, group in policy.groups.items()}
    implied = shares = 0
    for name in below:
        seen = {name}
        todo = [name]
        while todo and implied + len(seen) <= MAX_IMPLIED:
            new = below.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        implied += len(seen)
        if implied > MAX_IMPLIED:
            raise TooLarge(
                "The groups imply too many others to audit: Ostiary follows up to "
                f"{MAX_IMPLIED:,} implied groups, at any distance."
            )
        shares += INTERNAL not in seen and not seen.isdisjoint((PORTAL, PUBLIC))
    if shares > MAX_SHARE_GROUPS:
        raise TooLarge(
            f"{shares:,} groups make portal or public users, which are too many to audit: Ostiary audits up to "
            f"{MAX_SHARE_GROUPS:,}."
        )
