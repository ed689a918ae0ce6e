"""Models that hold what is private to a few, or the keys of the whole database, and what tells so."""

from __future__ import annotations

from ostiary.audit.finding import Evidence
from ostiary.audit.weighing.private_facts import private_fact
from ostiary.audit.weighing.sensitivity import AUTOMATIC, fields_of
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread

# What holds the keys of the whole database, or everybody's post.
KEYS = {
    "ir.config_parameter": "holds the settings of the whole database, the key among them that signs its sessions",
    "res.users.apikeys": "lists the keys that log in as a user",
    "mail.mail": "holds all outgoing e-mail, links that reset passwords among it",
}
# Known by name alone, since their modules are often not at hand.
STAFF_FILES = {
    "hr.contract": "holds what employees are paid",
    "hr.employee": "holds the private file of employees",
    "hr.payslip": "holds what employees are paid",
    "hr.payslip.line": "holds what employees are paid",
}


def signs(policy: Policy, model: str) -> list[Evidence]:
    """What tells that a model holds something private to a few, or the keys of the database; nothing for most."""
    if model in KEYS:
        return [Evidence(f"{model} {KEYS[model]}")]
    if model in STAFF_FILES and model_unread(policy, model):
        return [Evidence(f"{model} {STAFF_FILES[model]}")]
    known = policy.models.get(model)
    if known is None or known.abstract:
        return []
    found = {field.name: field for field in fields_of(policy, model)}
    return [
        Evidence(f"the field {name} of {model} is about {what}, and names no groups", found[name].origin)
        for name in sorted(found)
        if name not in AUTOMATIC
        and not found[name].groups
        and not found[name].groups_unread
        and (what := private_fact(found[name])) is not None
    ]
