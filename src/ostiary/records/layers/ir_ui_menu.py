"""`ir.ui.menu`: a search finds the menus that the user sees.

Source: `ir.ui.menu.search_fetch` and `_filter_visible_menus` of 17 and 18; 19 searches menus as anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain
from ostiary.policy import menu_visibility
from ostiary.records.errors import Undecided
from ostiary.records.layers.base import Layer
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access


class IrUiMenu(Layer):
    model = "ir.ui.menu"
    module = "base"
    series = ("17.0", "18.0")
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"search_fetch": ("base",)}
    always = True

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        found = access.by_select(session, self.model, domain)
        menus = menu_visibility(access.policy, session.subject)
        by_id = {menu.origin.line: xmlid for xmlid, menu in access.policy.menus.items() if menu.origin.line}
        kept: list[int] = []
        for one in found:
            xmlid = by_id.get(one)
            if xmlid is None or xmlid in menus.unknown:
                raise Undecided(
                    f"cannot be decided: whether menu {xmlid or one} is seen is not known", self.model
                )
            if xmlid in menus.visible:
                kept.append(one)
        return kept


LAYERS = (IrUiMenu(),)
