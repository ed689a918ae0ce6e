"""The sentences of an inventory: what each entry does with a model, what stands in the way, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ostiary.audit.asking.wording import model_words, verbs
from ostiary.audit.code.join import Join, Standing
from ostiary.policy import Policy
from ostiary.policy.code import Actor, Choice, EntryKind, Use, UseKind
from ostiary.report.routes_inventory import Inventory
from ostiary.report.routes_reach import CHOSEN, Ease, Listed, Reach
from ostiary.report.routes_words import RIGHTS, does, looks_like, of_callers, passes, sent, which
from ostiary.report.text import enumerated, line, name, plural

SIGNS = {
    Ease.UNCHECKED: ("●", "bold red"),
    Ease.NOT_FOLLOWED: ("?", "magenta"),
    Ease.LET_PASS: ("◐", "yellow"),
    Ease.PAST_RIGHTS: ("○", "cyan"),
    Ease.OWN_RIGHTS: ("·", "green"),
}
MEANS = {
    Ease.UNCHECKED: "as superuser, on records that the caller chooses, and nothing that was read checks it",
    Ease.NOT_FOLLOWED: "as superuser, and which records or what checks them was not followed to the end",
    Ease.LET_PASS: "as superuser, on records that the caller chooses, and something lets only some pass",
    Ease.PAST_RIGHTS: "as superuser, on records that the caller does not choose, or would get at anyway",
    Ease.OWN_RIGHTS: "with the caller's own rights",
}
LIMIT = (
    "What code does is read and not run: a helper that was not read may do more, or check more. An inventory judges "
    "nothing; 'ostiary audit' does."
)
STANDINGS = {
    Standing.NOTHING: "no access",
    Standing.OWN: "isolated",
    Standing.PUBLISHED: "published",
    Standing.CONDITION: "open on a condition",
    Standing.OPEN: "open",
    Standing.PYTHON: "decided in Python",
    Standing.UNDECIDED: "unknown",
    Standing.UNREAD: "not read",
}
_FIELDS = 4
_NAMED = 5
# Up to so many rows, nothing of them is shortened.
_FEW = 3
_MODEL = {"": "some model", "*": "any model, as they name it"}


def of_model(reach: Reach) -> str:
    """What stands where a model's name would."""
    return _MODEL.get(reach.model) or name(reach.model)


def said(reach: Reach) -> str:
    """What is done with a model's records, and what lets the caller pass: one or two sentences."""
    # A record is looked for before one is created, to see whether there is one: how, says nothing of the new one.
    choices = (Choice.NEW,) if _creates(reach) else reach.choices
    first = f"{does(reach.kinds, reach.methods)}{_fields(reach)} {which(choices, reach.given, reach.parents)}"
    if UseKind.CREATE in reach.kinds and "*" in reach.fields:
        first += ", with any field that they name"
    parts = [f"{first}, {RIGHTS[reach.actor]}."]
    chosen = reach.ease not in (Ease.OWN_RIGHTS, Ease.PAST_RIGHTS)
    letting, looking = (passes(reach.guards), looks_like(reach.looks)) if chosen else ("", "")
    if letting:
        parts.append(f"They pass if {letting}.")
    elif reach.ease is Ease.UNCHECKED:
        parts.append("Nothing that was read checks it.")
    elif reach.ease is Ease.NOT_FOLLOWED:
        parts.append("What checks it, if anything, was not read.")
    if looking and not letting:
        parts.append(f"It only looks like a check: {looking}." if reach.certain else f"Perhaps by {looking}.")
    return " ".join(parts)


def _creates(reach: Reach) -> bool:
    return set(reach.kinds) - {UseKind.SEARCH} == {UseKind.CREATE}


class Row(msgspec.Struct, frozen=True):
    """What an entry does with some models, of which the same is said; `proof` is what rights and rules say of them."""

    models: str
    text: str
    proof: str
    ease: Ease


def rows(one: Listed, policy: Policy, *, short: bool = False) -> list[Row]:
    """What an entry reaches, models of which the same is said together.

    `short`: where there are many, those that are read as superuser and not chosen by the caller are only named, and so
    are those that are used with the caller's rights.
    """
    named = [reach for reach in one.reaches if _minor(reach)] if short and len(one.reaches) > _FEW else []
    found: dict[tuple[Ease, str, str], list[str]] = {}
    for reach in one.reaches:
        if reach not in named:
            found.setdefault((reach.ease, said(reach), proved(reach, policy)), []).append(of_model(reach))
    listed = [
        Row(", ".join(dict.fromkeys(models)), text, proof, ease)
        for (ease, text, proof), models in found.items()
    ]
    for ease, what in (
        (Ease.PAST_RIGHTS, "as superuser, not chosen by the caller"),
        (Ease.OWN_RIGHTS, "as the caller"),
    ):
        models = dict.fromkeys(brief(reach) for reach in named if reach.ease is ease)
        if models:
            listed.append(Row("also", f"{what}: {', '.join(models)}", "", ease))
    return listed


