"""The record rule a finding proposes: written out for the model's own fields."""

from __future__ import annotations

from ostiary.audit.facts import group_of, reach
from ostiary.audit.sensitivity import AUTOMATIC, PEOPLE, document_links, fields_of, mixins
from ostiary.audit.wording import enumerated, model_ref
from ostiary.policy.definitions import MODES
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
                f"Take the access right away and let a controller show what is meant to be public of {model}: "
                "visitors have no records of their own."
            )
        return _limited(policy, module, model, label, f"[('{name}', '=', True)]", about="published records")
    own = own_records(policy, model)
    if own is None:
        return (
            f"{model} has no field that ties a record to a portal user: add one (e.g. partner_id) and a record "
            f"rule for {group} on it, or take the access right away."
        )
    return _limited(policy, module, model, label, own, about="own records")


def nothing_to_limit_by(policy: Policy, model: str, label: str) -> bool:
    """Whether no field of the model can limit it for the audience."""
    group = group_of(label)
    if group is None or group == PUBLIC:
        return not any(field.name in _PUBLISHED for field in fields_of(policy, model))
    return own_records(policy, model) is None


def _limited(policy: Policy, module: str, model: str, label: str, domain: str, *, about: str) -> str:
    """The domain for the group rules the audience has, since rules of groups are ORed; a new rule where it has none."""
    rules = {
        rule.xmlid: rule
        for mode in MODES
        for rule in reach(policy, label, model, mode).group_rules
        if rule.model == model
    }
    if rules:
        more = " Group rules are alternatives, so that adding one limits nothing."
        return f'In {enumerated(list(rules))}:\n<field name="domain_force">{domain}</field>\n{more.strip()}'
    return rule_xml(policy, module, model, domain, group=group_of(label), about=about)


def rule_xml(policy: Policy, module: str, model: str, domain: str, *, group: str | None, about: str) -> str:
    """The XML of a record rule."""
    known = policy.models.get(model)
    title = known.description if known and known.description else model
    word = (group or "company").partition(".")[2].removeprefix("group_") or "company"
    xmlid = _free(policy, module, f"{model.replace('.', '_')}_rule_{word}")
    lines = [
        f'<record id="{xmlid}" model="ir.rule">',
        f'    <field name="name">{title}: {about}</field>',
        f'    <field name="model_id" ref="{model_ref(policy, model, module)}"/>',
        f'    <field name="domain_force">{domain}</field>',
    ]
    if group is not None:
        lines.append(f'    <field name="groups" eval="[(4, ref(\'{group}\'))]"/>')
    return "\n".join([*lines, "</record>"])


def _free(policy: Policy, module: str, name: str) -> str:
    """The name, or one like it that no rule of the module has yet, loaded or not."""
    taken = {rule.xmlid for rule in policy.rules}
    taken.update(rule.xmlid for file in policy.unloaded for rule in file.rules)
    names = [name, f"{name}_own", *(f"{name}_{number}" for number in range(2, 10))]
    return next((one for one in names if f"{module}.{one}" not in taken), name)


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
