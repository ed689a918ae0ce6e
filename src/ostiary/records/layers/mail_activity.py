"""`mail.activity`: an activity is read by whoever it is assigned to or may do as much with its document.

Source: `mail.activity._check_access`, `_search` (17: `_filter_access_rules`, where reading and creating asks no
record rule of activities).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.records.errors import Fails
from ostiary.records.layers.base import Layer, uid_of
from ostiary.records.layers.documents import known, post_mode
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access


class MailActivity(Layer):
    model = "mail.activity"
    module = "mail"
    series = ("18.0",)
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_check_access": ("mail",), "_search": ("mail",)}
    says = (
        "An activity is read by whoever it is assigned to and by those who may read its document; the rest asks the "
        "rules, or writing on the document."
    )
    rules_of_reading: ClassVar[bool] = True
    """Whether reading and creating ask the record rules of activities too."""

    def allowed(self, access: Access, session: Session, mode: Mode, ids: Sequence[int]) -> list[int]:
        if not access.may(session, self.model, mode):
            return []
        by_rules = (
            access.by_rules(session, self.model, mode, ids)
            if self.rules_of_reading or mode in (Mode.WRITE, Mode.UNLINK)
            else list(ids)
        )
        if mode is Mode.READ:
            own = _assigned(access, session, by_rules)
            ask: Collection[int] = [one for one in by_rules if one not in own]
        elif mode is Mode.CREATE:
            own, ask = set(), by_rules
        else:
            own = set(by_rules)
            ask = [one for one in ids if one not in own]
        usual = Mode.READ if mode is Mode.READ else Mode.WRITE
        own |= _by_document(access, session, ask, usual)
        return [one for one in ids if one in own]

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        found = access.by_select(session, self.model, domain)
        own = _assigned(access, session, found)
        own |= _by_document(access, session, [one for one in found if one not in own], Mode.READ)
        return [one for one in found if one in own]


class MailActivity17(MailActivity):
    series = ("17.0",)
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "_filter_access_rules": ("mail",),
        "_filter_access_rules_python": ("mail",),
        "_search": ("mail",),
    }
    rules_of_reading = False


def _assigned(access: Access, session: Session, ids: Collection[int]) -> set[int]:
    """The activities that are the user's to do."""
    users = access.values(session.sudo(), "mail.activity", "user_id", ids)
    return {one for one in ids if users[one] and users[one] == uid_of(session)}


def _by_document(access: Access, session: Session, ids: Collection[int], usual: Mode) -> set[int]:
    """The activities on whose document the user has the right that posting on it asks for, or `usual`."""
    models = access.values(session.sudo(), "mail.activity", "res_model", ids)
    documents = access.values(session.sudo(), "mail.activity", "res_id", ids)
    grouped: dict[str, dict[int, list[int]]] = {}
    for one in ids:
        model, document = models[one], documents[one]
        if not isinstance(model, str) or not isinstance(document, int):
            raise Fails("KeyError", f"activity {one} is about no document")
        grouped.setdefault(model, {}).setdefault(document, []).append(one)
    found: set[int] = set()
    for model, of in sorted(grouped.items()):
        known(access, model)
        mode = post_mode(access.policy, model) or usual
        for document in access.allowed(session, model, mode, sorted(of)):
            found.update(of[document])
    return found


LAYERS = (MailActivity(), MailActivity17())
