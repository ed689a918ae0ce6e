"""What vetting modules found: all that a report of it is made from, and the lists that it is read in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ostiary.audit import AuditResult, Confidence, Finding, Severity
from ostiary.audit.code.join import Join, Standing
from ostiary.policy import INTERNAL, MODES, Mode, Overwrite, Policy, View, closure
from ostiary.policy.origin import Origin
from ostiary.policy.semantics import PORTAL, PUBLIC
from ostiary.prove import Change, Difference
from ostiary.report.proofs import label
from ostiary.report.proofs_story import Teller
from ostiary.report.routes_inventory import Inventory
from ostiary.report.routes_reach import Ease, Listed
from ostiary.report.routes_said import standing
from ostiary.report.routes_words import WHO
from ostiary.report.text import enumerated, line, name

Joins = Mapping[tuple[str, str, Mode], Join]

AUDIENCES = ("public", "portal", "internal")
_ORDER = (
    Standing.OPEN,
    Standing.CONDITION,
    Standing.UNDECIDED,
    Standing.PYTHON,
    Standing.UNREAD,
    Standing.PUBLISHED,
    Standing.OWN,
    Standing.NOTHING,
    None,
)
# What is said of these is told by mode only where a condition is part of it.
_SAID_BY_MODE = (Standing.CONDITION, Standing.PUBLISHED)
# What of another's definition is only how it is called or where it is shown.
_NAMES = frozenset(
    {"name", "category", "category_id", "comment", "color", "sequence", "users", "privilege_id"}
)
_GROUPS = {"portal": PORTAL, "public": PUBLIC}
_KINDS = {"ir.model.access": "access right", "ir.rule": "record rule", "res.groups": "group"}


class Told(msgspec.Struct, frozen=True):
    """Something besides definitions, as `ostiary.sources.addons.besides` finds it."""

    kind: str
    text: str
    origin: Origin


class Gain(msgspec.Struct, frozen=True):
    """What an audience may newly do with a model. `outside`: they are people from outside the company. `own`: it is a
    model that the modules bring. `standing` is what is
    left of others' records there (None: it was not asked, of internal users), `said` the same in words, and
    `differences` show what is new."""

    audience: str
    outside: bool
    model: str
    modes: tuple[Mode, ...]
    own: bool
    standing: Standing | None
    said: str
    differences: tuple[Difference, ...]

    @property
    def known(self) -> bool:
        """Whether it is a gain, and not only unknown whether it is one."""
        return any(one.wider for one in self.differences)


class Vetted(msgspec.Struct, frozen=True, kw_only=True):
    """What vetting found. `policy` is that with the modules, `before` that without them and what only they bring.

    `modules` are those that were vetted, `come` others that count as not installed yet, `joins` what rights and rules
    leave people from outside of the models that they newly reach. `code` says whether code was read.
    """

    policy: Policy
    before: Policy
    modules: tuple[str, ...]
    come: tuple[str, ...]
    differences: tuple[Difference, ...]
    joins: tuple[Join, ...]
    result: AuditResult
    routes: Inventory
    methods: Inventory
    besides: tuple[Told, ...]

    @property
    def code(self) -> bool:
        return self.policy.code is not None


# -- what it gives ---------------------------------------------------------------------------------------------


def gains(found: Vetted) -> list[Gain]:
    """What each audience may newly do, visitors first; what reaches furthest first."""
    joins = {(one.label, one.model, one.mode): one for one in found.joins}
    together: dict[tuple[object, ...], list[Difference]] = {}
    for one in found.differences:
        if one.change not in (Change.LESS, Change.EQUIVALENT) and not _said_before(one, found, joins):
            join = joins.get((one.audience, one.model, one.mode))
            said = (join.standing, join.standing in _SAID_BY_MODE and join.said) if join is not None else None
            together.setdefault((one.audience, one.model, said, one.wider), []).append(one)
    return sorted((_gain(found, same, joins) for same in together.values()), key=_place)


def _said_before(one: Difference, found: Vetted, joins: Joins) -> bool:
    """Whether a group has something only as portal users, visitors or internal users have it, who get it too."""
    if label(one.audience) in AUDIENCES or not one.wider:
        return False
    held = closure(found.policy, (one.audience,))
    mine = joins.get((one.audience, one.model, one.mode))
    for group, audience in ((PORTAL, "portal"), (PUBLIC, "public")):
        theirs = joins.get((audience, one.model, one.mode)) if group in held else None
        if mine is not None and theirs is not None and theirs.standing is mine.standing:
            return True
    return INTERNAL in held and any(
        (each.audience, each.model, each.mode, each.causes) == (INTERNAL, one.model, one.mode, one.causes)
        for each in found.differences
    )


def _gain(found: Vetted, same: Sequence[Difference], joins: Joins) -> Gain:
    first = same[0]
    mine = [each for one in same if (each := joins.get((one.audience, one.model, one.mode))) is not None]
    return Gain(
        audience=label(first.audience),
        outside=INTERNAL not in closure(found.policy, (_GROUPS.get(first.audience, first.audience),)),
        model=first.model,
        modes=tuple(mode for mode in MODES if any(one.mode is mode for one in same)),
        own=first.model not in found.before.models,
        standing=mine[0].standing if mine else None,
        said=standing(mine, found.policy),
        differences=tuple(same),
    )


def _place(one: Gain) -> tuple[object, ...]:
    reach = (_ORDER.index(one.standing), one.modes == (Mode.READ,), one.own, one.model)
    return (_rank(one.audience, one.outside), one.audience, *reach)


def _rank(audience: str, outside: bool) -> int:
    """The order of audiences: visitors, portal users, groups like these, internal users, groups of those."""
    if audience in AUDIENCES:
        return {"public": 0, "portal": 1, "internal": 3}[audience]
    return 2 if outside else 4


def losses(found: Vetted) -> list[Difference]:
    """What somebody may no longer do."""
    return [one for one in found.differences if one.change in (Change.LESS, Change.INCOMPARABLE)]


def gained(one: Gain) -> str:
    """What is so of the records that are newly reached: a clause without a full stop; empty where it wasn't asked."""
    if not one.known:
        why = next((each.text for difference in one.differences for each in difference.unknown), "")
        return f"not known: {line(why)}" if why else "not known"
    who = whom(one.audience)
    text = line(one.said, 600)
    for before in ("let ", "lets ", "from ", "for "):
        text = text.replace(f"{before}{who}", f"{before}them")
    return text.replace(who, "they")


