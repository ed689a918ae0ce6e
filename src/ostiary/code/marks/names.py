"""What a name says of its value: that it is a password, a key, a token; or only something about one."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")
# Ends that say which of several, and nothing about what it is.
_WHICH = re.compile(r"(?:_(?:prod|production|live|default|value|str|hex|b64|base64|\d+))+$")

_PASSWORD = re.compile(
    r"(?:^|_)(?:password|passwd|passwort|passphrase|passcode|pwd|(?:smtp|db|user|admin|ftp)_pass)$"
)
_KEY = re.compile(
    r"(?:^|_)(?:secret|api_?key|access_?key|private_?key|secret_?key|signing_?key|encryption_?key|auth_?key|hmac_?key"
    r"|access_?token|auth_?token|api_?token|bearer_?token|refresh_?token|bot_?token|secret_?token|webhook_?token"
    r"|security_?token|verify_?token|token|credentials?|key_?secret|secret_?id)$"
)
_OTP = re.compile(
    r"(?:^|_)(?:otp|otp_code|one_time_code|pin|pin_?code|(?:verification|activation|access|auth|reset|login|invite"
    r"|invitation|signup|security|unlock|confirmation)_?code|verification_pin|session_id|sid)$"
)
_CODE = re.compile(r"(?:^|_)(?:code|codes|coupon|voucher|key|hash|serial)$")
_REDEEMED = re.compile(
    r"coupon|voucher|gift|promo|discount|loyalty|redeem|otp|verif|activat|invit|unlock|access|login|auth|reset|signup"
)
# Tokens that open nothing: where a list goes on, what a parser reads, a check of a form; and what everybody is given.
_HARMLESS = re.compile(
    r"(?:^|_)(?:next|page|paging|sync|continuation|cursor|stop|start|end|pad|unk|eos|bos|mask|sep|csrf|lex|last|public"
    r"|publishable|site|sort|cache|primary|foreign|test|sandbox|demo|dummy|example|sample|fake|mock|invalid|wrong|no"
    r"|has|is|use|show|label|placeholder|identifier)(?:_|$)"
)


class Sort(Enum):
    """What a name says: `PASSWORD` and `KEY` are secrets, `CODE` may be one where it is redeemed or typed in."""

    PASSWORD = "password"  # noqa: S105
    KEY = "key"
    CODE = "code"


def plain(name: str) -> str:
    """A name in small letters with underscores: `apiKey`, `API-KEY` and `shop.api_key` are all `api_key` in the end.

    What a dotted name is of is left out.
    """
    return _plain(name[-120:])


@lru_cache(maxsize=4_000)
def _plain(name: str) -> str:
    parted = _CAMEL.sub("_", name.rpartition(".")[2])
    return _WHICH.sub("", _OTHER.sub("_", parted.lower()).strip("_"))


def harmless(name: str) -> bool:
    """Whether a name says that its value opens nothing: the next page of a list, a public key, a sandbox."""
    return _HARMLESS.search(plain(name)) is not None


def secret_sort(name: str) -> Sort | None:
    """Whether a name is that of a secret; None for what only says something about one, such as `token_url`."""
    word = plain(name)
    if _HARMLESS.search(word):
        return None
    if _PASSWORD.search(word):
        return Sort.PASSWORD
    return Sort.KEY if _KEY.search(word) else None


def entry_sort(name: str, *around: str) -> Sort | None:
    """Whether whoever knows the value of this name is let in, or gets something for it.

    `around` are the names of what it stands in (a class, a model, a function): they say whether a code is redeemed.
    """
    word = plain(name)
    if _HARMLESS.search(word):
        return None
    found = secret_sort(name)
    if found is None and _OTP.search(word):
        return Sort.KEY
    if found is None and _CODE.search(word) and any(_REDEEMED.search(plain(one)) for one in (name, *around)):
        return Sort.CODE
    return found
