"""What several checks ask of a policy, worked out once and kept with it.

Who is reached by a definition, what that audience may do to a model, and what limits the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from ostiary.audit.asking.wording import audience_words, enumerated, rule_words, sentence, words_of
from ostiary.audit.finding import Confidence, Evidence, Severity
from ostiary.audit.weighing.sensitivity import Holding, Weight, holding
from ostiary.domain import Domain, fold, truth
from ostiary.policy.audience import EVERYONE, Audience, audience_chain, audience_of
from ostiary.policy.definitions import AccessRight, Kind, Mode, RecordRule
from ostiary.policy.effective import Unknown, answer, asked_groups, effective
from ostiary.policy.groups import closure
from ostiary.policy.memo import remembered
from ostiary.policy.overrides import deciding_overrides
from ostiary.policy.policy import Policy
from ostiary.policy.rights import granting
from ostiary.policy.rules import applicable
from ostiary.policy.semantics import PORTAL, PUBLIC
from ostiary.policy.subject import Subject

_GROUPS = {"portal": PORTAL, "public": PUBLIC}
_LONGEST = 160
_MARKED = re.compile(r"""\{'\$(?:ref': '(?P<name>[^']*)'|code': (?P<quote>['"])(?P<code>.*?)(?P=quote))\}""")
# What Odoo itself guards in Python, record by record.
_GUARDED = frozenset({"ir.attachment", "mail.activity", "mail.message"})

# How grave it is that every record of a model is shown to portal users or visitors.
EXPOSED = {
    Weight.PERSONAL: Severity.HIGH,
    Weight.BUSINESS: Severity.MEDIUM,
    Weight.UNKNOWN: Severity.MEDIUM,
    Weight.DISCUSSED: Severity.LOW,
    Weight.REFERENCE: Severity.INFO,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What limits one audience on one model in one mode, given that a right lets it in.

    `rules` are all the rules that apply, `group_rules` those that are ORed. `truth` is True where every
    record is reached, False where none is. `unknowns` is what keeps this from being certain, e.g. that the model's
    own module was not read. `python` names the methods of the model that may keep records back in this mode in code,
    which is not judged; `guarded` says that Odoo's own code is known to. `code_unread` says that there may be some,
    since the model's classes were not read.
    """

    domain: Domain
    truth: bool | None
    rules: tuple[RecordRule, ...]
    group_rules: tuple[RecordRule, ...]
    unknowns: tuple[Unknown, ...]
    python: tuple[str, ...]
    code_unread: bool = False
    guarded: bool = False

    def lowered(self, severity: Severity) -> Severity:
        """One step less grave where code may keep records back, and never more: an override may do anything."""
        if not self.python or severity <= Severity.LOW:
            return severity
        steps = {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM}
        return Severity.LOW if self.guarded else steps.get(severity, Severity.LOW)

    @property
    def confidence(self) -> Confidence:
        if self.python or self.unknowns:
            return Confidence.LOW
        return Confidence.MEDIUM if self.code_unread else Confidence.HIGH


def group_of(label: str) -> str | None:
    """The group that holds everybody of an audience's label; None for `everyone`."""
    return None if label == EVERYONE else _GROUPS.get(label, label)


def groups_held(policy: Policy, label: str) -> frozenset[str]:
    """What everybody of this audience holds; nothing for `everyone`."""
    group = group_of(label)
    return closure(policy, (group,)) if group else frozenset()


def may(policy: Policy, label: str, model: str, mode: Mode) -> bool:
    """Whether an access right lets the audience in."""
    return bool(granting(policy, Subject(name=label, groups=groups_held(policy, label)), model, mode))


def reach(policy: Policy, label: str, model: str, mode: Mode) -> Reach:
    """What limits an audience on a model."""

    def build() -> Reach:
        subject = Subject(name=label, groups=groups_held(policy, label))
        found = effective(policy, subject, model, mode)
        known = policy.models.get(model)
        return Reach(
            domain=found.domain,
            truth=truth(found.domain),
            rules=tuple(rule for rule in found.definitions if isinstance(rule, RecordRule)),
            group_rules=tuple(applicable(policy, subject, model, mode).group),
            unknowns=(*found.unknowns, *files_unread(policy, model)),
            python=deciding_overrides(policy, model, mode),
            code_unread=known is not None and known.code_unread,
            guarded=model in _GUARDED,
        )

    return remembered(policy, ("audit reach", label, model, mode), build)


def files_unread(policy: Policy, model: str) -> tuple[Unknown, ...]:
    """The data files that could not be parsed, of the modules of a model: they may hold rules or rights on it."""
    known = policy.models.get(model)
    if known is None:
        return ()
    broken = _files_unread(policy)
    return tuple(one for module in known.modules for one in broken.get(module, ()))


def malformed_files(policy: Policy) -> frozenset[str]:
    """The paths of the files that could not be parsed, so that what stands in them is not known."""
    return frozenset(one.origin.path for one in policy.problems if one.kind == "malformed-file")


def data_unread(policy: Policy, module: str) -> bool:
    """Whether a data file of a module could not be parsed: it may define more than was read."""
    return module in _files_unread(policy)


def _files_unread(policy: Policy) -> dict[str, list[Unknown]]:
    """By module, what is to be said of each data file that could not be parsed."""

    def find() -> dict[str, list[Unknown]]:
        found: dict[str, list[Unknown]] = {}
        for one in policy.problems:
            place = one.origin
            if one.kind == "malformed-file" and place.path.endswith((".xml", ".csv")):
                text = f"{place.path.rpartition('/')[2]} could not be read, and may hold rules or rights on the model"
                found.setdefault(place.module, []).append(
                    Unknown("unread", text, name=place.path, origin=place)
                )
        return found

    return remembered(policy, ("audit unread files",), find)


def folded(policy: Policy, label: str, rule: RecordRule) -> Domain:
    """What a rule says to an audience: its tests on `user.has_group(...)` decided."""
    subject = Subject(name=label, groups=groups_held(policy, label))
    return fold(rule.domain, lambda xmlid: answer(policy, subject, xmlid, False))


def held(policy: Policy, model: str) -> Holding:
    """What the records of a model are about."""
    return remembered(policy, ("audit holding", model), lambda: holding(policy, model))


def weight(policy: Policy, model: str) -> Weight:
    """How much it matters who sees a model."""
    return held(policy, model).weight


def rights_for_shares(policy: Policy) -> tuple[tuple[AccessRight, Audience], ...]:
    """The active rows that give share users something on a model that has records, and whom they reach."""

    def build() -> tuple[tuple[AccessRight, Audience], ...]:
        return tuple(
            (right, audience)
            for right in policy.rights
            if right.active
            and right.modes
            and has_records(policy, right.model)
            and (audience := _audience(policy, right.group, right.model, right.modes))
        )

    return remembered(policy, ("audit rights",), build)


def _audience(policy: Policy, group: str | None, model: str, modes: tuple[Mode, ...]) -> Audience:
    """Whom a right reaches, with every share group for which other records are left than for who stands for it."""
    audience = audience_of(policy, group)
    if not audience or audience.everyone:
        return audience
    labels = (*audience.labels, *others_left(policy, audience, model, modes))
    return msgspec.structs.replace(audience, labels=labels)


def others_left(policy: Policy, audience: Audience, model: str, modes: tuple[Mode, ...]) -> Iterator[str]:
    """The share groups an audience stands for, and that are left other records of a model than it is."""
    if not any(rule.groups for rule in policy.rules_by_model.get(model, ())) and not any(
        asked_groups(rule.domain) for rule in policy.rules_by_model.get(model, ())
    ):
        return
    for group in audience.groups:
        if group in (PORTAL, PUBLIC) or group in audience.labels:
            continue
        left = [
            [reach(policy, label, model, mode).domain for mode in modes]
            for label in audience.labels
            if group_of(label) in groups_held(policy, group)
        ]
        if [reach(policy, group, model, mode).domain for mode in modes] not in left:
            yield group


def in_context(policy: Policy, module: str) -> bool:
    """Whether a module was only read because others depend on it: nothing is reported about it."""
    known = policy.modules.get(module)
    return known is not None and (known.context or known.facts)


def audited(policy: Policy, model: str) -> bool:
    """Whether a right or a rule on the model comes from a module that is audited, or was changed by one."""
    found: tuple[AccessRight | RecordRule, ...] = (
        *policy.rights_by_model.get(model, ()),
        *policy.rules_by_model.get(model, ()),
    )
    return not all(in_context(policy, one.origin.module) for one in found) or any(
        one.xmlid in _changed(policy) for one in found
    )


def _changed(policy: Policy) -> frozenset[str]:
    """The external ids of rights and rules that an audited module changes."""
    return remembered(
        policy,
        ("audit changed",),
        lambda: frozenset(
            one.xmlid
            for one in policy.overwrites
            if one.changes and not in_context(policy, one.origin.module)
        ),
    )


def has_records(policy: Policy, model: str) -> bool:
    """Whether there can be records of it; a model that was not read is taken to have some."""
    known = policy.models.get(model)
    return known is None or known.kind is not Kind.ABSTRACT


def is_transient(policy: Policy, model: str) -> bool:
    """Whether it is a wizard, whose records Odoo throws away."""
    known = policy.models.get(model)
    return known is not None and known.kind is Kind.TRANSIENT


def held_through(policy: Policy, label: str, group: str | None) -> Iterator[Evidence]:
    """How an audience comes to hold a group: one step for each implied link."""
    start = group_of(label)
    if start is None or group is None:
        return
    for link in audience_chain(policy, label, group) or ():
        yield Evidence(f"{start} implies {link.group}", link.origin)
        start = link.group


def right_given(right: AccessRight) -> Evidence:
    """What an access right says."""
    who = right.group or "everybody, since it names no group,"
    what = words_of(right.modes) or "nothing"
    return Evidence(f"access right {right.xmlid} gives {who} {what} on {right.model}", right.origin)


def rule_said(rule: RecordRule) -> Evidence:
    """What a rule says."""
    whom = f"for {enumerated(rule.group_names)}" if rule.groups else "for everybody (global)"
    text = domain_text(rule)
    return Evidence(f"rule {rule_words(rule)} {whom}, modes {words_of(rule.modes)}: {text}", rule.origin)


def domain_text(rule: RecordRule) -> str:
    """The rule's domain on one line, shortened where it is long."""
    text = _MARKED.sub(_unmarked, " ".join(rule.domain_force.split())) or "[]"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _unmarked(found: re.Match[str]) -> str:
    """A value of `eval` as it was written: readers keep a reference or code in a mark of their own."""
    return f"ref('{found['name']}')" if found["name"] else found["code"]


def not_judged(policy: Policy, model: str, found: Reach) -> Iterator[Evidence]:
    """What stood in the way of certainty."""
    for unknown in found.unknowns:
        yield Evidence(f"not certain: {unknown.text}", unknown.origin)
    for name in found.python:
        known = policy.models[model]
        yield Evidence(f"{model} also decides in Python ({name}), which is not judged", known.overrides[name])
    if found.code_unread:
        yield Evidence(f"{model} may also decide in Python, which was not read")


def no_rule(policy: Policy, label: str, model: str, mode: Mode) -> Evidence:
    """That nothing limits an audience; names the rules that exist for others, since that is where the gap is."""
    others = [rule for rule in policy.rules_by_model.get(model, ()) if mode in rule.modes and rule.groups]
    text = f"no rule limits which records of {model} {audience_words((label,))} may {_mode_verb(mode)}"
    if others:
        groups = sorted({group for rule in others for group in rule.group_names})
        text += f"; its rules are for {enumerated(groups)} and don't apply"
    return Evidence(sentence(text), others[0].origin if others else None)


def _mode_verb(mode: Mode) -> str:
    return {Mode.READ: "read", Mode.WRITE: "change", Mode.CREATE: "create", Mode.UNLINK: "delete"}[mode]