def _minor(reach: Reach) -> bool:
    if reach.ease is not Ease.PAST_RIGHTS:
        return reach.ease is Ease.OWN_RIGHTS
    return set(reach.kinds) <= {UseKind.READ, UseKind.SEARCH} and CHOSEN.isdisjoint(reach.choices)


def brief(reach: Reach) -> str:
    """A model and what is proved of it: `sale.order (isolated)`."""
    words = dict.fromkeys(STANDINGS[one.standing] for one in reach.joins)
    return f"{of_model(reach)} ({', '.join(words)})" if words else of_model(reach)


def _fields(reach: Reach) -> str:
    """Which fields are changed, where nothing else is done in the same breath."""
    if reach.kinds != (UseKind.WRITE,):
        return ""
    if "*" in reach.fields:
        return " any field that they name of"
    shown = [name(one) for one in reach.fields[:_FIELDS]]
    if len(reach.fields) > _FIELDS:
        shown.append(f"{len(reach.fields) - _FIELDS} more")
    return f" {enumerated(shown)} of" if shown else ""


def proved(reach: Reach, policy: Policy) -> str:
    """What rights and rules say of the model for who may call it: a sentence, empty where nothing was asked."""
    text = standing(reach.joins, policy)
    if not text or reach.actor is Actor.CALLER:
        return f"{text[:1].upper()}{text[1:]}." if text else ""
    return f"By their own rights: {text}."


def standing(joins: Iterable[Join], policy: Policy) -> str:
    """What is left in several modes: where that is the same it is said of one of them, and the others are named."""
    alike: dict[Standing, list[Join]] = {}
    for one in joins:
        alike.setdefault(one.standing, []).append(one)
    parts = []
    for first, *rest in alike.values():
        also = f"; likewise to {enumerated(verbs((one.mode,)) for one in rest)}" if rest else ""
        parts.append(left(first, policy) + also)
    return "; ".join(parts)


def left(join: Join, policy: Policy) -> str:
    """What rights and rules leave of a model, beside its name: `its rules let portal users read ...`."""
    text = line(join.said, 400)
    for called in (model_words(policy, join.model), join.model):
        for whole, short in (
            ("the rules of ", "its rules"),
            ("the rights and rules of ", "its rights and rules"),
        ):
            text = text.replace(f"{whole}{called}", short)
        text = text.replace(f"records of {called}", "of its records")
        text = text.replace(called, "it") if called else text
    return text


def beyond(one: Listed) -> str:
    """What is done in code of other modules that an entry calls: a sentence, empty where nothing is."""
    past = dict.fromkeys(use.model for use in one.beyond if use.model and use.actor is not Actor.CALLER)
    own = dict.fromkeys(use.model for use in one.beyond if use.model and use.actor is Actor.CALLER)
    queries = any(use.kind in (UseKind.SQL, UseKind.EVAL) for use in one.beyond)
    modules = sorted({use.origin.module for use in one.beyond if use.origin.module})
    if not modules:
        return ""
    parts = [f"uses {_some(past)} as superuser"] if past else []
    others = [each for each in own if each not in past]
    parts += [f"{_some(others)} with the caller's rights"] if others else []
    parts += ["runs queries"] if queries else []
    return f"The code of {_some(modules)} that it calls {'; '.join(parts)}." if parts else ""


def _some(names: Iterable[str]) -> str:
    listed = [name(each) if each != "*" else "any model" for each in names]
    more = len(listed) - _NAMED
    return enumerated([*listed[:_NAMED], *([f"{more} more"] if more > 0 else [])])


def other(use: Use) -> str:
    """What an entry does besides using records."""
    checked = f" They pass if {passes(use.guards)}." if passes(use.guards) else ""
    theirs = f" ({sent(use.written or use.given)})" if use.written or use.given else ""
    if use.kind is UseKind.RENDER:
        past = [f"{name(one.name)} ({name(one.model)})" for one in use.values
                if one.model and one.actor is not Actor.CALLER]  # fmt: skip
        given = f", with superuser's {enumerated(past[:_FIELDS])}" if past else ""
        return f"shows the page {name(use.template) or '(not told)'}{given}."
    if use.kind is UseKind.SQL:
        how = f", put together from what the caller sends{theirs}" if theirs else ""
        how = how or (", put together from values" if use.built == "interpolated" else "")
        return f"runs a query past access rights{how}.{checked}"
    if use.kind is UseKind.EVAL:
        return f"runs text as code{f' that the caller sends{theirs}' if theirs else ''}.{checked}"
    if use.kind is UseKind.REDIRECT:
        where = f"an address that the caller sends{theirs}" if theirs else "another address"
        return f"sends the browser to {where}{', kept on this site' if use.local else ''}."
    if use.kind is UseKind.RESPONSE:
        return f"answers with HTML that holds what the caller sends{theirs}."
    return (
        f"compares a secret with what the caller sends{theirs}{'' if use.safe else ', not in constant time'}."
    )


