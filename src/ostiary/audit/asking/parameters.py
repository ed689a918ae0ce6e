"""The settings of a database that decide how hard it is to get in, each judged by itself.

What Odoo takes where a parameter is not set is taken here too; a value that it could not use is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ostiary.audit.finding import Confidence, Evidence, Severity
from ostiary.policy.definitions import Parameter, User
from ostiary.policy.groups import closure
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL

TABLE = "ir_config_parameter"
MIN_PASSWORD = 8
MANY_FAILURES = 100
DAY = 86_400
LONG_SESSION = 30 * DAY
_LOCAL = re.compile(r"http://(localhost|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)
_SIGNUP = re.compile(r"website\(\d+\)\.auth_signup_uninvited")
_EDITOR = "mail.group_mail_template_editor"


@dataclass(frozen=True, slots=True)
class Weakness:
    """A setting that leaves a door open: what is set, what follows, and what to do."""

    key: str
    message: str
    fix: str
    severity: Severity
    origin: Origin
    audience: tuple[str, ...] = ()
    confidence: Confidence = Confidence.HIGH
    references: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Settings:
    """The parameters that were read."""

    def __init__(self, policy: Policy, parameters: dict[str, Parameter]) -> None:
        self.policy = policy
        self.parameters = parameters

    def value(self, key: str) -> str:
        found = self.parameters.get(key)
        return found.value.strip() if found else ""

    def number(self, key: str, default: int) -> int | None:
        """The value as Odoo's `int(get_param(key, default))` takes it, None where that fails."""
        if key not in self.parameters:
            return default
        try:
            return int(self.value(key))
        except ValueError:
            return None

    def origin(self, key: str) -> Origin:
        found = self.parameters.get(key)
        return found.origin if found else Origin(path=TABLE)

    def shown(self, key: str) -> Evidence:
        """What is set."""
        said = f"{key} = {self.value(key)}" if key in self.parameters else f"{key} is not set"
        return Evidence(said, self.origin(key))

    def installed(self, module: str) -> bool:
        return module in self.policy.modules


def template_user(policy: Policy, settings: Settings) -> User | None:
    """The user whose groups everybody who registers gets."""
    id = settings.number("base.template_portal_user_id", 0)
    return next((user for user in policy.users if id and user.id == id), None)


def open_signup(settings: Settings) -> tuple[str, ...]:
    """The keys that let anybody register; a website's own setting counts before the parameter."""
    if not settings.installed("auth_signup"):
        return ()
    key = "auth_signup.invitation_scope"
    sites = [name for name in settings.parameters if _SIGNUP.fullmatch(name)]
    general = settings.value(key) == "b2c"
    if not (sites and settings.installed("website")):
        return (key,) if general else ()
    scopes = {site: settings.value(site) for site in sites}
    found = [site for site, scope in scopes.items() if scope == "b2c"]
    return (*found, *([key] if general and not all(scopes.values()) else []))


def signup(settings: Settings) -> Iterator[Weakness]:
    keys = open_signup(settings)
    if not keys:
        return
    shop = settings.installed("website_sale")
    usual = ", as a shop usually wants it" if shop else ""
    yield Weakness(
        "auth_signup.invitation_scope",
        f"Anybody may register and is a portal user from then on{usual}: whatever portal users may see, everybody may.",
        "Let people register by invitation only (Settings, Customer Account: On invitation; for each website where "
        "there are some), or take every finding about portal users as one about the whole world.",
        Severity.LOW if shop else Severity.MEDIUM,
        settings.origin(keys[0]),
        ("public",),
        references=("CWE-284", "OWASP A01:2021"),
        evidence=tuple(settings.shown(key) for key in keys),
    )


def reset_password(settings: Settings) -> Iterator[Weakness]:
    key = "auth_signup.reset_password"
    if settings.installed("auth_signup") and settings.value(key) == "True":
        yield Weakness(
            key,
            "Anybody may ask for a new password on the login page, and the answer tells whether an account exists.",
            "Leave it on where users need it, with a limit on requests to /web/reset_password in the web server.",
            Severity.INFO,
            settings.origin(key),
            ("public",),
            references=("CWE-204", "CWE-640"),
            evidence=(settings.shown(key),),
        )


def api_keys(settings: Settings) -> Iterator[Weakness]:
    key = "portal.allow_api_keys"
    if settings.installed("portal") and settings.value(key):
        yield Weakness(
            key,
            "Portal users may make API keys: whoever gets hold of one acts as that user from any program, without "
            "password or second factor, until it is revoked or runs out.",
            "Switch it off (Settings, API Keys: Customers can generate API Keys) unless a customer's program needs it.",
            Severity.LOW,
            settings.origin(key),
            ("portal",),
            references=("CWE-308", "OWASP A07:2021"),
            evidence=(settings.shown(key),),
        )


def second_factor(settings: Settings) -> Iterator[Weakness]:
    key = "auth_totp.policy"
    enforced = settings.installed("auth_totp_mail_enforce")
    policy = settings.value(key) if enforced else ""
    if policy == "all_required":
        return
    some = policy == "employee_required"
    missing = (
        ()
        if enforced
        else (Evidence("the module auth_totp_mail_enforce, which requires it, is not installed"),)
    )
    yield Weakness(
        key,
        "Only internal users must log in with a second factor: a portal user's password is enough."
        if some
        else "Nobody has to log in with a second factor, administrators included: a password is enough unless the user "
        "chose otherwise.",
        f"Switch on Settings, Enforce two-factor authentication, for {'all users' if some else 'employees at least'}"
        f"{'' if enforced else ' (it installs auth_totp_mail_enforce)'}, or let a login service (OAuth, LDAP, SAML) "
        "ask for it.",
        Severity.INFO if some else Severity.MEDIUM,
        settings.origin(key),
        ("portal",) if some else ("internal", "portal"),
        Confidence.HIGH if some else Confidence.MEDIUM,
        ("CWE-308", "OWASP A07:2021", "ASVS 4.0.3 V2.8"),
        (settings.shown(key), *missing),
    )


