"""`hr.employee`: who may not read employees finds those whose public profile they find.

Source: `hr.employee._search`, `search_fetch`. The ids of `hr.employee.public` are those of the employees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.records.errors import Fails, Refused
from ostiary.records.layers.base import Layer, id_in
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

PUBLIC = "hr.employee.public"


class HrEmployee(Layer):
    model = "hr.employee"
    module = "hr"
    series = ("17.0", "18.0")
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_search": ("hr",), "search_fetch": ("hr",)}
    says = "Who may not read employees is served their public fields, of those found as hr.employee.public."

    def beyond(self, session: Session, mode: Mode, record: int) -> str | None:
        return self.says if mode is Mode.READ else None

    def decides(self, access: Access, session: Session) -> bool:
        return not access.may(session, self.model, Mode.READ)

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        if access.may(session, self.model, Mode.READ):
            return access.by_select(session, self.model, domain)
        try:
            found = access.search(session, PUBLIC, domain)
        except Fails as error:
            if error.error == "ValueError":
                raise Refused("acl", self.model, "You do not have access to this document.") from None
            raise
        return access.by_select(session.sudo(), self.model, id_in(found))


LAYERS = (HrEmployee(),)
