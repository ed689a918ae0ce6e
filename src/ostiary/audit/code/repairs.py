"""What to write in place of code that lets callers reach the records of others."""

from __future__ import annotations

from ostiary.audit.asking.rules_to_write import how_to_limit, own_records
from ostiary.audit.code.hanging import ANY, hung_on
from ostiary.audit.code.join import Standing, mode_of
from ostiary.audit.code.leaks import Found, Leak
from ostiary.audit.code.wording import parent_of
from ostiary.audit.weighing.sensitivity import fields_of, mixins
from ostiary.policy.code import Actor, Choice, EntryKind, Given, Use, UseKind
from ostiary.policy.policy import Policy

_SINGLE_CHECK = 18


def repair(policy: Policy, found: Found) -> str:
    """What to write, in words and code."""
    use, joined = found.use, found.join
    if use.actor is Actor.CALLER:
        if joined.standing is Standing.OWN:
            return "Nothing, as long as the rules stay as they are."
        if joined.lets_in:
            module = found.at.module or found.entry.module
            return how_to_limit(policy, module, use.model, joined.label, (mode_of(use),))
        return f"Ask for access before the record is used:\n{access_check(policy, use)}"
    if use.kind is UseKind.CREATE:
        return _before_creating(policy, use)
    if use.choice is Choice.ALL:
        return _own_only(policy, found)
    if found.leak is Leak.DOMAIN:
        return (
            "Write the domain, the order and the fields in the code, take no more than single values from the request, "
            "and search without sudo(), so that rights and rules hold."
        )
    if found.leak in (Leak.PARENT, Leak.OTHER_TOKEN):
        return _tied(policy, use)
    if found.leak is Leak.BEFORE:
        return "Move the check before the first line that uses the record as superuser."
    return _checked(policy, found)


def access_check(policy: Policy, use: Use, record: str = "record") -> str:
    """The lines that ask whether the caller may do what a use does."""
    return asked_for(policy, mode_of(use).value, record)


def asked_for(policy: Policy, mode: str, record: str = "record") -> str:
    """The lines that ask for a mode on a record, in the words of this version of Odoo."""
    if int(policy.odoo.partition(".")[0] or 0) >= _SINGLE_CHECK:
        return f"{record}.check_access({mode!r})"
    return f"{record}.check_access_rights({mode!r})\n{record}.check_access_rule({mode!r})"


def _checked(policy: Policy, found: Found) -> str:
    """A check of the record before it is used, of the sort that its model offers; of what hangs on another record, of
    that one, which is what the caller chooses."""
    use, standing = found.use, found.join.standing
    hangs = use.choice is Choice.RELATED and bool(use.parent)
    key, model = name_of(use.given), (use.parent if hangs else use.model) or "..."
    if model != "..." and "portal.mixin" in mixins(policy, model):
        text = (
            "Get the record by the check that Odoo's own portal pages use, and answer an error with a redirect:\n"
            f"record_sudo = self._document_check_access({model!r}, {key}, access_token)"
        )
        if use.mutates:
            text += "\nThat says that they may read it: change no more of it than is theirs to decide."
        return text if hangs else text + _limited(policy, found)
    if found.caller.label == "public":
        return (
            f"Give the {model if hangs else 'record'} a token, and compare it before anything else:\n"
            f"record_sudo = request.env[{model!r}].sudo().browse({key})\n"
            "if not token or not record_sudo.access_token or not consteq(record_sudo.access_token, token):\n"
            "    raise NotFound()"
        )
    if hangs:
        lines = f"record = {_env(found)}[{model!r}].browse({key})\n{asked_for(policy, mode_of(use).value)}"
        return f"Ask for access to the {model} that it hangs on as the caller, before sudo():\n{lines}"
    own = own_records(policy, use.model) if use.model in policy.models else None
    if standing is Standing.NOTHING and own is not None:
        return f"Look it up among those of who asks:\n{_looked_up(use, own)}"
    lines = f"record = {_env(found)}[{model!r}].browse({key})\n"
    if any(one.source == "self" for one in use.given):
        lines, key = "", "self"
    check = access_check(policy, use, key if key == "self" else "record")
    return f"Ask for access as the caller, before sudo():\n{lines}{check}" + _limited(policy, found)


def _limited(policy: Policy, found: Found) -> str:
    """The rule that is missing, where the check alone would let everybody pass."""
    if found.join.standing is not Standing.OPEN:
        return ""
    module = found.at.module or found.entry.module
    rule = how_to_limit(policy, module, found.use.model, found.join.label, (mode_of(found.use),))
    return f"\nThe rules let everybody pass that check, so that one is needed too:\n{rule}"


def _looked_up(use: Use, own: str) -> str:
    inner = own.strip()[1:-1].replace("user.", "request.env.user.")
    where = f"[('id', '=', {name_of(use.given)}), {inner}]"
    return f"record_sudo = request.env[{use.model!r}].sudo().search({where})"


def _env(found: Found) -> str:
    return "self.env" if found.entry.kind is EntryKind.RPC else "request.env"


def _tied(policy: Policy, use: Use) -> str:
    """A search that names both the record and the one that was checked."""
    key, parent = name_of(use.given), parent_of(use)
    link = next(
        (
            field.name
            for field in fields_of(policy, use.model)
            if parent and field.type == "many2one" and field.comodel == parent
        ),
        None,
    )
    if link is None:
        return (
            "Take the record from those of the record that was checked, or check this very record:\n"
            f"record = request.env[{use.model or '...'!r}].browse({key})\n{access_check(policy, use)}"
        )
    return (
        "Look it up among those of the record that was checked:\n"
        f"record_sudo = request.env[{use.model!r}].sudo().search([('id', '=', {key}), ({link!r}, '=', checked.id)])"
    )


def _own_only(policy: Policy, found: Found) -> str:
    own = own_records(policy, found.use.model)
    if own is None or found.caller.label == "public":
        return "Search without sudo(), so that rights and rules hold, or leave out what is about somebody."
    return f"Tie the records to who asks, whatever is sent:\n{own.replace('user.', 'request.env.user.')}"


def _before_creating(policy: Policy, use: Use) -> str:
    model = hung_on(policy, use)
    return (
        "Check the record it is created on, as the caller, before it is created:\n"
        f"record = request.env[{'model' if model in (None, ANY) else repr(model)}].browse({name_of(use.written)})\n"
        f"{asked_for(policy, 'write')}"
    )


def name_of(given: tuple[Given, ...]) -> str:
    """The variable that the caller's choice is likely in."""
    named = [one for one in given if one.name.isidentifier()]
    return next((one.name for one in named if one.name.endswith("id") or one.source == "path"), "record_id")