def password_length(settings: Settings) -> Iterator[Weakness]:
    key = "auth_password_policy.minlength"
    there = settings.installed("auth_password_policy")
    least = settings.number(key, 0) if there else 0
    if least is None or least >= MIN_PASSWORD:
        return
    why = (
        ()
        if there
        else (Evidence("the module auth_password_policy, which asks for a length, is not installed"),)
    )
    said = (
        f"Passwords may be as short as {least} characters"
        if least > 1
        else "Passwords may have any length, even one character"
    )
    yield Weakness(
        key,
        f"{said}.",
        f"{'Set' if there else 'Install auth_password_policy, and set'} Settings, Minimum Password Length to at least "
        f"{MIN_PASSWORD}, better 12. Passwords that exist are not checked.",
        Severity.LOW,
        settings.origin(key),
        ("internal", "portal"),
        references=("CWE-521", "OWASP A07:2021", "ASVS 4.0.3 V2.1.1"),
        evidence=(settings.shown(key), *why),
    )


def neutralized(settings: Settings) -> Iterator[Weakness]:
    key = "database.is_neutralized"
    if settings.value(key):
        yield Weakness(
            key,
            "This is a neutralized copy: it sends no mail and runs no scheduled action, but holds what the original "
            "holds, logins included, and some of its settings are not the original's.",
            "Keep the copy as closed as the original, and audit the original for its settings.",
            Severity.INFO,
            settings.origin(key),
            references=("CWE-200", "OWASP A05:2021"),
            evidence=(settings.shown(key),),
        )


def base_url(settings: Settings) -> Iterator[Weakness]:
    key = "web.base.url"
    value = settings.value(key)
    if not value.lower().startswith("http://"):
        return
    local = _LOCAL.match(value) is not None
    yield Weakness(
        key,
        "Links in mails (invitations, new passwords, documents with their access token) begin with http://: whoever is "
        "on the way can read them and use them"
        + (", once this server has another name than localhost." if local else "."),
        "Serve Odoo by https only, and set web.base.url to that address.",
        Severity.INFO if local else Severity.MEDIUM,
        settings.origin(key),
        references=("CWE-319", "OWASP A02:2021"),
        evidence=(settings.shown(key),),
    )


def base_url_freeze(settings: Settings) -> Iterator[Weakness]:
    key = "web.base.url.freeze"
    if not settings.value(key):
        yield Weakness(
            key,
            "Each time an administrator logs in, web.base.url becomes the address they used: by a wrong one, the links "
            "in mails lead elsewhere.",
            "Set the parameter web.base.url.freeze to True once web.base.url is right.",
            Severity.INFO,
            settings.origin(key),
            references=("CWE-644", "OWASP A05:2021"),
            evidence=(settings.shown(key),),
        )


def cooldown(settings: Settings) -> Iterator[Weakness]:
    key, wait = "base.login_cooldown_after", "base.login_cooldown_duration"
    after, seconds = settings.number(key, 5), settings.number(wait, 60)
    if after is None or seconds is None:
        return
    off = after == 0 or seconds <= 0
    if off or after > MANY_FAILURES:
        yield Weakness(
            key,
            "Passwords can be tried without end: no failed login makes an address wait."
            if off
            else f"Passwords can be tried {after} times from one address before it has to wait.",
            f"Set {key} to 5 or 10 and {wait} to at least 60 seconds, and limit requests to /web/login in the web "
            "server.",
            Severity.MEDIUM if off else Severity.LOW,
            settings.origin(key),
            ("public",),
            references=("CWE-307", "OWASP A07:2021", "ASVS 4.0.3 V2.2.1"),
            evidence=(settings.shown(key), settings.shown(wait)),
        )


def sessions(settings: Settings) -> Iterator[Weakness]:
    key = "sessions.max_inactivity_seconds"
    seconds = settings.number(key, 7 * DAY)
    if seconds is not None and seconds > LONG_SESSION:
        yield Weakness(
            key,
            f"A session that is not used stays open for {seconds // DAY} days: a lost device or a stolen cookie is a "
            "login for as long.",
            f"Remove the parameter {key}, which makes it 7 days, or set less.",
            Severity.LOW,
            settings.origin(key),
            ("internal", "portal"),
            references=("CWE-613", "OWASP A07:2021", "ASVS 4.0.3 V3.3.2"),
            evidence=(settings.shown(key),),
        )


def template_rendering(settings: Settings) -> Iterator[Weakness]:
    """Judged by the group that the parameter gives and takes, since that is what Odoo asks."""
    key = "mail.restrict.template.rendering"
    if _EDITOR not in settings.policy.groups or _EDITOR not in closure(settings.policy, (INTERNAL,)):
        return
    yield Weakness(
        key,
        "Every internal user may write mail templates and messages with placeholders, which are code that is run when "
        "the mail is rendered.",
        "Switch on Settings, Restrict Template Rendering, and give the group Mail Template Editor to few.",
        Severity.MEDIUM,
        settings.origin(key),
        ("internal",),
        references=("CWE-1336", "OWASP A03:2021"),
        evidence=(settings.shown(key), Evidence(f"{INTERNAL} implies {_EDITOR}, which is what counts")),
    )


WEAKNESSES = (
    signup, reset_password, api_keys, second_factor, password_length, neutralized, base_url, base_url_freeze, cooldown,
    sessions, template_rendering,
)  # fmt: skip
