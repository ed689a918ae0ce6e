"""duplicate-access-right-id: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.facts import groups_held, in_context, right_given
from ostiary.audit.asking.limits import Limit, limit
from ostiary.audit.asking.places import gives
from ostiary.audit.asking.wording import audience_words, model_words, verbs
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.overwritten import audiences, internal, right_before, right_of, same_model, shown
from ostiary.audit.weighing.private_models import signs
from ostiary.audit.weighing.severity import severity
from ostiary.policy.definitions import MODES, AccessRight, Mode, Overwrite
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting
from ostiary.policy.semantics import INTERNAL
from ostiary.policy.subject import Subject

_Gain = tuple[str, Mode]


@check(
    "duplicate-access-right-id",
    "Two access rights share an external id, so that one is lost",
    Severity.MEDIUM,
    references=("CWE-694", "CWE-732", "OWASP A05:2021", "ASVS 4.0.3 V4.1.3"),
    tags=("rights", "files"),
)
def duplicate_access_right_id(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights that take the place of others because they have the same external id.

    ## What it does

    Reports an access right that a later row of the same module overwrites: the whole row, since each row of a CSV file
    says all of it. Medium where the model changes, so that a model loses its right; low where a group loses a mode it
    doesn't get otherwise; information where nothing is lost. A record that changes a few values
    of a right of its own module does so on purpose, and isn't reported.

    A right of another module is changed by naming its id in full. What somebody may newly do by that is
    reported by who they are and what the records hold, low at most where rules leave them only their own; a change
    that only takes modes away is information. What [share-can-write](share-can-write.md),
    [share-model-without-rule](share-model-without-rule.md), [rule-company-only](rule-company-only.md),
    [access-right-without-group](access-right-without-group.md) and
    [sensitive-model-readable](sensitive-model-readable.md) report of the very line is left to them.

    ## Why it is bad

    Odoo says nothing when an id comes twice: the last one wins. The right that was lost looks as
    though it held, and whoever needs it is helped with `sudo()` or a wider group.

    ## Example

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_library_book,book user,model_library_book,base.group_user,1,0,0,0
    access_library_book,book librarian,model_library_book,library.group_librarian,1,1,1,1
    ```

    ## Use instead

    ```csv
    id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
    access_library_book_user,book user,model_library_book,base.group_user,1,0,0,0
    access_library_book_librarian,book librarian,model_library_book,library.group_librarian,1,1,1,1
    ```

    ## References

    - CWE-694: Use of Multiple Resources with Duplicate Identifier
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    for one in policy.overwrites:
        if one.model != "ir.model.access" or one.deleted or in_context(policy, one.origin.module):
            continue
        right = right_of(policy, one.xmlid)
        if right is None:
            continue
        if one.origin.module != one.earlier.module:
            yield from _of_another_module(policy, one, right)
        elif _whole(one):
            yield _given_twice(policy, one, right)


def _whole(one: Overwrite) -> bool:
    """Whether the later place is a definition of its own, and no change of the earlier one."""
    in_rows = one.origin.path.endswith(".csv") and one.earlier.path.endswith(".csv")
    written = {change.field for change in one.changes}
    return in_rows or not same_model(one) or written >= {"name", "group_id"}


# -- the same module -----------------------------------------------------------------------------------------------


def _given_twice(policy: Policy, one: Overwrite, right: AccessRight) -> Finding:
    before = right_before(right, one.changes)
    evidence = [
        Evidence("the id was given here first", one.earlier),
        Evidence("and once more here: the last one wins", one.origin),
        *(
            Evidence(f"{change.field} was {change.before or 'empty'}, and is {change.after or 'empty'} now")
            for change in one.changes
            if change.field != "name"
        ),
    ]
    grave, effect = _lost(policy, one, right, before)
    return duplicate_access_right_id.finding(
        at=one.origin,
        subject=one.xmlid,
        model=right.model,
        severity=grave,
        message=f"The access right {one.xmlid} is given twice, and Odoo keeps the last one: {effect}.",
        evidence=evidence,
        fix=_other_id(policy, one, right) if one.changes else "Take one of the two rows out.",
    )


def _lost(
    policy: Policy, one: Overwrite, right: AccessRight, before: AccessRight | None
) -> tuple[Severity, str]:
    """What the earlier one gave that nothing gives now, and how grave that is."""
    if before is None:
        named = next((change.before for change in one.changes if change.field == "model_id"), "")
        return Severity.MEDIUM, f"what it gave on {named} before is lost"
    lost = [
        (label, mode)
        for label, mode in _pairs(policy, before, right)
        if gives(policy, before, label, mode) and not _granted(policy, label, right.model, mode)
    ]
    if not lost:
        return Severity.INFO, "nothing is lost, since what the first one gave is given otherwise too"
    said = _said(policy, right, lost).replace(" may ", " may not ", 1)
    return Severity.LOW, f"{said}, though the first one says so"


def _granted(policy: Policy, label: str, model: str, mode: Mode) -> tuple[str, ...]:
    """The external ids of the rights that give an audience a mode."""

    def find() -> tuple[str, ...]:
        subject = Subject(name=label, groups=groups_held(policy, label))
        return tuple(one.xmlid for one in granting(policy, subject, model, mode))

    return remembered(policy, ("audit granted", label, model, mode), find)


def _other_id(policy: Policy, one: Overwrite, right: AccessRight) -> str:
    name = one.xmlid.partition(".")[2]
    group = (right.group or "everybody").partition(".")[2].removeprefix("group_") or "user"
    proposed = f"{name}_{group}"
    taken = right_of(policy, f"{one.origin.module}.{proposed}") is not None
    return f"Give the second one an id of its own{'' if taken else f', such as {proposed}'}."


# -- another module ------------------------------------------------------------------------------------------------


def _of_another_module(policy: Policy, one: Overwrite, right: AccessRight) -> Iterator[Finding]:
    before = right_before(right, one.changes)
    if before is None:
        yield _another_model(one, right)
        return
    if not one.changes or _same(before, right):
        return
    gained = [
        (label, mode)
        for label, mode in _pairs(policy, before, right)
        if _granted(policy, label, right.model, mode) == (one.xmlid,)
        and not gives(policy, before, label, mode)
    ]
    left = [each for each in gained if not _told(policy, right, before, *each)]
    if left:
        yield _widened(policy, one, right, before, left)
    elif not gained:
        yield _narrowed(one, right, before)


def _told(policy: Policy, right: AccessRight, before: AccessRight, label: str, mode: Mode) -> bool:
    """Whether another check says, of the very line, that an audience newly has a mode."""
    if right.group is None:
        return before.group is not None or mode not in before.modes  # access-right-without-group
    if label == INTERNAL and mode is Mode.READ and signs(policy, right.model):
        return True  # sensitive-model-readable
    if internal(policy, label):
        return False
    return limit(policy, label, right.model, mode) not in (
        Limit.OWN,
        Limit.NOTHING,
    )  # share-can-write and its like


def _same(before: AccessRight, right: AccessRight) -> bool:
    return (before.group, before.modes, before.active) == (right.group, right.modes, right.active)


def _widened(
    policy: Policy, one: Overwrite, right: AccessRight, before: AccessRight, gained: list[_Gain]
) -> Finding:
    graded = [(_severity(policy, right, label, mode), (label, mode)) for label, mode in gained]
    gravest = max(rank for rank, _ in graded)
    worst = {label for rank, (label, _) in graded if rank is gravest}
    told = [(label, mode) for label, mode in gained if label in worst]
    return duplicate_access_right_id.finding(
        at=one.origin,
        subject=one.xmlid,
        model=right.model,
        audience=shown(policy, [label for label, _ in told]),
        severity=gravest,
        message=f"The module {one.origin.module} changes the access right {one.xmlid} of {one.earlier.module}, "
        f"so that {_said(policy, right, told)}.",
        evidence=_steps(one, right, before),
        fix=f"Leave {one.xmlid} as it is, and give the group that is meant an access right of "
        f"{one.origin.module}'s own; if these users are not meant, take the row out.",
    )


def _severity(policy: Policy, right: AccessRight, label: str, mode: Mode) -> Severity:
    """How grave it is that somebody newly has a mode; what rules leave them only of their own is low at most."""
    sort = limit(policy, label, right.model, mode)
    if sort is Limit.NOTHING:
        return Severity.INFO
    grave = severity(policy, "internal" if internal(policy, label) else label, right.model, mode)
    return min(grave, Severity.LOW) if sort is Limit.OWN else grave


def _narrowed(one: Overwrite, right: AccessRight, before: AccessRight) -> Finding:
    return duplicate_access_right_id.finding(
        at=one.origin,
        subject=one.xmlid,
        model=right.model,
        severity=Severity.INFO,
        message=f"The module {one.origin.module} changes the access right {one.xmlid} of {one.earlier.module}, "
        "which gives less by that.",
        evidence=_steps(one, right, before),
        fix="Nothing, if that is meant.",
    )


def _another_model(one: Overwrite, right: AccessRight) -> Finding:
    named = next((change.before for change in one.changes if change.field == "model_id"), "")
    return duplicate_access_right_id.finding(
        at=one.origin,
        subject=one.xmlid,
        model=right.model,
        message=f"The module {one.origin.module} makes the access right {one.xmlid} of {one.earlier.module} one "
        f"on {right.model}: what it gave on {named} is lost.",
        evidence=[
            Evidence(f"{one.earlier.module} gave it on {named}", one.earlier),
            right_given(right),
        ],
        fix=f"Give the right an id of {one.origin.module}'s own.",
    )


def _steps(one: Overwrite, right: AccessRight, before: AccessRight) -> list[Evidence]:
    return [
        Evidence(f"as {one.earlier.module} made it: {right_given(before).text}", one.earlier),
        Evidence(f"as it is now: {right_given(right).text}", one.origin),
    ]


def _pairs(policy: Policy, *rights: AccessRight) -> Iterator[_Gain]:
    for label in audiences(policy, *(right.group for right in rights)):
        for mode in MODES:
            yield label, mode


def _said(policy: Policy, right: AccessRight, pairs: list[_Gain]) -> str:
    """`portal users may read and change records of Book (library.book)`."""
    whom = shown(policy, [label for label, _ in pairs])
    modes = [mode for mode in MODES if any(mode is other for _, other in pairs)]
    return f"{audience_words(whom)} may {verbs(modes)} records of {model_words(policy, right.model)}"
