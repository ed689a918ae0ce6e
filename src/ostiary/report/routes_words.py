"""The words for what an entry does with records: with whose rights, which records, and what lets the caller pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ostiary.audit.code import callers
from ostiary.audit.code.wording import given_words
from ostiary.policy.code import Actor, Choice, Entry, EntryKind, Given, Guard, GuardKind, UseKind
from ostiary.report.text import enumerated, line, name, plural

WHO = {"public": "public visitors", "portal": "portal users", "internal": "internal users"}
# Who may call an entry, the widest first: an inventory is counted by these.
CALLERS = {
    "public": "anybody, without a login",
    "portal": "anybody who is logged in",
    "internal": "those who hold a group",
}
DOES = {
    UseKind.READ: "reads",
    UseKind.SEARCH: "looks for",
    UseKind.WRITE: "changes",
    UseKind.CREATE: "creates",
    UseKind.UNLINK: "deletes",
    UseKind.REPORT: "prints",
}
_TOUCHING = frozenset({*DOES, UseKind.CALL, UseKind.SQL, UseKind.EVAL}) - {UseKind.SEARCH}
_ORDER = (
    UseKind.SEARCH,
    UseKind.READ,
    UseKind.REPORT,
    UseKind.CREATE,
    UseKind.WRITE,
    UseKind.UNLINK,
    UseKind.CALL,
)
RIGHTS = {
    Actor.CALLER: "with the caller's rights",
    Actor.SUPERUSER: "as superuser",
    Actor.OTHER: "as another user",
}
_CHOICES = {
    Choice.CALLER_ID: "records whose id they name",
    Choice.CALLER_DOMAIN: "records that they choose by a domain or an order of theirs",
    Choice.CONVERTER: "the record in the address, which Odoo has checked that they may read",
    Choice.SELF: "the records they name",
    Choice.TOKEN: "records whose secret they know",
    Choice.OWN: "records tied to who asks",
    Choice.SESSION: "the record whose id their session holds",
    Choice.FIXED: "records that the code names",
    Choice.ALL: "records that nothing ties to who asks",
    Choice.NEW: "new records",
    Choice.UNKNOWN: "records (which, was not followed)",
}
_GUARDS = {
    GuardKind.ACCESS: "they may use it with rights of their own",
    GuardKind.DOCUMENT: "they may read it or know its token",
    GuardKind.OWNER: "it belongs to them",
    GuardKind.TOKEN: "they know its secret",
    GuardKind.TOKEN_UNSAFE: "they know its secret, which is not compared in constant time",
    GuardKind.MEMBER: "it is part of a record that passed",
    GuardKind.PUBLISHED: "it is published",
    GuardKind.READ: "they may read it, as it is read with their rights first",
    GuardKind.RIGHT: "they have an access right on {model}",
    GuardKind.ENTERED: "they have an access right on {model}",
    GuardKind.AUTHENTICATED: "the request carries a key or signature that is held against a secret",
}
_HELD = {
    "internal": "they are internal users",
    "admin": "they are administrators",
    "logged-in": "they are logged in",
}
_LOOKS = {
    GuardKind.STATE: "a test of its state, which says nothing of who asks",
    GuardKind.HELPER: "a helper that was not read ({text})",
    GuardKind.UNDER_SUDO: "a check of access as superuser, which always passes",
    GuardKind.OTHER_TOKEN: "a comparison with the secret of another record",
    GuardKind.PARENT: "a check of another record, to which it is not tied",
    GuardKind.LATER: "a test that comes too late",
    GuardKind.GROUP: "a test of a group that all of them hold",
    GuardKind.RIGHT: "a test of an access right that they have, and of no rule",
}
_BY_GIVEN = (Choice.CALLER_ID, Choice.CALLER_DOMAIN, Choice.TOKEN, Choice.UNKNOWN)
_CHOICES_SAID = 2
_PATHS = 3


def does(kinds: Iterable[UseKind], methods: Sequence[str]) -> str:
    """`reads, changes and calls action_confirm of`."""
    kinds = set(kinds)
    words = [DOES[kind] for kind in _ORDER if kind in kinds and kind in DOES]
    # Looking for records goes without saying where they are used.
    if len(words) > 1 and UseKind.SEARCH in kinds:
        words.remove(DOES[UseKind.SEARCH])
    if UseKind.CALL in kinds:
        shown = [name(one) for one in methods[:_PATHS]]
        if len(methods) > _PATHS:
            shown.append(f"{len(methods) - _PATHS} more methods")
        words.append(f"calls {enumerated(shown) or 'a method'} of")
    return enumerated(words)


def which(choices: Sequence[Choice], given: Sequence[Given], parents: Sequence[str]) -> str:
    """Which records: `records whose id they name (path visit_id)`."""
    said = [_which(one, given, parents) for one in choices[:_CHOICES_SAID]]
    if len(choices) > _CHOICES_SAID:
        said.append("others")
    return enumerated(said)


def _which(choice: Choice, given: Sequence[Given], parents: Sequence[str]) -> str:
    if choice is Choice.RELATED:
        shown = [name(one) for one in parents[:_PATHS]]
        return f"what belongs to {enumerated(shown)}" if parents else "what belongs to other records"
    said = _CHOICES[choice]
    if choice is Choice.CALLER_ID and given and not any(map(_is_id, given)):
        said = "records that they pick out"
    return f"{said} ({sent(given)})" if given and choice in _BY_GIVEN else said


def _is_id(given: Given) -> bool:
    return not given.name or re.search(r"ids?$|^(?:i|pk|record|res)$", given.name) is not None


def sent(given: Sequence[Given]) -> str:
    """`visit_id in the path and the parameter domain`."""
    return line(given_words(given), 160)


def passes(guards: Sequence[Guard]) -> str:
    """`they may read it or know its token`; empty where nothing lets the caller pass."""
    said = dict.fromkeys(map(_passing, guards))
    return enumerated([one for one in said if one], "or")


def _passing(guard: Guard) -> str:
    if guard.kind is GuardKind.GROUP:
        return _HELD.get(guard.text) or f"they hold {name(guard.text) or 'a group'}"
    return _GUARDS.get(guard.kind, "").format(model=name(guard.model) or "the model")


def looks_like(looks: Sequence[Guard]) -> str:
    """What only looks like a check: `its state is asked, which says nothing of who asks`."""
    said = dict.fromkeys(
        _LOOKS[one.kind].format(text=line(one.text, 60))
        for one in looks
        if one.kind in _LOOKS and one.kind is not GuardKind.PARENT
    )
    others = dict.fromkeys(name(one.model) for one in looks if one.kind is GuardKind.PARENT and one.model)
    if others:
        said[f"a check of {enumerated(others)}, to which it is not tied"] = None
    return enumerated(said)


def called(entry: Entry) -> str:
    """What an entry is called: its first paths, or the method with its parameters."""
    if entry.kind is EntryKind.RPC:
        return f"{name(entry.method)}({', '.join(name(one) for one in entry.parameters[:8])})"
    paths = entry.route.paths if entry.route is not None else ()
    shown = ", ".join(line(one, 160) for one in paths[:_PATHS])
    return f"{shown} and {len(paths) - _PATHS} more" if len(paths) > _PATHS else shown or name(entry.name)


def facts(entry: Entry) -> list[str]:
    """What a route says of itself: `json`, `GET, POST`, `no CSRF token asked for`; and what it asks for by itself."""
    route = entry.route
    if route is None:
        return ["needs no records"] if entry.static else []
    found = [name(route.type)] if route.type != "http" else []
    found.append(", ".join(map(name, route.methods)) or "any method")
    if route.type == "http" and not route.csrf:
        found.append("no CSRF token asked for")
    if route.auth not in ("user", "public"):
        found.append(f"auth={name(route.auth)}")
    if asked := _asked(entry):
        found.append(asked)
    return found


def _asked(entry: Entry) -> str:
    """What the code of a route asks for by itself before it touches any record; empty where it does not always."""
    # To look for who has the key comes before.
    touching = [use for use in entry.uses if use.kind in _TOUCHING and use.choice is not Choice.TOKEN]
    must = {callers.caller_at(entry, use).must for use in touching}
    if not must or "" in must:
        return ""
    return "asks for a key or signature" if must == {callers.BY_KEY} else "asks for a password or key"


def of_callers(counts: dict[str, int], one: str) -> str:
    """`3 for anybody, without a login, 8 for anybody who is logged in`: those that there are."""
    return ", ".join(f"{count:,} for {CALLERS[who]}" for who, count in counts.items() if count) or plural(
        0, one
    )
