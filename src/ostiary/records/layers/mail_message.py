"""`mail.message`: who may read, change, delete or post a message, and which ones a search finds.

Source: `mail.message._check_access`, `_get_forbidden_access`, `_search` (17: `check_access_rule`). A message is
its author's, its recipients' and of those who may do as much with the document it is about. Share users never
see internal notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain, conjunction, parse
from ostiary.policy import Mode
from ostiary.records.layers.base import Layer, internal, uid_of
from ostiary.records.layers.documents import (
    by_document,
    found_documents,
    known,
    message_mode,
    partner_of,
)
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

_FOR_SHARE = parse(
    "[('is_internal', '=', False), ('subtype_id', '!=', False), ('subtype_id.internal', '=', False)]"
)


class MailMessage(Layer):
    model = "mail.message"
    module = "mail"
    series = ("17.0", "18.0")
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "_check_access": ("mail",),
        "check_access_rule": ("mail",),
        "_search": ("mail",),
    }
    says = (
        "A message is its author's, its recipients' and of those who may do as much with the document it is on; share "
        "users never see internal notes."
    )

    def allowed(self, access: Access, session: Session, mode: Mode, ids: Sequence[int]) -> list[int]:
        left = access.by_rules(session, self.model, mode, ids)
        if not left:
            return []
        exist = access.existing(self.model, left)
        missing = set(left) - exist  # the SQL of the check knows nothing of them, so it stops none
        todo = [one for one in left if one in exist]
        if not internal(session):
            todo = _without_notes(access, session, todo)
        allowed = missing | _allowed(access, session, mode, todo)
        return [one for one in left if one in allowed]

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        if not internal(session):
            domain = conjunction([_FOR_SHARE, domain])
        found = access.by_select(session, self.model, domain)
        read = _Messages(access, session, found)
        partner = partner_of(access, session)
        own = {one for one in found if read.author[one] == partner} | read.notified(partner, found)
        rest = [one for one in found if one not in own and read.type[one] != "user_notification"]
        for model, documents in by_document(read.model, read.document, rest).items():
            for document in found_documents(access, session, model, documents):
                own.update(documents.get(document, ()))
        return [one for one in found if one in own]


class _Messages:
    """What is read of messages, as superuser."""

    def __init__(self, access: Access, session: Session, ids: Sequence[int]) -> None:
        self.access = access
        self.session = session.sudo().with_active_test(False)
        self.model = access.values(self.session, "mail.message", "model", ids)
        self.document = access.values(self.session, "mail.message", "res_id", ids)
        self.author = access.values(self.session, "mail.message", "author_id", ids)
        self.type = access.values(self.session, "mail.message", "message_type", ids)

    def notified(self, partner: int, ids: Sequence[int]) -> set[int]:
        """Those that the partner is a recipient of or has a notification about."""
        named = self.access.values(self.session, "mail.message", "partner_ids", ids)
        found = {one for one in ids if _holds(named[one], partner)}
        rest = [one for one in ids if one not in found]
        notifications = self.access.values(self.session, "mail.message", "notification_ids", rest)
        every = [each for one in rest for each in _ids(notifications[one])]
        partners = self.access.values(self.session, "mail.notification", "res_partner_id", every)
        return found | {
            one for one in rest if any(partners[each] == partner for each in _ids(notifications[one]))
        }


def _without_notes(access: Access, session: Session, ids: Sequence[int]) -> list[int]:
    """The messages that are no internal notes."""
    sudo = session.sudo().with_active_test(False)
    kind = access.values(sudo, "mail.message", "message_type", ids)
    hidden = access.values(sudo, "mail.message", "is_internal", ids)
    subtype = access.values(sudo, "mail.message", "subtype_id", ids)
    subtypes = sorted({each for each in subtype.values() if isinstance(each, int) and each})
    inside = access.values(sudo, "mail.message.subtype", "internal", subtypes)

    def note(one: int) -> bool:
        of = subtype[one]
        return kind[one] == "comment" and bool(hidden[one] or not of or inside[int(str(of))])

    return [one for one in ids if not note(one)]


def _allowed(access: Access, session: Session, mode: Mode, ids: Sequence[int]) -> set[int]:
    """The messages, all of which exist, that the user may do this with."""
    read = _Messages(access, session, ids)
    allowed: set[int] = set()
    partner = partner_of(access, session)
    if mode is Mode.READ:
        creator = access.values(read.session, "mail.message", "create_uid", ids)
        allowed.update(one for one in ids if read.author[one] == partner or creator[one] == uid_of(session))
    elif mode is Mode.WRITE:
        allowed.update(one for one in ids if read.author[one] == partner)
    elif mode is Mode.CREATE:
        allowed.update(one for one in ids if not _about_document(read, one))
    if mode in (Mode.READ, Mode.WRITE):
        allowed |= read.notified(partner, [one for one in ids if one not in allowed])
    rest = [one for one in ids if one not in allowed and _about_document(read, one)]
    grouped = by_document(read.model, read.document, rest)
    for model, documents in grouped.items():
        known(access, model)
        wanted = message_mode(access, session, model, mode, documents)
        for document in access.allowed(session, model, wanted, sorted(documents)):
            allowed.update(documents[document])
    if mode is Mode.CREATE:
        allowed |= _answers(read, partner, [one for one in ids if one not in allowed])
        for model, documents in grouped.items():
            for document in _followed(read, partner, model, sorted(documents)):
                allowed.update(documents[document])
    return allowed


def _about_document(read: _Messages, one: int) -> bool:
    """`is_thread_message`."""
    return bool(read.model[one] and read.document[one]) and read.type[one] != "user_notification"


def _answers(read: _Messages, partner: int, ids: Sequence[int]) -> set[int]:
    """The messages that answer one whose recipients name the partner."""
    parent = read.access.values(read.session, "mail.message", "parent_id", ids)
    parents = sorted({each for each in parent.values() if isinstance(each, int) and each})
    named = read.access.values(read.session, "mail.message", "partner_ids", parents)
    return {one for one in ids if parent[one] and _holds(named[int(str(parent[one]))], partner)}


def _followed(read: _Messages, partner: int, model: str, documents: Sequence[int]) -> set[int]:
    """Those of the documents that the partner follows."""
    of = read.access.followed(partner).get(model, frozenset())
    return {one for one in documents if one in of}


def _ids(value: object) -> Iterable[int]:
    return value if isinstance(value, list | tuple | set | frozenset) else ()


def _holds(value: object, partner: int) -> bool:
    return partner in _ids(value)


LAYERS = (MailMessage(),)
