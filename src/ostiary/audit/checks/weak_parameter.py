"""weak-parameter: see the docstring of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.audit.asking.parameters import WEAKNESSES, Settings, Weakness, open_signup, template_user
from ostiary.audit.asking.wording import at_most
from ostiary.audit.finding import Evidence, Finding, Severity
from ostiary.audit.groups.users import extra_groups, gain, gravity_of, groups_of, topmost
from ostiary.audit.registry import check
from ostiary.policy.policy import Policy
from ostiary.policy.semantics import INTERNAL

_TEMPLATE = "base.template_portal_user_id"


@check(
    "weak-parameter",
    "A setting of the database makes it easier to get in",
    Severity.CRITICAL,
    references=("CWE-16", "OWASP A05:2021"),
    tags=("settings",),
)
def weak_parameter(policy: Policy) -> Iterator[Finding]:
    """Looks at the settings that decide who gets in, and how hard it is.

    ## What it does

    Reads these parameters of a database and no others, so that no secret is touched:

    | parameter | reported |
    |---|---|
    | `auth_signup.invitation_scope`, and what each website says in its place | anybody may register |
    | `base.template_portal_user_id` | the user whose groups they then get holds more than the portal group |
    | `auth_totp.policy` | a second factor is not required of everybody |
    | `auth_password_policy.minlength` | passwords shorter than 8 characters are accepted |
    | `base.login_cooldown_after`, `base.login_cooldown_duration` | passwords can be tried (almost) without end |
    | `sessions.max_inactivity_seconds` | a session may rest for more than 30 days |
    | `portal.allow_api_keys` | portal users may make API keys |
    | `auth_signup.reset_password` | new passwords can be asked for |
    | `mail.restrict.template.rendering` | every internal user may write templates that are run |
    | `web.base.url` | links in mails begin with `http://` |
    | `web.base.url.freeze` | a login of an administrator may change that address |
    | `database.is_neutralized` | it is a copy |

    Where a parameter is not set, what Odoo does then is judged. The web server's own settings (`list_db`,
    `proxy_mode`, the master password, ...) are in no database and are not looked at. Needs a database (or a snapshot of
    one).

    ## Why it is bad

    Access rights and rules only decide what somebody may do who is in. If anybody may register, what is
    shown to portal users is shown to everybody; if passwords can be tried without end, sooner or later one fits.

    ## Example

    `auth_signup.invitation_scope` is `b2c`, as installing auth_signup leaves it, and `base.template_portal_user_id`
    names a user who was made internal by mistake: whoever registers is a member of staff.

    ## Use instead

    `b2b` unless there is a shop, a template that holds the portal group alone, a second factor for all who
    may change something, and https.

    ## References

    - CWE-16: Configuration
    - OWASP Top 10 2021, A05: Security Misconfiguration
    - OWASP Top 10 2021, A07: Identification and Authentication Failures
    """
    if policy.parameters is None:
        return
    settings = Settings(policy, policy.parameters)
    for judge in WEAKNESSES:
        for found in judge(settings):
            yield _finding(found)
    yield from _template(policy, settings)


def _finding(found: Weakness) -> Finding:
    return weak_parameter.finding(
        at=found.origin,
        module="",
        subject=found.key,
        audience=found.audience,
        severity=found.severity,
        confidence=found.confidence,
        message=found.message,
        evidence=found.evidence,
        fix=found.fix,
        references=found.references,
    )


def _template(policy: Policy, settings: Settings) -> Iterator[Finding]:
    user = template_user(policy, settings)
    held = groups_of(policy, user) if user else frozenset()
    extra = extra_groups(policy, held)
    if user is None or not extra:
        return
    names, anybody = topmost(policy, extra), bool(open_signup(settings))
    if INTERNAL in held:
        severity = Severity.CRITICAL if anybody else Severity.HIGH
        effect = "and so is an internal user, who sees what all staff sees"
    else:
        severity = gravity_of(policy, gain(policy, held))
        effect = "beyond the portal group"
    who = "Whoever registers" if anybody else "Whoever accepts an invitation"
    weakness = Weakness(
        _TEMPLATE,
        f"{who} gets the groups of the template user {user.login}, which holds {at_most(names)} {effect}.",
        f"Leave {user.login} no group but base.group_portal, and look through the users who registered.",
        severity,
        settings.origin(_TEMPLATE),
        ("public",) if anybody else ("portal",),
        references=("CWE-276", "CWE-266", "OWASP A01:2021"),
        evidence=(settings.shown(_TEMPLATE), Evidence(f"{user.login} holds {at_most(names)}", user.origin)),
    )
    yield _finding(weakness)
