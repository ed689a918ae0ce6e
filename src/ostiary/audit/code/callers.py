"""Who calls an entry, and what on the way to a use lets them pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.asking.facts import groups_held, may
from ostiary.policy.code import Actor, Choice, Entry, EntryKind, Given, Guard, GuardKind, Use, UseKind
from ostiary.policy.definitions import Mode
from ostiary.policy.overrides import deciding_overrides
from ostiary.policy.policy import Policy

# What `auth=` may say in Odoo itself; anything else is a method `_auth_method_...` of a module.
_LOGGED_IN = ("user", "bearer")
_MODES = frozenset(mode.value for mode in Mode)
_PUBLISHED = re.compile(
    r"""['"](?:public|is_published|website_published)['"], ['"]=['"], True"""
    r"""|['"](?:state|status|visibility)['"], ['"]=['"], ['"](?:online|public|published)['"]"""
)
# Who calls proves it by the request itself: a password, an API key.
CREDENTIALS = re.compile(r"\b(?:_check_credentials|_auth_method_\w+|authenticate)\(")
# What `Caller.must` says.
BY_LOGIN = "a login, whose password or key it asks for, portal users too,"
BY_KEY = "the key or signature that it asks for"
# A secret of one use or for one request, by the name of what is sent, or of the field that is searched for it.
_SECRET = re.compile(
    r"(?:^|_)(?:token|hash|hmac|secret|signature|api_?key|otp|pin"
    r"|(?:access|activation|auth|authorization|confirmation|device|exchange|invitation|invite|login|one_?time|pairing"
    r"|pending|pin|reset|session|ticket|verification)_?code)(?:$|_)",
    re.IGNORECASE,
)
# What belongs to whoever has its code.
_REDEEMED = re.compile(r"coupon|voucher|gift|loyalty\.card|promo")
_QUOTED = re.compile(r"""['"](\w+)['"]\s*,\s*['"](?:=|in)['"]""")
_BY_A_PERSON = re.compile(r"captcha|csrf|turnstile", re.IGNORECASE)
_ANY_MODEL = re.compile(r"\benv\[(?!['\"])")
# How a guard names a test that only tells those with a login from visitors.
_LOGIN = "logged-in"
_PASSING = frozenset(
    {
        GuardKind.ACCESS,
        GuardKind.READ,
        GuardKind.DOCUMENT,
        GuardKind.OWNER,
        GuardKind.TOKEN,
        GuardKind.TOKEN_UNSAFE,
        GuardKind.MEMBER,
        GuardKind.PUBLISHED,
        GuardKind.GROUP,
        GuardKind.RIGHT,
        GuardKind.AUTHENTICATED,
    }
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever may call an entry. `label` is `public` (anybody) or `portal` (anybody with a login); `known` is false
    where the entry asks for something of a module's own that was not looked into. `must` is what its own
    code asks for: a login (a password, the key of a user), or a key or signature."""

    label: str
    known: bool = True
    must: str = ""

    @property
    def words(self) -> str:
        if self.must:
            return f"Whoever has {self.must}"
        if not self.known:
            return "Whoever the module's own authentication lets in"
        return (
            "Anybody, without a login," if self.label == "public" else "Any logged-in user, portal users too,"
        )

    @property
    def audience(self) -> tuple[str, ...]:
        """As findings name them."""
        return (self.label,)


def caller_of(entry: Entry) -> Caller:
    """Who may call it: `auth='user'` lets in any user with a login, and any public method may be called over RPC."""
    if entry.kind is EntryKind.RPC or entry.route is None:
        return Caller("portal")
    if entry.route.public:
        return Caller("public")
    return Caller("portal", known=entry.route.auth in _LOGGED_IN)


def caller_at(entry: Entry, use: Use) -> Caller:
    """Who gets as far as a use: a test that only sends visitors away leaves everybody with a login, and so does code
    that asks for a password or a key by itself."""
    found = caller_of(entry)
    if found.label != "public":
        return found
    if any(one.kind is GuardKind.GROUP and one.text == _LOGIN for one in use.guards):
        return Caller("portal", found.known)
    if _proves_a_login(entry, use):
        return Caller("portal", found.known, BY_LOGIN)
    if any(one.kind is GuardKind.AUTHENTICATED and _stops_somebody(one) for one in use.guards):
        return Caller(found.label, found.known, BY_KEY)
    return found


def _proves_a_login(entry: Entry, use: Use) -> bool:
    """Whether the code asks for a password or an API key of the caller's on the way to a use."""
    asks = (GuardKind.HELPER, GuardKind.AUTHENTICATED)
    if any(CREDENTIALS.search(one.text) for one in (*use.guards, *use.looks) if one.kind in asks):
        return True
    for one in entry.uses:
        if (one.kind, one.origin) == (use.kind, use.origin):
            return False
        if any(CREDENTIALS.search(step.text) for step in one.steps):
            return True
    return False


def passing(policy: Policy, entry: Entry, use: Use) -> tuple[Guard, ...]:
    """What lets the caller pass for the records of a use, and would stop somebody else; nothing where nothing does.

    A published record may be read by anybody, and answered to (a comment, a registration), which says nothing of who
    may change or delete it. A group counts if those who call don't hold it anyway, and a test of an access right if
    they don't have it.
    """
    label = caller_of(entry).label
    guards = tuple(one for one in use.guards if one.kind in _PASSING and _stops(policy, label, use, one))
    if guards:
        return guards
    return (
        *(one for one in use.looks if one.kind is GuardKind.ENTERED and _keeps_out(policy, label, one)),
        *(one for one in use.looks if _of_this_record(use, one)),
        *_found_by_the_caller(entry, use),
        *_found_published(use),
    )


def _of_this_record(use: Use, look: Guard) -> bool:
    """Whether a check that seems to be of another record is taken to be of this one.

    It is one of the same model, or compares a secret that was made of the very value that chose this one.
    """
    if look.kind not in (GuardKind.PARENT, GuardKind.OTHER_TOKEN):
        return False
    if look.model and look.model == use.model:
        return True
    return look.kind is GuardKind.OTHER_TOKEN and any(
        re.search(rf"(?<![\w.]){re.escape(one.name)}(?!\w)", look.text) for one in use.given if one.name
    )


def _found_published(use: Use) -> Iterator[Guard]:
    """A search that only finds what is published, where the records were got hold of."""
    if (
        use.chosen_at is not None
        and use.kind not in (UseKind.WRITE, UseKind.UNLINK)
        and _PUBLISHED.search(use.chosen)
    ):
        yield Guard(GuardKind.PUBLISHED, use.chosen, use.chosen_at, use.model)


def _found_by_the_caller(entry: Entry, use: Use) -> Iterator[Guard]:
    """A search with the caller's own rights, which finds what they may read, where the records were got hold of."""
    for one in entry.uses if use.chosen_at is not None and by_superuser(use) else ():
        if one.kind is UseKind.SEARCH and one.actor is Actor.CALLER and one.origin == use.chosen_at:
            yield Guard(GuardKind.READ, one.text, one.origin, one.model)


def vouched(policy: Policy, entry: Entry, given: Given) -> bool:
    """Whether something else in an entry asks for access to what a value of the caller's chooses."""
    return any(
        given in one.given and (passing(policy, entry, one) or _is_search_by_caller(one))
        for one in entry.uses
    )


def _is_search_by_caller(use: Use) -> bool:
    return use.kind is UseKind.SEARCH and use.actor is Actor.CALLER


def _stops(policy: Policy, label: str, use: Use, guard: Guard) -> bool:
    if guard.kind is GuardKind.READ:
        return by_superuser(use)  # as the caller the rules decide, here as there
    if guard.kind is GuardKind.PUBLISHED:
        return use.kind is not UseKind.UNLINK and not (use.kind is UseKind.WRITE and bool(use.written))
    if guard.kind is GuardKind.GROUP:
        return guard.text != _LOGIN and guard.text not in groups_held(policy, label)
    if guard.kind is GuardKind.AUTHENTICATED:
        return _stops_somebody(guard)
    if guard.kind is GuardKind.RIGHT:
        return _keeps_out(policy, label, guard)
    return True


def _keeps_out(policy: Policy, label: str, guard: Guard) -> bool:
    """Whether an access right that is asked for is one they don't have, as far as the model was read, and its own code
    does not decide."""
    known = policy.models.get(guard.model)
    mode = Mode(guard.mode) if guard.mode in _MODES else Mode.READ
    if known is None or known.unresolved or deciding_overrides(policy, guard.model, mode):
        return False
    return not may(policy, label, guard.model, mode)


def by_secret(use: Use) -> bool:
    """Whether a secret is part of what chose the records: it is sent, or searched for besides."""
    keys = (one.source == "header" and one.name.lower() == "authorization" for one in use.given)
    return searched_by_secret(use) or any(keys) or any(is_secret(one.name) for one in use.given)


def searched_by_secret(use: Use) -> bool:
    """Whether a field that holds a secret is searched for what is sent."""
    if use.choice not in (Choice.CALLER_ID, Choice.ALL, Choice.RELATED) or not use.given:
        return False
    redeemed = _REDEEMED.search(use.model) is not None
    return any(is_secret(name) or (redeemed and name == "code") for name in _QUOTED.findall(use.chosen))


def is_secret(name: str) -> bool:
    """Whether the name of a value that is sent, or of a field, says that it is a secret."""
    return name != "csrf_token" and not name.endswith(("_id", "_ids")) and _SECRET.search(name) is not None


def _stops_somebody(guard: Guard) -> bool:
    """Whether a secret says who calls: a CSRF token and a captcha only say that they do so by themselves."""
    return not _BY_A_PERSON.search(guard.text)


def explicit(guard: Guard) -> bool:
    """Whether somebody wrote it as a check: it is not a read that happens to be refused to others."""
    return guard.kind is not GuardKind.READ


def files_of(entry: Entry) -> frozenset[str]:
    """The files of an entry's own code: its `def`, and those that it overrides."""
    return frozenset((entry.origin.path, *(one.path for one in entry.overrides)))


def in_a_helper_of_any(entry: Entry, use: Use) -> bool:
    """Whether a helper for any model, outside the entry, gets hold of the records: it is mended where it is called.

    The body of the entry reaches from its `def` to the line where the records are used, or the way to there begins.
    """
    at = use.chosen_at
    if at is None or use.model in ("", "*") or not _ANY_MODEL.search(use.chosen):
        return False
    last = use.steps[0].origin if use.steps else use.origin
    return at.path != entry.origin.path or not entry.origin.line <= at.line <= last.line


def incidental(entry: Entry, use: Use) -> bool:
    """Whether code of other files keeps its books by what hangs on a record, with nothing of the caller's choice."""
    ours = use.origin.path in files_of(entry)
    return use.mutates and use.choice is Choice.RELATED and not ours and not set(use.written) - set(use.given)


def looks(use: Use, kind: GuardKind) -> Guard | None:
    """The first thing of a kind that only looks like a check."""
    return next((one for one in (*use.looks, *use.guards) if one.kind is kind), None)


def by_superuser(use: Use) -> bool:
    """Whether the rules don't count: as superuser, or as somebody who could not be told."""
    return use.actor is not Actor.CALLER
