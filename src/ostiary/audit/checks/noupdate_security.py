"""noupdate-security: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from ostiary.audit.asking.wording import at_most, audience_words, model_words, sentence, verbs
from ostiary.audit.finding import Confidence, Evidence, Finding, Severity
from ostiary.audit.registry import check
from ostiary.audit.rules.overwritten import internal, shown
from ostiary.audit.rules.undone import Undone, graveness, undone
from ostiary.policy.definitions import MODES, AccessRight, Changed, Definition, Group, Overwrite, RecordRule
from ostiary.policy.policy import Policy

_D = TypeVar("_D", bound=Definition)
_FILES = (".xml", ".csv")
_SHOWN = 6
# The values of a group, an access right or a rule that decide who may do what.
_DECIDING = frozenset(
    {"active", "domain_force", "group_id", "groups", "implied", "model_id"}
    | {f"perm_{mode}" for mode in MODES}
)
_KINDS = {AccessRight: "access right", RecordRule: "record rule", Group: "group"}
_WHY = "Odoo reads such a record when the module is first installed and never again"


@check(
    "noupdate-security",
    "A correction of rights or groups will not reach databases that have the module",
    Severity.LOW,
    references=("CWE-1329", "CWE-732", "OWASP A05:2021"),
    tags=("rights", "groups", "files"),
)
def noupdate_security(policy: Policy) -> Iterator[Finding]:
    """Looks for access rights and groups that updating a module doesn't bring to the databases that have it.

    ## What it does

    Reports, once for each file,

    - access rights that a data file defines in a `noupdate="1"` block (low). Rights that ship inactive are left out:
      a setting switches them, and an update must not undo that;
    - groups in such a block that imply others (information): a link taken out later stays in every database;
    - a change that a module makes to another module's record that stands in such a block (information). Odoo carries
      it out when the changing module is installed, whatever the block says, and not when it is updated: a new or
      corrected line in that file reaches new databases only;
    - the reverse: a change that a module makes, in a `noupdate="1"` block, to another module's record that stands in
      none. Updating the other module writes its record again, and passes over the block that changed it: what was taken
      away by it is given again. Medium where share users reach more by that (for rules that is proved), low
      where internal users do, where a group implies again what it should not, or where it can't be decided, and
      information where nobody reaches more. Only values that the other module writes itself get lost.

    Record rules in such a block are Odoo's own habit, since administrators adapt them, and are not reported.

    ## Why it is bad

    A module's next version takes a right away that was too wide. Who installs it is safe, and who updates is not, with
    the same version number and no message. A fault that was found and mended stays open where the data is.

    ## Example

    ```xml
    <data noupdate="1">
        <record id="access_loan_user" model="ir.model.access">
            <field name="name">loan user</field>
            <field name="model_id" ref="model_library_loan"/>
            <field name="group_id" ref="group_library_user"/>
            <field name="perm_read" eval="1"/>
            <field name="perm_write" eval="1"/>
        </record>
    </data>
    ```

    ## Use instead

    `security/ir.model.access.csv`, whose rows every update brings up to date. Where the block has to stay, or another
    module's rule is changed, ship each correction with a migration script that writes it.

    ## References

    - CWE-1329: Reliance on Component That is Not Updateable
    - CWE-732: Incorrect Permission Assignment for Critical Resource
    - OWASP Top 10 2021, A05: Security Misconfiguration
    """
    rights = [one for one in policy.rights if one.noupdate and one.active and one.modes]
    for found in _by_file(rights):
        yield _rights(found)
    groups = [
        one
        for one in policy.groups.values()
        if one.noupdate and any(link.origin.module == one.origin.module for link in one.implies)
    ]
    for several in _by_file(groups):
        yield _groups(several)
    for patches in _by_file(_patches(policy)):
        yield _changes(patches)
    for one in undone(policy, _DECIDING):
        yield _undone(policy, one)


def _by_file(found: Sequence[_D]) -> Iterator[list[_D]]:
    """What data files say, by file; in a database, the mark is what an administrator may have wanted."""
    files: dict[str, list[_D]] = {}
    for one in found:
        if not one.origin.path.endswith(_FILES):
            continue
        files.setdefault(one.origin.path, []).append(one)
    yield from files.values()


def _rights(found: list[AccessRight]) -> Finding:
    names = [one.xmlid for one in found]
    return noupdate_security.finding(
        at=found[0].origin,
        subject=found[0].xmlid,
        message=f"{_counted(len(found), 'access right')} of this file will never be corrected by an update: "
        f"{at_most(names, 3)} {_stand(found)} in a noupdate block. {_WHY}.",
        evidence=[
            Evidence(f"access right {one.xmlid} is in a noupdate block", one.origin) for one in found[:_SHOWN]
        ],
        fix="Move them to security/ir.model.access.csv, or into a block without noupdate. In databases that have the "
        "module, the mark stays on the records: take it off in a migration script "
        "(noupdate = False on their ir.model.data).",
        key=("rights",),
    )


def _groups(found: list[Group]) -> Finding:
    names = [one.xmlid for one in found]
    links = [(one, link) for one in found for link in one.implies if link.origin.module == one.origin.module]
    return noupdate_security.finding(
        at=found[0].origin,
        subject=found[0].xmlid,
        severity=Severity.INFO,
        message=f"What {at_most(names, 3)} {'imply' if len(found) > 1 else 'implies'} will never be corrected by an "
        f"update, since {'they stand' if len(found) > 1 else 'it stands'} in a noupdate block. {_WHY}.",
        evidence=[Evidence(f"{one.xmlid} implies {link.group}", link.origin) for one, link in links[:_SHOWN]],
        fix="Define groups outside of noupdate blocks. Where one is installed already, change what it implies by a "
        "migration script.",
        key=("groups",),
    )


def _patches(policy: Policy) -> list[Overwrite]:
    """What modules change of other modules' records that no update touches."""
    records: list[AccessRight | RecordRule | Group] = [*policy.rights, *policy.rules, *policy.groups.values()]
    kept = {one.xmlid for one in records if one.noupdate}
    return [
        one
        for one in policy.overwrites
        if one.xmlid in kept
        and one.xmlid.partition(".")[0] != one.origin.module
        and any(map(_decides, one.changes))
    ]


