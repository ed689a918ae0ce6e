"""The record rule a finding proposes: written out for the model's own fields."""

from __future__ import annotations

from ostiary.audit.facts import group_of
from ostiary.audit.sensitivity import AUTOMATIC, PEOPLE, document_links, fields_of, mixins
from ostiary.audit.wording import model_ref
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PUBLIC

_PUBLISHED = ("website_published", "is_published")


def how_to_limit(policy: Policy, module: str, model: str, label: str) -> str:
    """The rule that would limit a model for an audience, or what to do where its fields offer nothing."""
    group = group_of(label)
    if group is None or group == PUBLIC:
        name = next(
            (name for name in _PUBLISHED if any(f.name == name for f in fields_of(policy, model))), None
        )
        if name is None:
            return (
                f"Visitors have no records of their own: take the access right away, and let a controller show "
                f"what is meant to be public of {model}."
            )
        return rule_xml(
            policy, module, model, f"[('{name}', '=', True)]", group=group, about="published records"
        )
    own = own_records(policy, model)
    if own is None:
        return (
            f"{model} has no field that ties a record to a portal user: add one (e.g. partner_id) and a record "
            f"rule for {group} on it, or take the access right away."
        )
    return rule_xml(policy, module, model, own, group=group, about="own records")


def rule_xml(policy: Policy, module: str, model: str, domain: str, *, group: str | None, about: str) -> str:
    """The XML of a record rule."""
    known = policy.models.get(model)
    title = known.description if known and known.description else model
    word = (group or "company").partition(".")[2].removeprefix("group_") or "company"
    lines = [
        f'<record id="{model.replace(".", "_")}_rule_{word}" model="ir.rule">',
        f'    <field name="name">{title}: {about}</field>',
        f'    <field name="model_id" ref="{model_ref(policy, model, module)}"/>',
        f'    <field name="domain_force">{domain}</field>',
    ]
    if group is not None:
        lines.append(f'    <field name="groups" eval="[(4, ref(\'{group}\'))]"/>')
    return "\n".join([*lines, "</record>"])


def own_records(policy: Policy, model: str) -> str | None:
    """A domain that limits a model to what belongs to the portal user, where its fields or its document's show one."""
    direct = _own(policy, model)
    if direct is not None or (known := policy.models.get(model)) is None:
        return direct
    for link, parent in document_links(policy, known):
        above = _own(policy, parent.name)
        if above is not None:
            return above.replace("('", f"('{link.name}.", 1)
    return None


def _own(policy: Policy, model: str) -> str | None:
    links = [
        field
        for field in fields_of(policy, model)
        if field.type == "many2one" and field.store and field.comodel in PEOPLE
    ]
    partners = sorted(
        (f.name for f in links if f.comodel == "res.partner"), key=lambda n: (n != "partner_id", n)
    )
    users = sorted(
        (f.name for f in links if f.comodel == "res.users" and f.name not in AUTOMATIC),
        key=lambda n: (n != "user_id", n),
    )
    if partners:
        return f"[('{partners[0]}', 'child_of', user.commercial_partner_id.id)]"
    if "mail.thread" in mixins(policy, model):
        return "[('message_partner_ids', 'child_of', user.commercial_partner_id.id)]"
    return f"[('{users[0]}', '=', user.id)]" if users else None
