"""What a route or method changes that is worth a word: no logs, counters or the caller's own session."""

from __future__ import annotations

import re

from ostiary.audit.asking.wording import enumerated
from ostiary.audit.code.callers import CREDENTIALS, passing, searched_by_secret
from ostiary.audit.code.lines import theirs
from ostiary.audit.code.telling import counts_only
from ostiary.policy.code import Choice, Entry, GuardKind, Use, UseKind
from ostiary.policy.policy import Policy

# What is written on the way of many things, and is no effect of its own.
_LOGS = re.compile(
    r"bus\.|ir\.(?:logging|http|qweb|profile)|mail\.(?:presence|guest|tracking|link)|res\.(?:users\.log|device)"
    r"|website\.(?:visitor|track)|link\.tracker\.click|utm\.|.*\.(?:log|audit)s?$|.*\.(?:view|visit|click|track)s?$"
)
_A_LOG = re.compile(r"\blogs?\s*$", re.IGNORECASE)
# A field that only counts or dates what others do.
_COUNTED = re.compile(
    r"(?:^|_)(?:count|counter|views?|visits?|hits?|clicks?|downloads?|last_seen|last_login)(?:_|$)"
)
# Methods that only give something back, by their name; they were not read.
_QUIET = re.compile(
    r"_?(?:get|read|fetch|load|print|export|render|report|preview|compute|search|check|download|view|list|find|show|format"
    r"|prepare|is|has|can|to|as|with|mapped|filtered|name|browse|exists|ensure)(?:_|$)"
    r"|_?(?:create|generate|make|build)_(?:\w+_)?(?:barcode|binary|csv|file|html|image|pdf|qr_?code|report|xlsx?|xml|zip)(?:_|$)"
    r"|_?action_(?:print|download|export)(?:_|$)|open_(?:form|page|ui|url|view|wizard)(?:_|$)"
    r"|_?portal_ensure_token$|action(?:_\w+)?_(?:open|view|show|preview)(?:_|$)|_?action_(?:open|view|show|preview)(?:_|$)"
)
_SECRETS = frozenset({GuardKind.TOKEN, GuardKind.TOKEN_UNSAFE, GuardKind.AUTHENTICATED})
# A header that no form of another page can send, and that is asked for.
_HEADER = re.compile(
    r"\bheaders?\b.*['\"](?:x-[\w-]+|authorization|origin|referer|sec-fetch-site|api-?key)['\"]|\bHTTP_X_\w+",
    re.IGNORECASE,
)
_NO_PROOF = re.compile(r"x-(?:forwarded|real|client|original)-", re.IGNORECASE)
_PERSONAL = frozenset({GuardKind.DOCUMENT, GuardKind.ACCESS, GuardKind.OWNER, GuardKind.GROUP})
_DEEPEST = 4
_MOST_WORDS = 3


def changes(policy: Policy, entry: Entry) -> list[Use]:
    """The uses that change something on account of the call, what the caller has most say in first."""
    found = [use for use in entry.uses if use.mutates and _tells(policy, use)]
    return sorted(found, key=lambda use: (not use.written, not use.given, len(use.steps)))


def opened_by_secret(entry: Entry) -> bool:
    """Whether an entry asks somewhere for a secret of the request: a token, a key, a signature."""
    return any(_by_secret(use) for use in entry.uses)


def _by_secret(use: Use) -> bool:
    if use.kind is UseKind.COMPARE or use.choice is Choice.TOKEN:
        return True
    if searched_by_secret(use):
        return True
    return any(
        one.kind in _SECRETS or (one.kind is GuardKind.HELPER and CREDENTIALS.search(one.text))
        for one in (*use.guards, *(look for look in use.looks if look.kind is GuardKind.HELPER))
    )


def by_header(use: Use) -> bool:
    """Whether a header is asked for that the form or link of another page can't send."""
    return any(
        one.kind is GuardKind.STATE and _HEADER.search(one.text) and not _NO_PROOF.search(one.text)
        for one in use.looks
    )


def by_who_asks(policy: Policy, entry: Entry, use: Use) -> bool:
    """Whether a use hangs on the session of who calls: what anybody may do needs nobody's browser."""
    return any(one.kind in _PERSONAL for one in passing(policy, entry, use))


def is_log(use: Use) -> bool:
    """Whether what is used is a log, a visit or the like."""
    return _LOGS.match(use.model) is not None


def _described_as_log(policy: Policy, use: Use) -> bool:
    known = policy.models.get(use.model)
    return known is not None and _A_LOG.search(known.description or "") is not None


def _tells(policy: Policy, use: Use) -> bool:
    if not theirs(policy, use) or (use.kind is UseKind.CALL and _QUIET.match(use.method)):
        return False
    if is_log(use) or _described_as_log(policy, use) or len(use.steps) > _DEEPEST or counts_only(policy, use):
        return False
    return not (use.fields and all(_COUNTED.search(name) for name in use.fields))


def done_words(uses: list[Use], model: str) -> str:
    """What is done to a model's records: `changes`, `creates and runs action_send() on`."""
    found = dict.fromkeys(_done(use) for use in uses if use.model == model)
    return enumerated(list(found)[:_MOST_WORDS])


def _done(use: Use) -> str:
    return _DONE.get(use.kind) or (f"runs {use.method}() on" if use.method else "runs a method on")


_DONE = {UseKind.WRITE: "changes", UseKind.CREATE: "creates", UseKind.UNLINK: "deletes"}