def worth_saying(use: Use) -> bool:
    """Whether something besides records is worth a line: not a redirect that stays, or a comparison as it should be."""
    if use.kind is UseKind.REDIRECT:
        return bool(use.written) and not use.local
    return use.kind is not UseKind.COMPARE or not use.safe


def others(one: Listed) -> Iterator[tuple[str, Use]]:
    """What an entry does besides using records, each once."""
    seen = set()
    for use in one.others:
        if worth_saying(use) and (text := other(use)) not in seen:
            seen.add(text)
            yield text, use


# -- the whole ------------------------------------------------------------------------------------------------


def thing(kind: EntryKind) -> str:
    return "route" if kind is EntryKind.ROUTE else "method"


def summary(found: Inventory) -> list[str]:
    """How many there are, for whom, and how many go past access rights: a sentence each."""
    one = thing(found.kind)
    count = len(found.listed)
    if not count:
        only = f" {', '.join(found.asked)}" if found.asked else ""
        rest = f" ({plural(found.total, one)} in all)" if found.total else ""
        return [f"There is no {one}{only} in the modules that were read{rest}."]
    return list(_summary(found, one, count))


def _summary(found: Inventory, one: str, count: int) -> Iterator[str]:
    of = f" {', '.join(found.asked)}, of {found.total:,}" if found.asked else ""
    if found.kind is EntryKind.RPC:
        models = len({each.entry.model for each in found.listed})
        grouped = found.callers()["internal"]
        yield (
            f"{plural(count, one)} of {plural(models, 'model')}{of}: anybody who is logged in, portal users too, may "
            f"call {'it' if count == 1 else 'them'}{f'; {grouped:,} then ask for a group' if grouped else ''}."
        )
    else:
        yield f"{plural(count, one)}{of}: {of_callers(found.callers(), one)}."
    past = found.count(*(ease for ease in Ease if ease is not Ease.OWN_RIGHTS))
    if not past:
        # What an override hands on to is told of where it is.
        beyond_ = any(
            each.entry.overrides or any(use.actor is not Actor.CALLER for use in each.beyond)
            for each in found.listed
        )
        whose = "Their own code uses" if beyond_ else "All use"
        read = ", as far as they were read" if any(each.entry.unread for each in found.listed) else ""
        yield f"{whose} records with the caller's own rights only{read}."
        return
    chosen = found.count(Ease.UNCHECKED, Ease.NOT_FOLLOWED, Ease.LET_PASS)
    goes = "goes" if past == 1 else "go"
    how = "on records that the caller chooses, or with what the caller sends"
    if chosen == past:
        yield f"{past:,} {goes} past access rights {how}."
    else:
        yield f"{past:,} {goes} past access rights{f', {chosen:,} of them {how}' if chosen else ''}."
    unchecked, unfollowed = found.count(Ease.UNCHECKED), found.count(Ease.NOT_FOLLOWED)
    if unchecked:
        first = "that" if unchecked == 1 else "these"
        yield f"In {unchecked:,} nothing that was read checks it: look at {first} first."
    if unfollowed:
        yield f"In {unfollowed:,} it was not followed to the end."


def notes(found: Inventory, policy: Policy) -> list[str]:
    """What was not read or not asked, a sentence each."""
    said_ = []
    code = policy.code
    if code is not None and code.unread:
        said_.append(f"{plural(len(code.unread), 'file')} of Python or pages could not be read.")
    cut = sum(bool(one.entry.unread) for one in found.listed)
    if cut:
        verb = "calls" if cut == 1 else "call"
        said_.append(f"{plural(cut, thing(found.kind))} {verb} something that was not read.")
    if found.unproved:
        said_.append(
            f"Of {plural(found.unproved, 'question')} to the prover there were too many: --model narrows them down."
        )
    return said_


def given_by(found: Sequence[Listed]) -> dict[str, list[Listed]]:
    """Entries by module, or by model for methods, in their order."""
    groups: dict[str, list[Listed]] = {}
    for one in found:
        head = one.entry.model if one.entry.kind is EntryKind.RPC else one.entry.module
        groups.setdefault(head, []).append(one)
    return groups


def quiet(one: Listed) -> bool:
    """Whether an entry does nothing that needs words of its own: its caller's rights decide all."""
    if one.ease is not Ease.OWN_RIGHTS or one.entry.unread:
        return False
    return not any(use.kind is not UseKind.RENDER for _, use in others(one))


def calm(listed: Sequence[Listed]) -> list[Listed]:
    """Those among entries that need no words of their own."""
    return [one for one in listed if quiet(one)]


def inherited(one: Listed, policy: Policy) -> str:
    """Whose methods a model has beside those that are listed: a sentence, empty where it takes none."""
    model = policy.models.get(one.entry.model)
    taken = [
        each for each in (model.inherit if model is not None else ()) if each not in ("base", one.entry.model)
    ]
    return f"It also has the methods of {enumerated(map(name, taken))}." if taken else ""