def _decides(change: Changed) -> bool:
    return change.field in _DECIDING


def _changes(found: list[Overwrite]) -> Finding:
    names = list(dict.fromkeys(one.xmlid for one in found))
    theirs = "that are" if len(names) > 1 else "that is"
    return noupdate_security.finding(
        at=found[0].origin,
        subject=names[0],
        severity=Severity.INFO,
        message=f"What this file changes of {at_most(names, 3)}, {theirs} in a noupdate block of another module, "
        "is carried out when this module is installed and not when it is updated: a correction of it reaches new "
        "databases only.",
        evidence=[step for one in found[:_SHOWN] for step in _changed(one)],
        fix="Nothing for now. Whenever these lines change, write the same in a migration script of the module.",
        key=("patch",),
    )


def _changed(found: Overwrite) -> Iterator[Evidence]:
    fields = [change.field for change in found.changes if _decides(change)]
    yield Evidence(f"{found.xmlid} is defined in a noupdate block", found.earlier)
    yield Evidence(f"{found.origin.module} changes {at_most(fields)} of {found.xmlid}", found.origin)


def _undone(policy: Policy, one: Undone) -> Finding:
    patch, definition = one.patch, one.definition
    owner, mine = patch.earlier.module, patch.origin.module
    fields = at_most([change.field for change in one.changes])
    what = _KINDS[type(definition)]
    return noupdate_security.finding(
        at=one.changes[0].origin,
        subject=patch.xmlid,
        model=None if isinstance(definition, Group) else definition.model,
        audience=shown(policy, [label for label, _ in one.opened or ()]),
        severity=graveness(policy, one),
        confidence=Confidence.LOW if one.opened is None else Confidence.HIGH,
        message=f"What {mine} changes of the {what} {patch.xmlid} ({fields}) is lost as soon as {owner} is "
        f"updated: {owner} writes its record again, and this change stands in a noupdate block, which "
        f"updates pass over. {_again(policy, one)}",
        evidence=[
            Evidence(f"{owner} defines it, in no noupdate block", patch.earlier),
            *(
                Evidence(
                    f"{mine} sets {change.field} to {change.after or 'nothing'}; after the update it is "
                    f"{change.before or 'empty'}",
                    change.origin,
                )
                for change in one.changes
            ),
        ],
        fix="Take the change out of the noupdate block, so that it is carried out again whenever the other module is "
        "updated.",
        module=mine,
        key=("undone",),
    )


def _again(policy: Policy, one: Undone) -> str:
    """What the update brings about."""
    if isinstance(one.definition, Group):
        return "The group then implies again what was taken away."
    words = model_words(policy, one.definition.model)
    if one.opened is None:
        return f"Whether somebody then reaches more of {words} can't be decided."
    if not one.opened:
        return "Nobody reaches more by that."
    gravest = [each for each in one.opened if not internal(policy, each[0])] or one.opened
    whom = audience_words(shown(policy, [label for label, _ in gravest]))
    modes = [mode for mode in MODES if any(mode is other for _, other in gravest)]
    return f"{sentence(whom)} may then {verbs(modes)} records of {words} that it kept from them."


def _counted(count: int, word: str) -> str:
    return f"{count} {word}s" if count > 1 else f"One {word}"


def _stand(found: Sequence[AccessRight]) -> str:
    return "stand" if len(found) > 1 else "stands"
