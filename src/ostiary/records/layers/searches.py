"""Overrides of search that only read one field's term in another way, or put records in another order.

Each is declared with the fields whose terms it rewrites: a search that names none of them is Odoo's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain
from ostiary.policy import PORTAL, Policy
from ostiary.records.errors import Undecided
from ostiary.records.layers.base import EVERY, Layer, top_paths
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

_17, _18 = "17.0", "18.0"
_TO_18 = (_17, _18)


class Rewriting(Layer):
    """A model whose search rewrites the terms on some fields of the flat list, and nothing else."""

    always = True

    def __init__(
        self,
        model: str,
        module: str,
        fields: tuple[str, ...] = (),
        series: tuple[str, ...] = EVERY,
        *,
        method: str = "_search",
    ) -> None:
        self.model = model  # type: ignore[misc]
        self.module = module  # type: ignore[misc]
        self.series = series  # type: ignore[misc]
        self.overrides: Mapping[str, tuple[str, ...]] = {method: (module,)}  # type: ignore[misc]
        self.fields = fields

    def beside(self, other: Layer | None) -> Layer:
        if not isinstance(other, Rewriting):
            return self
        joined = Rewriting(self.model, self.module, (*self.fields, *other.fields), self.series)
        joined.overrides = {**other.overrides, **self.overrides}  # type: ignore[misc]
        return joined

    def decides(self, access: Access, session: Session) -> bool:
        return bool(self.fields)

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        for path in top_paths(domain):
            if path in self.fields or path.partition(".")[0] in self.fields:
                raise Undecided.computed(self.model, path, "is searched in a way that is written in Python")
        return access.by_select(session, self.model, domain)


class ProjectTask(Layer):
    """Portal users search tasks only by the fields that a list in Python names; it is not declared."""

    model = "project.task"
    module = "project"
    series = (_17,)
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_search": ("project",)}

    def decides(self, access: Access, session: Session) -> bool:
        return PORTAL in session.subject.groups

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        path = next(top_paths(domain), None)
        if path is not None and PORTAL in session.subject.groups:
            raise Undecided.computed(self.model, path, "may not be one that portal users search by")
        return access.by_select(session, self.model, domain)


LAYERS = (
    ProjectTask(),
    Rewriting("account.tax", "account", ("name",), (_18,)),
    Rewriting("account.move.line", "account", method="search_fetch"),
    Rewriting("crm.lead", "crm", method="search_fetch"),
    Rewriting("hr.leave.type", "hr_holidays"),
    Rewriting("mail.blacklist", "mail", ("email",), _TO_18),
    Rewriting("phone.blacklist", "phone_validation", ("number",), _TO_18),
    Rewriting("product.product", "product"),
    Rewriting("res.groups", "base"),
    Rewriting("res.partner.bank", "base", ("acc_number",), _TO_18),
    Rewriting("stock.quant", "stock", ("lot_properties",), _TO_18),
    Rewriting("mail.template", "event", series=(_17,)),
    Rewriting("sms.template", "event_sms", series=(_17,)),
)


def of_mixins(policy: Policy) -> Iterator[Layer]:
    """The layers of models that a mixin gives a search of its own: in 17, `analytic.mixin._search`."""
    mixin = "analytic.mixin"
    if policy.semantics.series != _17 or mixin not in policy.models:
        return
    for name in policy.models:
        if name == mixin or _takes(policy, name, mixin):
            yield Rewriting(
                name, "analytic", ("analytic_distribution", "analytic_distribution_search"), (_17,)
            )


def _takes(policy: Policy, name: str, mixin: str) -> bool:
    seen: set[str] = set()
    todo = [name]
    while todo:
        model = policy.models.get(todo.pop())
        if model is None or model.name in seen:
            continue
        seen.add(model.name)
        if mixin in model.inherit:
            return True
        todo.extend(model.inherit)
    return False