def unread(listed: Sequence[Gain]) -> list[str]:
    """The models of which it is not known, since what defines them was not read: `sale.order (read, write)`."""
    return [f"{one.model} ({', '.join(one.modes)})" for one in listed if not told(one)]


def told(one: Gain) -> bool:
    """Whether it takes words of its own: not where it is only that a model's module was not read."""
    return one.known or any(
        each.kind != "model-unread" for found in one.differences for each in found.unknown
    )


def example(one: Gain, policy: Policy) -> str:
    """A record that is newly reached, told in a sentence; empty where there is none to show."""
    for difference in one.differences:
        if difference.gained is not None:
            return Teller(policy).tell(difference.gained, difference.audience, difference.mode).sentence
    return ""


def causes(one: Gain) -> list[str]:
    """The external ids of the definitions that give it."""
    return list(dict.fromkeys(cause for each in one.differences for cause in each.causes))


def audiences(listed: Sequence[Gain]) -> list[str]:
    """Whom gains are of in the first place: public, portal, groups of people from outside, internal."""
    others = {one.audience for one in listed if one.outside} - set(AUDIENCES)
    return ["public", "portal", *sorted(others), "internal"]


def whom(audience: str) -> str:
    """`portal users`, `users of module.group`."""
    return WHO.get(audience, f"users of {name(audience)}")


def new_groups(found: Vetted) -> list[str]:
    """The groups that the modules bring."""
    mine = {*found.modules, *found.come}
    groups = found.policy.groups.values()
    return sorted(one.xmlid for one in groups if one.origin.module in mine and not one.unresolved)


# -- what it changes -------------------------------------------------------------------------------------------


