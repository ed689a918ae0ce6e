"""The settings that decide how hard it is to get in: a fixed list, so that no secret is ever read."""

from __future__ import annotations

from ostiary.policy import Origin, Parameter
from ostiary.sources.database.tables import Database

KEYS = (
    "auth_password_policy.minlength",
    "auth_signup.invitation_scope",
    "auth_signup.reset_password",
    "auth_totp.policy",
    "base.login_cooldown_after",
    "base.login_cooldown_duration",
    "base.template_portal_user_id",
    "database.is_neutralized",
    "mail.restrict.template.rendering",
    "portal.allow_api_keys",
    "sessions.max_inactivity_seconds",
    "web.base.url",
    "web.base.url.freeze",
)


def parameters(database: Database) -> dict[str, Parameter] | None:
    """The parameters of the list that are set, and what websites say of signing up; None where they may not be read."""
    if not all(database.has("ir_config_parameter", column) for column in ("id", "key", "value")):
        return None
    rows = database.rows(
        "ir_config_parameter", "id key value", where="key = ANY(%s)", order="key", args=[list(KEYS)]
    )
    found = {
        key: Parameter(origin=Origin(path="ir_config_parameter", line=id), key=key, value=value or "")
        for id, key, value in rows
    }
    for id, scope in database.rows("website", "id auth_signup_uninvited", order="id"):
        key = f"website({id}).auth_signup_uninvited"
        found[key] = Parameter(origin=Origin(path="website", line=id), key=key, value=scope or "")
    return found
