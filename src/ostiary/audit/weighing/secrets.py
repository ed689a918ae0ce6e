"""Which fields hold a secret: something that lets whoever knows it act as somebody else, by name, type and use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ostiary.audit.weighing.sensitivity import mixins
from ostiary.policy.definitions import Field, Kind, Model
from ostiary.policy.memo import remembered
from ostiary.policy.policy import Policy

_TYPES = frozenset({"char", "text", "html", "binary", "json"})
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|passwort|contrasena|pwd|passphrase|smtp_pass|secret|credentials?|pkcs12|pfx|p12"
    r"|api_?key|apikey|private_?key|access_key|secret_key|signing_key|encryption_key|auth_key|hmac_key|license_key"
    r"|(?:refresh|oauth|oauth2|bearer|auth|api|rt?)_?token|rtoken|totp|otp_seed|pin_?code|pin|cvv|cvc)(?:$|_)"
)
_ENCRYPTED = re.compile(r"(?:^|_)(?:encrypted|encoded|cipher|ciphertext)(?:$|_)")
_TOKEN = re.compile(r"(?:^|_)token(?:$|_)")
# What tells that such a word stands for something about a secret, or for what is given to everybody.
_ABOUT = re.compile(
    r"(?:^|_)(?:count|date|expiry|expiration|expires?|validity|policy|length|minlength|hint|type|kind|name|label|url|uri"
    r"|endpoint|maps|sync|state|status|help|message|note|text|field|format|example|domain|model|public|publishable|site|ref"
    r"|description|instructions?|display|mask|masked|strength|user|login|username|client_id|error|last4|path|param)(?:$|_)"
)
# Nobody types in a token that is read only: it is Odoo's own and opens something here, unless its name says otherwise.
_SERVICE = re.compile(r"access_token|oauth|session")
_OAUTH = frozenset(
    {"client_id", "client_secret", "refresh_token", "consumer_key", "app_id", "token_expiry", "api_url"}
)
_SETTINGS = frozenset({"res.company", "res.users", "website"})


class Secret(Enum):
    """How much a secret gives away.

    `KEY`: what logs in somewhere. `LINK`: what opens one record, which those who may read the record have anyway.
    """

    KEY = "key"
    LINK = "link"


def secret_of(policy: Policy, model: Model, field: Field) -> tuple[Secret, str] | None:
    """Whether a field holds a secret, and what says so; None where nothing does."""
    if field.type not in _TYPES or field.name.startswith(("has_", "is_", "show_", "use_", "require")):
        return None
    view = _masked(policy).get((model.name, field.name))
    if view is not None:
        return Secret.KEY, f"the view {view} shows it as a password"
    if _ABOUT.search(field.name):
        return None
    if _SECRET.search(field.name) and field.name != "access_token":
        if _ENCRYPTED.search(field.name):
            return (
                Secret.KEY,
                "its name says what it holds, encrypted: whatever decrypts it for its user gives it away",
            )
        return Secret.KEY, "its name says what it holds"
    if _TOKEN.search(field.name):
        if field.name == "access_token" and "portal.mixin" in mixins(policy, model.name):
            return Secret.LINK, "it opens the record in the portal without a login"
        own = field.readonly and not field.related and not _SERVICE.search(field.name)
        if model.name in _SETTINGS and not own:
            return Secret.KEY, f"{model.name} opens no record by a token: it is that of another service"
        other = next((name for name in model.fields if name in _OAUTH), None)
        if other is not None:
            return Secret.KEY, f"it is kept beside {other}, as the token of another service"
        return Secret.LINK, "its name says what it holds"
    return None


def _masked(policy: Policy) -> dict[tuple[str, str], str]:
    """The fields that some view shows as a password, with the view."""

    def find() -> dict[tuple[str, str], str]:
        return {
            target: view.xmlid
            for view in policy.views.values()
            if view.model
            for name in view.masked
            if (target := _target(policy, view.model, name)) is not None
        }

    return remembered(policy, ("audit masked",), find)


def _target(policy: Policy, model: str, path: str) -> tuple[str, str] | None:
    """The model and field that a path shown in a view leads to."""
    *above, name = path.split(".")
    here: str | None = model
    for step in above:
        known = policy.models.get(here or "")
        field = known.fields.get(step) if known else None
        here = field.comodel if field else None
    return (here, name) if here else None


@dataclass(frozen=True, slots=True)
class Held:
    """A field that holds a secret, of which sort, and what says so."""

    model: Model
    field: Field
    kind: Secret
    why: str


def secrets(policy: Policy) -> Iterator[Held]:
    """The fields that hold a secret, of all models whose records stay."""
    for model in policy.models.values():
        if model.kind is not Kind.MODEL:
            continue
        for field in model.fields.values():
            found = secret_of(policy, model, field)
            if found is not None:
                yield Held(model, field, *found)
