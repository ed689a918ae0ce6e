"""Models of accounting whose search finds something else than the rules say.

Source: `account.root._search`, `account.code.mapping._search`, `account.account._field_to_sql` of 18.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import Domain, Term
from ostiary.records.errors import Fails, Undecided
from ostiary.records.layers.base import Layer
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access


class _Answers(Layer):
    """A model without rows, whose search makes records out of one form of question, and raises
    NotImplementedError for every other; it asks for no access."""

    module = "account"
    series = ("18.0",)
    always = True
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {"_search": ("account",)}
    path = ""

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        first = domain.items[0] if hasattr(domain, "items") else domain
        if isinstance(first, Term) and first.path == self.path:
            raise Undecided(f"cannot be decided: the records of {self.model} are made by Python", self.model)
        raise Fails("NotImplementedError", f"{self.model} can't be searched like this")


class AccountRoot(_Answers):
    model = "account.root"
    path = "id"


class AccountCodeMapping(_Answers):
    model = "account.code.mapping"
    path = "account_id"


class AccountAccount(Layer):
    """A search in the model's own order finds only accounts of companies that are the user's own: the order is
    by a code that is read through them, so that those of a parent company fall out."""

    model = "account.account"
    module = "account"
    series = ("18.0",)
    always = True

    def decides(self, access: Access, session: Session) -> bool:
        return False  # a search inside another has no order

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        found = access.by_select(session, self.model, domain)
        user = session.subject.user
        if user is None:
            who = session.subject.phrase
            raise Undecided(
                f"cannot be decided: the companies of {who} decide, and there are none", self.model
            )
        own = set(access.companies_of(user))
        sudo = session.sudo().with_active_test(False)
        companies = access.values(sudo, self.model, "company_ids", found)
        return [one for one in found if own & set(_ids(companies[one]))]


def _ids(value: object) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else ()


LAYERS = (AccountRoot(), AccountCodeMapping(), AccountAccount())
