"""The record rule a finding proposes: written out for the model's own fields."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostiary.audit.asking.facts import group_of, groups_held, reach
from ostiary.audit.asking.wording import enumerated, model_ref
from ostiary.audit.weighing.sensitivity import (
    AUTOMATIC,
    PEOPLE,
    document_links,
    fields_of,
    labelled_as_place,
    mixins,
)
from ostiary.policy.definitions import MODES, Mode, RecordRule
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import PUBLIC

# Contacts who deal with a record, or are the other side of it.
_NO_OWNER = re.compile(
    r"(?:^|_)(?:author|operator|sender|manager|vendor|supplier|manufacturer|carrier|organi[sz]er)(?:$|_)"
)
_PUBLISHED = ("website_published", "is_published")


def how_to_limit(
    policy: Policy, module: str, model: str, label: str, modes: Sequence[Mode] = (Mode.READ,)
) -> str:
    """The rule that would limit a model for an audience in some modes, or what to do where its fields offer nothing."""
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
        published = f"[('{name}', '=', True)]"
        return _limited(
            policy, module, model, label, domain=published, modes=modes, about="published records"
        )
    own = own_records(policy, model)
    if own is None:
        return (
            f"{model} has no field that ties a record to a portal user: add one (e.g. partner_id) and a record "
            f"rule for {group} on it, or take the access right away."
        )
    return _limited(policy, module, model, label, domain=own, modes=modes, about="own records")


def nothing_to_limit_by(policy: Policy, model: str, label: str) -> bool:
    """Whether no field of the model can limit it for the audience."""
    group = group_of(label)
    if group is None or group == PUBLIC:
        return not any(field.name in _PUBLISHED for field in fields_of(policy, model))
    return own_records(policy, model) is None


def _limited(
    policy: Policy, module: str, model: str, label: str, *, domain: str, modes: Sequence[Mode], about: str
) -> str:
    """What to write: the domain for the group rules the audience has in these modes, since rules of groups are ORed,
    and a new rule where it has none. A rule that also says what they read is not narrowed for what they change."""
    rules = _group_rules(policy, label, model, modes)
    rest = [mode for mode in MODES if mode not in modes and _group_rules(policy, label, model, (mode,))]
    group = group_of(label)
    if not rules:
        return rule_xml(policy, module, model, domain, group=group, about=about, without=rest)
    names = enumerated(list(rules))
    bound = {name for rule in rules.values() for name in rule.group_names}
    others = sorted(bound - groups_held(policy, label))
    if others and group is not None:
        changed = Mode.READ not in modes
        kept = " a rule with the same domain to read, and" if changed else ""
        without = (Mode.READ,) if changed else ()
        xml = rule_xml(policy, module, model, domain, group=group, about=about, without=without)
        whose = f"{names} {'are' if len(rules) > 1 else 'is'} for {enumerated(others)} too"
        return f"{whose}: take {group} out, and give it{kept} this one instead:\n{xml}"
    if Mode.READ in modes or not any(Mode.READ in rule.modes for rule in rules.values()):
        more = "Group rules are alternatives, so that adding one limits nothing."
        return f'In {names}:\n<field name="domain_force">{domain}</field>\n{more}'
    away = "\n".join(f'<field name="{one}" eval="False"/>' for one in map(_column, modes))
    xml = rule_xml(policy, module, model, domain, group=group, about=about, without=rest)
    return f"In {names}, which also {'say' if len(rules) > 1 else 'says'} what they read:\n{away}\nand beside:\n{xml}"


def _group_rules(policy: Policy, label: str, model: str, modes: Sequence[Mode]) -> dict[str, RecordRule]:
    """The model's own group rules that bind an audience in any of the modes."""
    return {
        rule.xmlid: rule
        for mode in modes
        for rule in reach(policy, label, model, mode).group_rules
        if rule.model == model
    }


def _column(mode: Mode) -> str:
    return f"perm_{mode.value}"


def rule_xml(
    policy: Policy,
    module: str,
    model: str,
    domain: str,
    *,
    group: str | None,
    about: str,
    without: Sequence[Mode] = (),
) -> str:
    """The XML of a record rule, that is for all modes but those `without`."""
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
    lines += (f'    <field name="{_column(mode)}" eval="False"/>' for mode in without)
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


def _as_owner(name: str) -> tuple[bool, bool, str]:
    """How likely a link to a contact is to whom the record belongs."""
    return (name != "partner_id", not name.endswith("partner_id"), name)


def _own(policy: Policy, model: str) -> str | None:
    links = [
        field
        for field in fields_of(policy, model)
        if field.type == "many2one" and field.store and field.comodel in PEOPLE
    ]
    partners = sorted(
        (f.name for f in links if f.comodel == "res.partner" and not labelled_as_place(f)), key=_as_owner
    )
    owners = [name for name in partners if not _NO_OWNER.search(name)]
    users = sorted(
        (f.name for f in links if f.comodel == "res.users" and f.name not in AUTOMATIC),
        key=lambda n: (n != "user_id", n),
    )
    if not owners and "mail.thread" in mixins(policy, model):
        return "[('message_partner_ids', 'child_of', user.commercial_partner_id.id)]"
    if partners:
        return f"[('{(owners or partners)[0]}', 'child_of', user.commercial_partner_id.id)]"
    return f"[('{users[0]}', '=', user.id)]" if users else None
