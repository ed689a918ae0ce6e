"""The sentences that findings about code share: who calls what, what chooses the records, what is done to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ostiary.audit.asking.wording import at_most, model_words, sentence
from ostiary.audit.code.callers import by_superuser
from ostiary.audit.code.join import Join, Standing
from ostiary.policy.code import Entry, EntryKind, Given, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

_VERBS = {
    UseKind.READ: "read",
    UseKind.SEARCH: "look up",
    UseKind.WRITE: "change",
    UseKind.CREATE: "create",
    UseKind.UNLINK: "delete",
    UseKind.REPORT: "print",
}
_SOURCES = {
    "path": "{} in the path",
    "parameter": "the parameter {}",
    "body": "{} in the body",
    "header": "the header {}",
    "cookie": "the cookie {}",
    "argument": "the argument {}",
    "file": "the uploaded file {}",
}
_UNNAMED = {
    "path": "the path",
    "parameter": "the request's parameters",
    "body": "the request's body",
    "header": "a header",
    "cookie": "a cookie",
    "argument": "an argument",
    "file": "an uploaded file",
    "url": "the address",
    "self": "the ids it is called with",
}
_PRINTS = re.compile(r"report|pdf")
_LONGEST = 120


def entry_words(entry: Entry) -> str:
    """`the route /my/order/<int:order_id>`, `the method sale.order.send_all`."""
    if entry.kind is EntryKind.RPC or entry.route is None:
        return f"the method {entry.model}.{entry.method}"
    return f"the route {entry.route.paths[0]}" if entry.route.paths else f"the route {entry.name}"


def entry_said(entry: Entry) -> str:
    """What an entry is, with who may call it: the first step of a flow."""
    if entry.kind is EntryKind.RPC or entry.route is None:
        method = f"{entry.model}.{entry.method}"
        return f"any logged-in user may call {method} over RPC, with ids and arguments of their choice"
    route = entry.route
    who = {
        "user": "any logged-in user, portal users too",
        "public": "anybody, logged in or not",
        "none": "anybody, and runs without a user",
        "bearer": "whoever has a login or an API key",
        "<inherited>": "whoever the definition lets in that it overrides, which was not read",
        "<code>": "whoever its code says, which was not run",
    }.get(route.auth, f"whoever _auth_method_{route.auth} lets in")
    methods = f", methods {', '.join(route.methods)}" if route.methods else ""
    at = at_most(route.paths, 3) or entry.name
    return f"{at} ({route.type}, auth={route.auth!r}{methods}) may be called by {who}"


def given_words(given: Iterable[Given]) -> str:
    """`order_id in the path and the parameter token`."""
    return at_most(list(dict.fromkeys(_given(one) for one in given)), 3)


def chooses(given: Sequence[Given]) -> str:
    """`order_id in the path chooses`, the subject and the verb."""
    several = len(given) > 1 or any(
        one.source == "self" or (one.source == "parameter" and not one.name) for one in given
    )
    return f"{given_words(given)} {'choose' if several else 'chooses'}"


def parent_of(use: Use) -> str:
    """The model of the record that was checked in place of the one that is used, empty where that is not known."""
    checked = [
        one.model for one in use.looks if one.kind in (GuardKind.PARENT, GuardKind.OTHER_TOKEN) and one.model
    ]
    return next(iter(checked), use.parent)


def _given(one: Given) -> str:
    if not one.name:
        return _UNNAMED.get(one.source, "the request")
    return _SOURCES.get(one.source, "{}").format(one.name)


def what(policy: Policy, model: str) -> str:
    """`Rental Order (rental.order)`, also where the model is the caller's choice, or could not be told."""
    if model == "*":
        return "record of any model"
    return model_words(policy, model) if model else "record (of a model that could not be told)"


def doing(use: Use) -> str:
    """What is done to a record: `read`, `run action_send() on`."""
    if use.kind is UseKind.CALL:
        return f"run {use.method}() on" if use.method else "run a method on"
    if use.kind is UseKind.REPORT and use.method and not _PRINTS.search(use.method):
        return "download a file of"
    return _VERBS.get(use.kind, "use")


def source(text: str) -> str:
    """Source on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def join_said(use: Use, joined: Join) -> str:
    """What the definitions are worth where a use is: a sentence."""
    if not by_superuser(use) or joined.standing in (Standing.UNREAD, Standing.PYTHON):
        return f"{sentence(joined.said)}."
    if joined.standing is Standing.OPEN:
        return f"{sentence(joined.said)}, so that it would be so without sudo() too."
    return f"{sentence(joined.said)}, but this runs as superuser."
