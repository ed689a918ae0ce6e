"""right-without-effect: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.dependencies import installed_with
from ostiary.audit.asking.facts import in_context, right_given
from ostiary.audit.asking.wording import at_most, columns, model_words, verbs, words_of
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.policy.audience import audience_of
from ostiary.policy.definitions import MODES, AccessRight
from ostiary.policy.groups import chain, closure
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread

_SHOWN = 4


@check(
    "right-without-effect",
    "An access right does nothing",
    Severity.MEDIUM,
    references=("CWE-1164", "CWE-732", "OWASP A05:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rights",),
)
def right_without_effect(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights without which everybody could do just what they can now.

    ## What it does

    Reports two sorts of rows:

    - A row of zeros for a group that gets modes by another row, of its own or of an implied group. It takes nothing
      away: rights only add up. Medium where the group is one of share users, low otherwise, since somebody seems to
      rely on it.
    - A row all of whose modes another row of the same file or module gives to the same group, or to everybody:
      information. Often the group of one of the two is a slip.

    Left out on purpose: a row of zeros that nothing contradicts, which says that nobody is meant and keeps Odoo from
    warning that a model has no right; rows that a manager's group repeats from the user's group it implies; rows on
    abstract models, whose rights Odoo asks for where a view of one is opened. `ostiary prove --waste` lists all
    definitions that change nothing.

    ## Why it is bad

    Whoever reads the file believes that it says who may do what. A row of zeros looks like a refusal, and isn't one.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_member_user,member user,model_library_member,base.group_user,1,1,0,0
    access_member_trainee,member trainee,model_library_member,library.group_trainee,0,0,0,0
    ```

    where `library.group_trainee` implies `base.group_user`: trainees read and change members.

    ## Use instead

    Give the right to a group that trainees don't have:

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_member_desk,member desk,model_library_member,library.group_desk,1,1,0,0
    ```

    ## References

    - CWE-1164: Irrelevant Code
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    elsewhere = {one.xmlid for one in policy.overwrites if one.origin.module != one.earlier.module}
    for right in policy.rights:
        if in_context(policy, right.origin.module) or not right.active or right.uncertain:
            continue
        if right.group is not None and not _exists(policy, right.group):
            continue  # unknown-reference says it, or the module of the group was not read
        if right.xmlid in elsewhere:
            continue  # what another module made of it says nothing about the row that stands here
        known = policy.models.get(right.model)
        if known is None or known.abstract or model_unread(policy, right.model):
            continue
        if not right.modes:
            yield from _refused_in_vain(policy, right)
        else:
            yield from _given_twice(policy, right)


def _exists(policy: Policy, name: str) -> bool:
    known = policy.groups.get(name)
    return known is not None and not known.unresolved


def _refused_in_vain(policy: Policy, right: AccessRight) -> Iterator[Finding]:
    """A row of zeros whose group gets something all the same."""
    others = _others(policy, right)
    if right.group is None or not others:
        return
    audience = audience_of(policy, right.group)
    modes = [mode for mode in MODES if any(mode in other.modes for other in others)]
    evidence = [Evidence(f"{right.xmlid} gives {right.group} nothing", right.origin)]
    for other in others[:_SHOWN]:
        evidence += _chain(policy, right.group, other.group)
        evidence.append(right_given(other))
    yield right_without_effect.finding(
        at=right.origin,
        subject=right.xmlid,
        model=right.model,
        audience=audience.labels or (right.group,),
        severity=Severity.MEDIUM if audience else Severity.LOW,
        message=f"Users of {right.group} may {verbs(modes)} records of {model_words(policy, right.model)} though "
        f"{right.xmlid} gives them nothing: rights only add up, and "
        f"{at_most([other.xmlid for other in others])} {'gives' if len(others) == 1 else 'give'} it.",
        evidence=evidence,
        fix=f"If they are not meant to, take {columns(modes)} out of "
        f"{at_most([other.xmlid for other in others])}, or give that right to a group they don't hold; "
        f"otherwise take {right.xmlid} out.",
    )


def _given_twice(policy: Policy, right: AccessRight) -> Iterator[Finding]:
    """A row that gives a group nothing more than another one of its module."""
    mine = _rows(policy).get((right.model, right.group), ())
    everybody = _rows(policy).get((right.model, None), ()) if right.group else ()
    earlier = True
    for other in (*mine, *everybody):
        if other is right:
            earlier = False
            continue
        if other.origin.module != right.origin.module or not set(right.modes) <= set(other.modes):
            continue
        alike = other.group == right.group and set(right.modes) == set(other.modes)
        if alike and not earlier:
            continue  # of two that say the same, the later one is reported
        whom = right.group if other.group else f"everybody, {right.group} included,"
        yield right_without_effect.finding(
            at=right.origin,
            subject=right.xmlid,
            model=right.model,
            severity=Severity.INFO,
            message=f"The access right {right.xmlid} changes nothing: {other.xmlid} gives {whom or 'everybody'} "
            f"{words_of(right.modes)} on {model_words(policy, right.model)} already.",
            evidence=[right_given(right), right_given(other)],
            fix=f"Take {right.xmlid} out, or give it the group it is meant for.",
        )
        return


def _chain(policy: Policy, start: str, goal: str | None) -> Iterator[Evidence]:
    for link in (chain(policy, start, goal) if goal else None) or ():
        yield Evidence(f"{start} implies {link.group}", link.origin)
        start = link.group


def _others(policy: Policy, right: AccessRight) -> list[AccessRight]:
    """The other rows on the model that whoever has this one has too, wherever its module is installed."""
    names = installed_with(policy, right.origin.module) or frozenset({right.origin.module})
    held = closure(policy, (right.group,)) if right.group else frozenset()
    return [
        other
        for group in (None, *sorted(held))
        for other in _rows(policy).get((right.model, group), ())
        if other is not right and other.origin.module in names
    ]


def _rows(policy: Policy) -> dict[tuple[str, str | None], list[AccessRight]]:
    """The rows that give something, by model and group, in loading order."""

    def index() -> dict[tuple[str, str | None], list[AccessRight]]:
        found: dict[tuple[str, str | None], list[AccessRight]] = {}
        for right in policy.rights:
            if right.active and right.modes and not right.uncertain:
                found.setdefault((right.model, right.group), []).append(right)
        return found

    return remembered(policy, ("audit rows by group",), index)
