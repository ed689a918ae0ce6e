"""The documents that messages and activities are about, and what right on them is asked for.

Source: `mail.thread._mail_post_access`, `_get_mail_message_access` and their overrides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ostiary.policy import Mode, Policy
from ostiary.policy.memo import remembered
from ostiary.records.errors import Fails, Undecided
from ostiary.records.layers.base import id_in, uid_of
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

THREAD = "mail.thread"
_DESK = "event.group_event_registration_desk"

# Models on whose records whoever may read them may post (`_mail_post_access = 'read'`), and the module that says so.
_POST_ON_READ: Mapping[str, str] = {
    "account.move": "account",
    "blog.post": "website_blog",
    "discuss.channel": "mail",
    "hr.contract": "hr_contract",
    "hr.employee": "hr",
    "hr.leave": "hr_holidays",
    "hr.leave.allocation": "hr_holidays",
    "product.template": "website_sale",
    "project.task": "project",
    "slide.slide": "website_slides",
}

Documents = Mapping[int, Collection[int]]
"""Records by the id of the document they are about."""


def by_document(
    models: Mapping[int, object], documents: Mapping[int, object], ids: Collection[int]
) -> dict[str, dict[int, list[int]]]:
    """The records grouped by the model and then the id of their document; those without one are left out."""
    found: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in ids:
        model, document = models[one], documents[one]
        if isinstance(model, str) and model and isinstance(document, int) and document:
            found[model][document].append(one)
    return found


def known(access: Access, model: str) -> None:
    """Raises Fails (`KeyError`) where there is no such model: Odoo's registry raises too."""
    if model not in access.policy.models:
        raise Fails("KeyError", f"there is no model {model}")


def is_thread(policy: Policy, model: str) -> bool:
    """Whether the model takes its methods from `mail.thread`, at any distance."""

    def find() -> bool:
        seen: set[str] = set()
        todo = [model]
        while todo:
            name = todo.pop()
            if name == THREAD:
                return True
            if name not in seen and name in policy.models:
                seen.add(name)
                todo.extend(policy.models[name].inherit)
        return False

    return remembered(policy, ("mail thread", model), find)


def post_mode(policy: Policy, model: str) -> Mode | None:
    """The right that posting on a document asks for; None where the model is no thread and says nothing."""
    if not is_thread(policy, model):
        return None
    module = _POST_ON_READ.get(model)
    return Mode.READ if module is not None and module in policy.modules else Mode.WRITE


def message_mode(access: Access, session: Session, model: str, mode: Mode, ids: Collection[int]) -> Mode:
    """The right on documents that doing this with a message about them asks for: `_get_mail_message_access`.

    It is one for all the documents asked about together, as Odoo has it.
    """
    policy = access.policy
    if (model, mode) == ("event.event", Mode.CREATE) and _DESK in session.subject.groups:
        return Mode.READ
    if model == "calendar.event" and mode is Mode.READ:
        return _calendar_mode(access, session, ids)
    if model == "forum.post" and mode in (Mode.WRITE, Mode.UNLINK):
        raise Undecided("cannot be decided: who may edit a forum post rests on karma, which is Python", model)
    if mode in (Mode.WRITE, Mode.UNLINK):
        return Mode.WRITE
    if mode is Mode.CREATE:
        return post_mode(policy, model) or Mode.WRITE
    return mode


def _calendar_mode(access: Access, session: Session, ids: Collection[int]) -> Mode:
    """Messages on private events are read by who may write one of them, unless they attend.

    Odoo reads the events as the user, and raises where that may not be and nothing read them before; who may
    not read the event has no right on its messages either way, so that the answer is the same.
    """
    model, sudo = "calendar.event", session.sudo()
    events = sorted(access.existing(model, list(ids)))
    privacy = access.values(sudo, model, "privacy", events)
    private = [one for one in events if privacy[one] == "private"]
    if not private:
        return Mode.READ
    partner = partner_of(access, session)
    lines = access.values(sudo, model, "attendee_ids", private)
    every = [line for one in private for line in _ids(lines[one])]
    partners = access.values(sudo, "calendar.attendee", "partner_id", every)
    attended = {one for one in private if any(partners[line] == partner for line in _ids(lines[one]))}
    return Mode.READ if attended == set(private) else Mode.WRITE


def _ids(value: object) -> Collection[int]:
    return value if isinstance(value, tuple | list) else ()


def partner_of(access: Access, session: Session) -> int:
    """The id of the user's partner."""
    uid = uid_of(session)
    partner = access.values(session.sudo(), "res.users", "partner_id", [uid])[uid]
    if not isinstance(partner, int) or not partner:
        raise Fails("ValueError", f"user {uid} has no partner")
    return partner


def found_documents(access: Access, session: Session, model: str, ids: Collection[int]) -> set[int]:
    """Those of the documents that the user's search finds, archived ones too; none without a right to read."""
    known(access, model)
    if not access.may(session, model, Mode.READ):
        return set()
    return set(access.search(session, model, id_in(list(ids)), active_test=False))
