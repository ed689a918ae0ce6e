"""`res.users`: nobody but a superuser searches users by their secrets.

Source: `res.users._search`, `USER_PRIVATE_FIELDS`. Only the terms of the flat list are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.records.errors import Refused
from ostiary.records.layers.base import Layer, top_paths
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

# By the module that adds them to the list.
_PRIVATE = {"auth_oauth": ("oauth_access_token",)}


class ResUsers(Layer):
    model = "res.users"
    module = "base"
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_search": ("base",)}

    def beyond(self, session: Session, mode: Mode, record: int) -> str | None:
        if record != session.uid or mode not in (Mode.READ, Mode.WRITE):
            return None
        fields = "SELF_READABLE_FIELDS" if mode is Mode.READ else "SELF_WRITEABLE_FIELDS"
        return (
            f"Of their own record every user may {mode} the fields that {fields} lists, whatever rights and rules say; "
            "the list is written in Python."
        )

    def decides(self, access: Access, session: Session) -> bool:
        return bool(self._private(access))

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        if self._private(access).intersection(top_paths(domain)):
            raise Refused("field", self.model, "Invalid search criterion")
        return access.by_select(session, self.model, domain)

    def _private(self, access: Access) -> set[str]:
        return {
            name for module, names in _PRIVATE.items() if module in access.policy.modules for name in names
        }


LAYERS = (ResUsers(),)
