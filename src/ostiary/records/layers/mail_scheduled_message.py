"""`mail.scheduled.message`: a search finds those about documents that the user may post on.

Source: `mail.scheduled.message._search`. It asks first whether the user may post on all the documents of a
model together, and finds none of the model's where one of them is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.records.layers.base import Layer
from ostiary.records.layers.documents import by_document, known, post_mode
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access


class MailScheduledMessage(Layer):
    model = "mail.scheduled.message"
    module = "mail"
    series = ("18.0",)
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_search": ("mail",)}

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        found = access.by_select(session, self.model, domain)
        models = access.values(session.sudo(), self.model, "model", found)
        documents = access.values(session.sudo(), self.model, "res_id", found)
        kept: set[int] = set()
        for model, of in by_document(models, documents, found).items():
            known(access, model)
            mode = post_mode(access.policy, model) or Mode.WRITE
            if set(access.allowed(session, model, mode, sorted(of))) == set(of):
                kept.update(one for ids in of.values() for one in ids)
        return [one for one in found if one in kept]


LAYERS = (MailScheduledMessage(),)
