"""Whether a text that stands in the source looks like a secret: neither a word, nor a name, nor a place to fill in."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter

from ostiary.code.marks.found import lines_of, lines_with
from ostiary.code.marks.names import Sort

# How a mark begins to say what it found; the rest are what services give out.
FIRST_TRIED = "a password that is tried first"
PASSWORD = "a password"  # noqa: S105
SECRET = "a secret"  # noqa: S105

_LONGEST = 4096
_SHORTEST_PASSWORD = 4
_SHORTEST_SECRET = 8
_SHORTEST_KEY = 16
_LEAST_ENTROPY = 3.0
_PLACEHOLDER = re.compile(
    r"example|dummy|change_?me|placeholder|your|sample|fake|mock|x{3,}|\*{2,}|\.{2,}|…|^<|>$|[{}$%]|insert|replace|todo"
    r"|test|demo|lorem|redacted|hidden|undefined|1234567890abcdef|abcdef123456|deadbeef|because",
    re.IGNORECASE,
)
# What is tried first: a password all the same.
_GUESSED = frozenset({"admin", "root", "odoo", "postgres", "letmein", "qwerty", "superuser", "welcome"})
_WORDY = re.compile(r"[A-Za-z]{2,}\d{0,3}|[a-z]\d{1,2}[a-z]{0,8}|\d{1,4}|[A-Za-z]|v\d+")
_PARTS = re.compile(r"[_.\-:/@#]+|(?<=[a-z])(?=[A-Z])")
_PATH = re.compile(r"(?:[a-z][a-z0-9+.\-]*:)?//|[./~]|#|\w+/\w+/")
_PATTERN = re.compile(r"\\[dwsbSDW]|\(\?|\[\^|\.\*|\.\+")
_KEY_LETTERS = re.compile(r"[A-Za-z0-9+/=_\-.~:|]+")
_RANDOM_WORD = re.compile(r"[A-Za-z]{20,}")
_USER_PASSWORD = re.compile(
    r"\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@{}%<$]{1,100}:([^\s:/@{}%<$]{3,100})@[\w.\-\[]"
)

# What services give out, told by its shape wherever it stands.
_GIVEN_OUT = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a Stripe live key", re.compile(r"\b[sr]k_live_[0-9A-Za-z]{16,}")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{40,}")),
    ("a GitLab token", re.compile(r"\bglpat-[\w\-]{20}")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[0-9]{6,}-[0-9A-Za-z\-]{10,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_\-]{35}\b")),
    ("a SendGrid key", re.compile(r"\bSG\.[\w\-]{16,}\.[\w\-]{16,}")),
    ("a Telegram bot's token", re.compile(r"\b\d{8,10}:AA[\w\-]{32,34}\b")),
    ("an OpenAI or Anthropic key", re.compile(r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_\-]{32,}")),
    ("a signed token (JWT)", re.compile(r"\beyJ[\w\-]{10,}\.eyJ[\w\-]{10,}\.[\w\-]{20,}")),
    (
        "a private key",
        re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*(?:[A-Za-z0-9+/=]\s*){64}"),
    ),
)
_AUTHORIZATION = re.compile(r"^(Bearer|Basic|Token|ApiKey) +([A-Za-z0-9+/=_\-.~]{16,})$")
# What is quick to see of all that: most files have none of it.
_TRACES = b"k_live_ github_pat_ glpat- AIza SG. :AA eyJ KEY-----".split()
_FORMS = (
    re.compile(rb"A[KS]IA"),
    re.compile(rb"gh[pousr]_"),
    re.compile(rb"xox[abprs]-"),
    re.compile(rb"://[^\s/'\"@:]{1,100}:[^\s/'\"@]{1,100}@"),
)
# These count where a text begins with them.
_OPENINGS = b"sk- Bearer Basic Token ApiKey".split()


def given_out_on(source: bytes) -> frozenset[int]:
    """The lines that may hold something that `given_out` tells: what is quick to see of it."""
    opened = [quote + word for word in _OPENINGS if word in source for quote in (b"'", b'"')]
    return lines_with(_FORMS, source) | lines_of(_TRACES, source) | lines_of(opened, source)


def given_out(text: str) -> str | None:
    """What a text holds that some service gave out, or a password within an address; None for anything else."""
    text = text[:_LONGEST]
    for sort, shape in _GIVEN_OUT:
        found = shape.search(text)
        if found is not None and not _filled_in_later(found[0]):
            return sort
    within = _USER_PASSWORD.search(text)
    if within is not None and is_secret(Sort.PASSWORD, within[1]):
        return "an address with a password in it"
    header = _AUTHORIZATION.match(text)
    if header is not None and (_login(header[2]) if header[1] == "Basic" else is_secret(Sort.KEY, header[2])):
        return f"a {header[1]} authorization"
    return None


def is_guessed_first(text: str) -> bool:
    """Whether it is one of the passwords that are tried first."""
    return text.lower() in _GUESSED


def is_secret(sort: Sort, text: str) -> bool:
    """Whether a text that a secret's name is bound to is one, rather than a word, a name or a place to fill in."""
    if not _SHORTEST_PASSWORD <= len(text) <= _LONGEST or any(letter.isspace() for letter in text):
        return False
    if sort is Sort.PASSWORD and is_guessed_first(text):
        return True
    if _PLACEHOLDER.search(text) or _PATH.match(text) or _PATTERN.search(text) or not text.isascii():
        return False
    if sort is Sort.PASSWORD:
        return text.isdigit() or not is_wording(text)
    return _is_key(text)


def is_wording(text: str) -> bool:
    """Whether a text is made of words: a name in the source, a label, the key of a setting, a header."""
    parts = [part for part in _PARTS.split(text.strip("?!:;,*()[]<> ")) if part]
    return not _RANDOM_WORD.fullmatch(text) and all(_WORDY.fullmatch(part) for part in parts)


def _is_key(text: str) -> bool:
    if len(text) < _SHORTEST_SECRET or not _KEY_LETTERS.fullmatch(text):
        return not is_wording(text) and len(text) >= _SHORTEST_SECRET and _mixed(text)
    if is_wording(text):
        return False
    return _mixed(text) if len(text) < _SHORTEST_KEY else entropy(text) >= _LEAST_ENTROPY


def _mixed(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and any(letter.isalpha() for letter in text)


def entropy(text: str) -> float:
    """Bits of information a letter, by how often each comes."""
    counts = Counter(text)
    return -sum(many / len(text) * math.log2(many / len(text)) for many in counts.values())


def _filled_in_later(text: str) -> bool:
    return bool(
        re.search(r"x{4,}|\*{2,}|\.{3}|example|your|0{8,}|1234567890|dummy|test", text, re.IGNORECASE)
    )


def _login(text: str) -> bool:
    """Whether this is `user:password` in base64, and no place to fill in."""
    try:
        user, colon, password = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return False
    return bool(user and colon) and is_secret(Sort.PASSWORD, password)
