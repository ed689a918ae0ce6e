"""The verdict on modules that somebody thinks of installing: three lines, and what is to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from ostiary.audit import Confidence
from ostiary.audit.code.join import Standing
from ostiary.policy import Mode
from ostiary.policy.origin import Origin
from ostiary.report import routes_said as said_of
from ostiary.report import vet_found
from ostiary.report.proofs_asked import summarised
from ostiary.report.routes_reach import Ease, ease_of_other
from ostiary.report.routes_words import called
from ostiary.report.text import enumerated, line, name, plural
from ostiary.report.vet_found import Gain, Told, Vetted
from ostiary.report.words import about_version, unresolved_by_kind

_NAMED = 4
_MODELS = 12
_HARMLESS = (Standing.OWN, Standing.PUBLISHED, Standing.NOTHING)
_WORDS = {
    "network": "may reach other machines",
    "programs": "can start programs",
    "script": "loads a remote script",
    "hook": "runs code of its own when it is installed or loaded",
    "data-call": "runs code when it is installed",
    "unread": "holds what could not be read",
}


class Advice(StrEnum):
    """What to do: `stop` (not as it is), `look` (at some things first) or `clear` (nothing speaks against it)."""

    STOP = "stop"
    LOOK = "look"
    CLEAR = "clear"


class Thing(msgspec.Struct, frozen=True):
    """One thing to look at before installing. `stops`: it should be mended first."""

    text: str
    origin: Origin
    stops: bool = False


class Said(msgspec.Struct, frozen=True):
    """The verdict: `advice` in a word, `lines` in three sentences, and `things` to look at, what stops first."""

    advice: Advice
    lines: tuple[str, str, str]
    things: tuple[Thing, ...]


def verdict(found: Vetted) -> Said:
    """The verdict on what was found. It is as good as what was read, and its third line says what was not."""
    things = tuple(_things(found))
    stops = sum(one.stops for one in things)
    advice = Advice.STOP if stops else Advice.LOOK if things else Advice.CLEAR
    return Said(advice, (_first(found, things, stops), _second(found), _third(found)), things)


def _things(found: Vetted) -> Iterator[Thing]:
    yield from _of_findings(found)
    yield from _of_entries(found)
    yield from _of_gains(found)
    for change in vet_found.overrides(found):
        if vet_found.widens(change, found):
            yield Thing(f"{vet_found.overridden(change)}.", change.origin)
    yield from _of_besides(found)
    yield from _of_reading(found)


def _of_besides(found: Vetted) -> Iterator[Thing]:
    """What runs by itself or reaches out; files of one module that use the same libraries are one thing."""
    alike: dict[tuple[str, ...], list[Told]] = {}
    for one in vet_found.outside(found):
        apart = "" if one.kind in ("network", "programs") else one.text
        alike.setdefault((one.kind, one.origin.module, apart), []).append(one)
    for first, *rest in alike.values():
        more = f" (and so {plural(len(rest), 'more file does', 'more files do')})" if rest else ""
        yield Thing(f"It {_WORDS[first.kind]}: {line(first.text)}{more}.", first.origin)


def _of_findings(found: Vetted) -> Iterator[Thing]:
    for one in vet_found.blocking(found):
        yield Thing(f"{one.severity.value.capitalize()}: {line(one.message)}", one.origin, stops=True)
    for one in vet_found.doubtful(found):
        sure = "" if one.confidence is not Confidence.LOW else ", low confidence"
        yield Thing(f"{one.severity.value.capitalize()}{sure}: {line(one.message)}", one.origin)


def _of_entries(found: Vetted) -> Iterator[Thing]:
    """What goes past access rights on what the caller chooses, where no finding speaks of it."""
    for one in vet_found.unexplained(found):
        what = "route" if one.entry.route is not None else f"method {name(one.entry.model)}"
        reach = next((each for each in one.reaches if each.ease is Ease.UNCHECKED), None)
        use = next((each for each in one.others if ease_of_other(each) is Ease.UNCHECKED), None)
        past = f"The {what} {called(one.entry)} goes past access rights"
        if reach is not None:
            yield Thing(f"{past} on {said_of.of_model(reach)}: {said_of.said(reach)}", one.entry.origin)
        else:
            yield Thing(f"{past}: {said_of.other(use) if use is not None else ''}", one.entry.origin)


def _of_reading(found: Vetted) -> Iterator[Thing]:
    """What was not read, so that nothing can be said of it, where no finding does."""
    missing = {one.name: one.origin for one in found.policy.unresolved if one.kind == "module"}
    if missing:
        what = (
            f"the module {name(next(iter(missing)))}" if len(missing) == 1 else plural(len(missing), "module")
        )
        which = "" if len(missing) == 1 else f" ({_some(list(missing))})"
        were, them = ("was", "it") if len(missing) == 1 else ("were", "they")
        why = f"which {were} not found: nothing is known of what {them} bring{'s' if them == 'it' else ''}"
        yield Thing(f"It needs {what}{which}, {why}.", next(iter(missing.values())))
    told = {(one.path, one.line) for one in found.result.findings}
    for problem in found.result.problems:
        if (problem.origin.path, problem.origin.line) in told:
            continue
        if problem.fatal and problem.origin.module in found.modules:
            yield Thing(f"It could not be read as Odoo would: {line(problem.message)}", problem.origin)


def _of_gains(found: Vetted) -> Iterator[Thing]:
    """What people from outside newly get of models that were there before, where no finding speaks of it.

    To read what is theirs, or published, is what modules are for. Models of which the same is said are one thing.
    """
    graver = [*vet_found.blocking(found), *vet_found.doubtful(found)]
    told_of = {(label, one.model) for one in graver for label in one.audience}
    alike: dict[tuple[object, ...], list[Gain]] = {}
    for one in vet_found.gains(found):
        harmless = one.known and one.modes == (Mode.READ,) and one.standing in _HARMLESS
        if one.outside and not one.own and not harmless and (one.audience, one.model) not in told_of:
            alike.setdefault((one.audience, one.modes, one.known, vet_found.gained(one)), []).append(one)
    for same in alike.values():
        said = vet_found.gained(same[0])
        if len(same) > 1:
            said = said.replace("its rules", "their rules").replace("of its records", "of their records")
        yield Thing(f"{_gives(same)}: {said}.", _where(same[0], found))


def _gives(same: Sequence[Gain]) -> str:
    """`Portal users may newly read and write sale.order`."""
    who = vet_found.whom(same[0].audience)
    modes = enumerated(_mode(mode) for mode in same[0].modes)
    may = "may newly" if same[0].known else "may perhaps newly"
    return f"{who[0].upper()}{who[1:]} {may} {modes} {_some([one.model for one in same], _MODELS)}"


def _mode(mode: Mode) -> str:
    return "delete" if mode is Mode.UNLINK else mode.value


def _where(gain: Gain, found: Vetted) -> Origin:
    """The first of the definitions that give it, of the modules that were vetted where there is one."""
    causes = [cause for one in gain.differences for cause in one.causes]
    places = {one.xmlid: one.origin for one in found.policy.rights}
    places |= {one.xmlid: one.domain_origin or one.origin for one in found.policy.rules}
    known = [places[cause] for cause in causes if cause in places]
    mine = [one for one in known if one.module in found.modules]
    return next(iter((*mine, *known)), Origin(""))


def _first(found: Vetted, things: tuple[Thing, ...], stops: int) -> str:
    modules = _some(found.modules)
    it = "it is" if len(found.modules) == 1 else "they are"
    if stops:
        more = len(things) - stops
        besides = f", and {plural(more, 'other thing')} to look at" if more else ""
        return f"Do not install {modules} as {it}: {plural(stops, 'grave finding')}{besides}."
    if things:
        return f"Install {modules} after looking at {plural(len(things), 'thing')}."
    return f"Nothing that was read speaks against installing {modules}."


def _second(found: Vetted) -> str:
    """What is newly given, and how much of it goes past access rights."""
    given = _given(vet_found.gains(found))
    if not found.code:
        return f"{given}. Its code was not read."
    entries = ((found.routes, "route"), (found.methods, "method"))
    brought = [plural(len(each.listed), what) for each, what in entries if each.listed]
    if not brought:
        return f"{given}. It brings no code that can be called."
    if public := found.routes.callers()["public"]:
        brought[0] += f" ({public:,} without a login)"
    code = f"By code it brings {enumerated(brought)} to call"
    past = sum(one.count(*(ease for ease in Ease if ease is not Ease.OWN_RIGHTS)) for one, _ in entries)
    if not past:
        cut = any(each.entry.unread for one, _ in entries for each in one.listed)
        read = ", as far as it was read" if cut else ""
        return f"{given}. {code}, all with the caller's own rights{read}."
    sharp = sum(one.count(Ease.UNCHECKED) for one, _ in entries)
    unchecked = f", {sharp:,} of them with nothing seen that checks what the caller chooses" if sharp else ""
    return (
        f"{given}. {code}; {past:,} of these {'goes' if past == 1 else 'go'} past access rights{unchecked}."
    )


def _given(gains: Sequence[Gain]) -> str:
    """What rights and rules newly give, by audience, and of how much that is not known."""
    parts, none = [], []
    named = vet_found.audiences(gains)
    for audience in named:
        mine = [one for one in gains if one.audience == audience and one.known]
        if mine:
            parts.append(f"{vet_found.whom(audience)} {_models(mine)}")
        else:
            none.append(vet_found.whom(audience))
    others = [one for one in gains if one.audience not in named and one.known]
    if others:
        groups = plural(len({one.audience for one in others}), "group")
        parts.append(f"{groups} of internal users {_models(others)}")
    if parts:
        nothing = f"; {enumerated(none)} nothing" if none else ""
        given = f"By rights and rules it newly gives {'; '.join(parts)}{nothing}"
    else:
        given = f"By rights and rules it newly gives nothing to {enumerated(none, 'or')}"
    unknown = {one.model for one in gains if not one.known}
    return f"{given}; of {plural(len(unknown), 'model')} that is not known" if unknown else given


def _models(gains: Sequence[Gain]) -> str:
    """`3 models to read, 1 of them to change as well`."""
    all_ = {one.model for one in gains}
    changes = {one.model for one in gains if set(one.modes) - {Mode.READ}}
    reads = {one.model for one in gains if Mode.READ in one.modes}
    if all_ == changes:
        return f"{plural(len(all_), 'model')} to {'read and change' if reads else 'change'}"
    much = f", {len(changes):,} of them to change as well" if changes else ""
    return f"{plural(len(all_), 'model')} to read{much}"


def _third(found: Vetted) -> str:
    """What was not read, or not looked at."""
    parts = []
    missing = unresolved_by_kind(found.policy.unresolved).get("module", [])
    if missing:
        parts.append(f"{plural(len(missing), 'module')} it needs ({_some(missing)})")
    known = summarised(found.policy)
    if known:
        what = f"the source of {plural(len(known), 'module')} it builds on ({_some(known)})"
        parts.append(f"{what}, of which only a summary is known")
    if not found.code:
        parts.append("its Python and pages")
    elif found.policy.code is not None:
        cut = sum(bool(one.entry.unread) for each in (found.routes, found.methods) for one in each.listed)
        if cut:
            entries = plural(cut, "route or method", "routes or methods")
            parts.append(f"something that {entries} {'calls' if cut == 1 else 'call'}")
        if found.policy.code.unread:
            parts.append(plural(len(found.policy.code.unread), "file"))
    unread = [one for one in found.besides if one.kind == "unread"]
    if unread:
        parts.append(f"{plural(len(unread), 'file')} of its own")
    fatal = [one for one in found.result.problems if one.fatal]
    if fatal:
        parts.append(plural(len(fatal), "definition"))
    never = "JavaScript and what happens at an upgrade are never looked at."
    read = f"Not read: {'; '.join(parts)}. {never}" if parts else f"All that it builds on was read; {never}"
    return " ".join([*(line(note.message) for note in found.result.notes if about_version(note)), read])


def _some(names: Sequence[str], most: int = _NAMED) -> str:
    shown = [name(one) for one in names[:most]]
    rest = len(names) - len(shown)
    return enumerated([*shown, *([f"{rest} more"] if rest else [])])
