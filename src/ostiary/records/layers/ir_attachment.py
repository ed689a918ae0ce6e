"""`ir.attachment`: an attachment goes with the record it is attached to.

Source: `ir.attachment.check` and `_search` of 17 and 18. `check` is asked by reading, writing, creating and
deleting, so that it belongs to what a user may do, although `_filtered_access` leaves it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain, Literal, Term, conjunction
from ostiary.policy import Mode
from ostiary.records.errors import Refused
from ostiary.records.layers.base import Layer, internal, top_paths, uid_of
from ostiary.records.layers.documents import found_documents
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

_FIELDS = ("res_model", "res_id", "res_field", "public", "create_uid")
_NOT_OF_A_FIELD = Term("res_field", "=", Literal(False))
_SYSTEM = "base.group_system"
_MANAGER = "base.group_erp_manager"


class IrAttachment(Layer):
    model = "ir.attachment"
    module = "base"
    series = ("17.0", "18.0")
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_search": ("base",)}
    says = (
        "Internal users only: a public attachment may be read, one of a document is asked of the document, one of none "
        "is its creator's."
    )
    always = True

    def allowed(self, access: Access, session: Session, mode: Mode, ids: Sequence[int]) -> list[int]:
        left = access.by_rules(session, self.model, mode, ids)
        if not (internal(session) or _MANAGER in session.subject.groups):
            return []
        read = {name: access.values(session.sudo(), self.model, name, left) for name in _FIELDS}
        passing: set[int] = set()
        attached: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for one in left:
            model, document = read["res_model"][one], read["res_id"][one]
            if read["public"][one] and mode is Mode.READ:
                passing.add(one)
            elif not _open(access, session, {name: read[name][one] for name in _FIELDS}):
                continue
            elif (
                not (model and document)
                or model not in access.policy.models
                or (model == "res.users" and document == uid_of(session))
            ):
                passing.add(one)
            else:
                attached[str(model)][int(str(document))].append(one)
        asked = Mode.WRITE if mode in (Mode.CREATE, Mode.UNLINK) else mode
        for name, documents in sorted(attached.items()):
            passing.update(_of_documents(access, session, name, asked, documents))
        return [one for one in left if one in passing]

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        narrowed = not any(path in ("id", "res_field") for path in top_paths(domain))
        if narrowed:
            domain = conjunction([_NOT_OF_A_FIELD, domain])
        found = access.by_select(session, self.model, domain)
        if session.superuser:
            return found
        read = {name: access.values(session.sudo(), self.model, name, found) for name in _FIELDS}
        system = _SYSTEM in session.subject.groups
        passing: set[int] = set()
        attached: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for one in found:
            model, document = read["res_model"][one], read["res_id"][one]
            if read["public"][one] or (
                not document and (system or _made_by(session, read["create_uid"][one]))
            ):
                passing.add(one)
            elif not (read["res_field"][one] and narrowed) and model and document:
                attached[str(model)][int(str(document))].append(one)
        for name, documents in sorted(attached.items()):
            if name not in access.policy.models:
                passing.update(one for ids in documents.values() for one in ids)
                continue
            for document in found_documents(access, session, name, documents):
                passing.update(documents.get(document, ()))
        return [one for one in found if one in passing]


def _made_by(session: Session, creator: object) -> bool:
    """Whether the user is the creator; what has none is nobody's."""
    return bool(creator) and creator == uid_of(session)


def _open(access: Access, session: Session, values: dict[str, object]) -> bool:
    """Whether the attachment isn't somebody else's, nor of a field that the user may not use."""
    if _SYSTEM in session.subject.groups:
        return True
    if not values["res_id"] and not _made_by(session, values["create_uid"]):
        return False
    if values["res_field"]:
        try:
            access.check_field(session, str(values["res_model"]), str(values["res_field"]))
        except Refused:
            return False
    return True


def _of_documents(
    access: Access, session: Session, model: str, mode: Mode, documents: dict[int, list[int]]
) -> Iterator[int]:
    exist = access.existing(model, list(documents))
    if not access.may(session, model, mode):
        return  # asked even where no document is left
    for document in set(documents) - exist:
        yield from documents[document]
    for document in access.allowed(session, model, mode, sorted(exist)):
        yield from documents[document]


LAYERS = (IrAttachment(),)
