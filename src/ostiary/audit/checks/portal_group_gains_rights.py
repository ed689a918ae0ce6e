"""portal-group-gains-rights: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.companies import leaves
from ostiary.audit.facts import has_records, right_given, rule_said, weight
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.links import linked, steps
from ostiary.audit.registry import check
from ostiary.audit.sensitivity import Weight
from ostiary.audit.wording import at_most, audience_words, sentence, verbs
from ostiary.domain import Constant
from ostiary.policy.definitions import MODES, AccessRight, Implication, Mode, RecordRule
from ostiary.policy.groups import chain, closure
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC

_WORDS = {PORTAL: "portal", PUBLIC: "public"}
_SHOWN = 6


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
    the portal, so that they show more records). A group that only switches a feature on, without rights
    and rules, is not reported, and neither is one that leads to internal users: that is
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
        group = policy.groups.get(start)
        for link in group.implies if group else ():
            brought = closure(policy, (link.group,))
            if INTERNAL in brought or start in brought:
                continue
            rest = (other.group for other in group.implies if other.group != link.group) if group else ()
            gained = brought - closure(policy, rest) - {start}
            rights = [
                right
                for right in policy.rights
                if right.active and right.modes and right.group in gained and has_records(policy, right.model)
            ]
            rules = [rule for rule in policy.rules if _widens(policy, rule, gained, start)]
            if rights or rules:
                yield _finding(policy, start, link, rights, rules)


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
    policy: Policy, start: str, link: Implication, rights: list[AccessRight], rules: list[RecordRule]
) -> Finding:
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
    ways = [
        step
        for name in sorted(
            {right.group for right in rights if right.group}
            | {name for rule in rules for name in rule.group_names}
        )
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
        ],
        fix=f"Remove {link.group} from the implied groups of {start}; give {start} its own access right, with a record "
        "rule, on each model it needs.",
        key=(link.group,),
    )
