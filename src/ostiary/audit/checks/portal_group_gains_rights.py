"""portal-group-gains-rights: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import has_records, may, right_given, rule_said, weight
from ostiary.audit.asking.links import linked, steps
from ostiary.audit.asking.wording import at_most, audience_words, enumerated, sentence, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.companies import leaves
from ostiary.audit.weighing.sensitivity import Weight
from ostiary.domain import Constant
from ostiary.policy.definitions import MODES, AccessRight, Field, Implication, Mode, RecordRule
from ostiary.policy.groups import chain, closure, has_groups, named_groups
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_WORDS = {PORTAL: "portal", PUBLIC: "public"}
_SHOWN = 6

# A link, and the groups it brings.
Gain = tuple[Implication, frozenset[str]]


@check(
    "portal-group-gains-rights",
    "The portal or public group gains another group's rights",
    Severity.HIGH,
    references=("CWE-266", "CWE-269", "OWASP A01:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("groups",),
)
def portal_group_gains_rights(policy: Policy) -> Iterator[Finding]:
    """Looks for groups that portal or public users get by implication, and that let them do more.

    ## What it does

    For every group that `base.group_portal` or `base.group_public` implies, collects what it brings that
    the user type doesn't have by itself: access rights, and group rules (which are ORed with those of
    the portal, so that they show more records). A group that several links lead to is reported with the link to
    itself, or else with the first. Fields that such a group opens are mentioned. A group that only switches a
    feature on, without rights and rules, is not reported, and neither is one that leads to internal users: that is
    [portal-reaches-internal](portal-reaches-internal.md).

    ## Why it is bad

    The rights of that group were written for somebody else. Whoever adds a right to it later gives it
    to every customer or visitor as well, and nothing in that file says so.

    ## Example

    ```xml
    <record id="base.group_portal" model="res.groups">
        <field name="implied_ids" eval="[(4, ref('estate.group_broker'))]"/>
    </record>
    ```

    where `estate.group_broker` may read and change `estate.offer`.

    ## Use instead

    Leave the group out, and give the portal group its own access right with its own record rule:

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_offer_portal,offer portal,model_estate_offer,base.group_portal,1,0,0,0
    ```

    ## References

    - CWE-266: Incorrect Privilege Assignment
    - CWE-269: Improper Privilege Management
    - OWASP Top 10 2021, A01: Broken Access Control
    """
    for start in _WORDS:
        for link, gained in _gains(policy, start):
            rights = [
                right
                for right in policy.rights
                if right.active and right.modes and right.group in gained and has_records(policy, right.model)
            ]
            rules = [rule for rule in policy.rules if _widens(policy, rule, gained, start)]
            if rights or rules:
                yield _finding(policy, start, (link, gained), rights, rules)


def _gains(policy: Policy, start: str) -> Iterator[Gain]:
    """Each link of a user type with the groups it brings, every group with one link only.

    That is the link to the group itself, or else the first that leads to it. A way back to the user type ends there.
    """
    group = policy.groups.get(start)
    links = group.implies if group else ()
    taken = {start, *(link.group for link in links)}
    for link in links:
        brought = _reached(policy, link.group, start)
        if link.group == start or INTERNAL in brought:
            continue
        gained = frozenset({link.group} | (brought - taken))
        taken |= gained
        yield link, gained


def _reached(policy: Policy, group: str, without: str) -> frozenset[str]:
    """A group and all it implies, but for what only goes through another."""
    seen = {group}
    todo = [group]
    while todo:
        known = policy.groups.get(todo.pop())
        new = [link.group for link in known.implies if link.group not in seen] if known else []
        todo += [name for name in new if name != without]
        seen.update(todo)
    return frozenset(seen)


def _widens(policy: Policy, rule: RecordRule, gained: frozenset[str], start: str) -> bool:
    """Whether the rule adds records to those another group rule lets this user type see."""
    if not rule.active or gained.isdisjoint(rule.group_names) or start in rule.group_names:
        return False
    if all(isinstance(part, Constant) and not part.value for part in leaves(rule.domain)):
        return False
    own = closure(policy, (start,)) - gained
    return any(
        other is not rule and not own.isdisjoint(other.group_names) and set(other.modes) & set(rule.modes)
        for other in policy.rules_by_model.get(rule.model, ())
    )


def _made_for_it(policy: Policy, link: Implication) -> bool:
    """Whether the module that makes the link also defines the group: then the group is meant for share users."""
    group = policy.groups.get(link.group)
    return group is not None and group.origin.module == link.origin.module


def _finding(
    policy: Policy, start: str, gain: Gain, rights: list[AccessRight], rules: list[RecordRule]
) -> Finding:
    link, gained = gain
    by_model: dict[str, set[Mode]] = {}
    for right in rights:
        by_model.setdefault(right.model, set()).update(right.modes)
    said = [
        f"{verbs([mode for mode in MODES if mode in by_model[model]])} {model}" for model in sorted(by_model)
    ]
    gains = [f"may {at_most(said)}"] if said else []
    if rules:
        gains.append(
            f"see the records of {at_most(sorted({rule.model for rule in rules}))} that its rules let through"
        )
    grave = any(set(right.modes) - {Mode.READ} for right in rights) or any(
        weight(policy, model) is Weight.PERSONAL for model in by_model
    )
    what: list[Evidence] = [right_given(right) for right in rights] + [rule_said(rule) for rule in rules]
    more = [Evidence(f"and {len(what) - _SHOWN} more access rights and rules")] if len(what) > _SHOWN else []
    named = {right.group for right in rights if right.group}
    named |= {name for rule in rules for name in rule.group_names}
    others = _others(policy, start, link, gained & named)
    ways = [
        step
        for name in sorted(named)
        for step in linked(steps(link.group, chain(policy, link.group, name) or ()))
    ]
    return portal_group_gains_rights.finding(
        at=link.origin,
        subject=start,
        audience=(_WORDS[start],),
        severity=Severity.HIGH if grave else Severity.LOW if _made_for_it(policy, link) else Severity.MEDIUM,
        message=f"{sentence(audience_words((_WORDS[start],)))} get the group {link.group} and {' and '.join(gains)}.",
        evidence=[
            Evidence(f"{start} implies {link.group}", link.origin),
            *dict.fromkeys(ways),
            *what[:_SHOWN],
            *more,
            *_opened(policy, start, gained),
            *(
                Evidence(f"{start} gets there through {other.group} as well", other.origin)
                for other in others
            ),
        ],
        fix=f"Remove {enumerated([link.group, *(other.group for other in others)])} from the implied groups of "
        f"{start}; give {start} its own access right, with a record rule, on each model it needs.",
        key=(link.group,),
    )


def _others(policy: Policy, start: str, link: Implication, named: frozenset[str]) -> list[Implication]:
    """The other links of the user type that lead to the same groups, so that taking one away is not enough."""
    group = policy.groups.get(start)
    return [
        other
        for other in (group.implies if group else ())
        if other.group not in (link.group, start)
        and not named.isdisjoint(_reached(policy, other.group, start))
    ]


def _opened(policy: Policy, start: str, gained: frozenset[str]) -> Iterator[Evidence]:
    """The fields with groups that the user type sees because of what it gained, on models it may read."""
    held = closure(policy, (start,))
    fields = [
        (f"{model.name}.{field.name}", field)
        for model in policy.models.values()
        for field in model.fields.values()
        if field.groups
        and not gained.isdisjoint(named_groups(field.groups))
        and has_groups(field.groups, held, policy.semantics)
        and not has_groups(field.groups, held - gained, policy.semantics)
        and may(policy, _WORDS[start], model.name, Mode.READ)
    ]
    if fields:
        said = at_most(sorted(name for name, _ in fields))
        yield Evidence(
            f"it opens {said}, which only {enumerated(sorted(gained & _asked(fields)))} may see",
            fields[0][1].origin,
        )


def _asked(fields: list[tuple[str, Field]]) -> frozenset[str]:
    return frozenset(name for _, field in fields for name in named_groups(field.groups))