def pages(found: Vetted) -> list[View]:
    """The templates of other modules that the vetted ones change, through views that inherit from them."""
    mine = set(found.modules)
    listed = [
        view
        for view in found.policy.views.values()
        if view.origin.module in mine
        and view.type == "qweb"
        and view.inherit
        and view.inherit.partition(".")[0] not in mine
    ]
    return sorted(listed, key=lambda view: (view.inherit or "", view.origin.path, view.origin.line))


def overrides(found: Vetted) -> list[Overwrite]:
    """The groups, access rights and record rules of other modules that the vetted ones change or take away."""
    mine = set(found.modules)
    return [
        one
        for one in found.policy.overwrites
        if one.origin.module in mine
        and one.earlier.module not in mine
        and (one.deleted or any(each.field not in _NAMES for each in one.changes))
    ]


def overridden(one: Overwrite) -> str:
    """What becomes of a definition: `The record rule sale.x: domain_force becomes [...] (was [...])`."""
    kind = _KINDS.get(one.model, "definition")
    if one.deleted:
        return f"The {kind} {name(one.xmlid)} is taken away"
    said = []
    for each in one.changes:
        if each.field in _NAMES:
            continue
        if each.field == "implied":
            new = sorted(set(_split(each.after)) - set(_split(each.before)))
            gone = sorted(set(_split(each.before)) - set(_split(each.after)))
            said += [f"it now implies {enumerated(map(name, new))}"] if new else []
            said += [f"it no longer implies {enumerated(map(name, gone))}"] if gone else []
        elif each.field == "active":
            said.append("it is switched on" if each.after not in ("", "0", "False") else "it is switched off")
        else:
            after, before = (line(value, 160) or "empty" for value in (each.after, each.before))
            said.append(f"{name(each.field)} becomes {after} (was {before})")
    return f"The {kind} {name(one.xmlid)}: {'; '.join(said)}"


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def widens(one: Overwrite, found: Vetted) -> bool:
    """Whether somebody has to look at a change: not where an internal group only comes to imply the module's own."""
    if one.deleted or one.model != "res.groups" or one.xmlid != INTERNAL:
        return True
    mine = set(found.modules)
    for each in one.changes:
        if each.field == "implied":
            new = set(_split(each.after)) - set(_split(each.before))
            if any(group.partition(".")[0] not in mine for group in new):
                return True
        elif each.field not in _NAMES:
            return True
    return False


# -- what is to be looked at -------------------------------------------------------------------------------------


def blocking(found: Vetted) -> list[Finding]:
    """The findings for which a module should not be installed as it is."""
    return [
        one
        for one in found.result.findings
        if one.severity >= Severity.HIGH and one.confidence >= Confidence.MEDIUM
    ]


def doubtful(found: Vetted) -> list[Finding]:
    """The other findings that somebody should look at first."""
    stop = {one.fingerprint for one in blocking(found)}
    return [
        one
        for one in found.result.findings
        if one.severity >= Severity.MEDIUM and one.fingerprint not in stop
    ]


def outside(found: Vetted) -> list[Told]:
    """What has to do with the world outside, runs when it is installed, or could not be looked into."""
    kinds = ("hook", "data-call", "network", "programs", "script", "unread")
    return [one for one in found.besides if one.kind in kinds]


def unexplained(found: Vetted) -> list[Listed]:
    """The entries in which nothing that was read checks what the caller chooses, and of which no finding speaks."""
    told = {
        (each.origin.path, each.origin.line) for one in found.result.findings for each in _with_origin(one)
    }
    told |= {(one.path, one.line) for one in found.result.findings}
    subjects = {one.subject for one in found.result.findings}
    return [
        each
        for one in (found.routes, found.methods)
        for each in one.listed
        if each.ease is Ease.UNCHECKED
        and each.entry.name not in subjects
        and told.isdisjoint((at.path, at.line) for at in _lines(each))
    ]


def _with_origin(one: Finding) -> list[Any]:
    return [step for step in one.evidence if step.origin is not None]


def _lines(one: Listed) -> Iterator[Origin]:
    yield one.entry.origin
    for use in one.entry.uses:
        yield use.origin
        if use.chosen_at is not None:
            yield use.chosen_at
