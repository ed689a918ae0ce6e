"""What every declared layer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ostiary.domain import And, Domain, Literal, Not, Or, Term
from ostiary.domain import Sequence as Values
from ostiary.policy import INTERNAL, Mode
from ostiary.records.errors import Undecided
from ostiary.records.session import Session

if TYPE_CHECKING:
    from ostiary.records.access import Access

EVERY = ("17.0", "18.0", "19.0")


class Layer:
    """How one model's own Python changes what access rights and record rules say.

    `module` is the one that has the code; `overrides` names, by method, the modules whose overrides this
    describes; `series` are the versions it holds for. `always`: its search does the same for a superuser, otherwise
    it is not asked for one. `says` is one sentence for those who ask why. The base class changes nothing.
    """

    model: ClassVar[str]
    module: ClassVar[str]
    series: ClassVar[tuple[str, ...]] = EVERY
    overrides: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    always: ClassVar[bool] = False
    says: ClassVar[str] = ""

    def beside(self, other: Layer | None) -> Layer:
        """The layer to take where another describes the model too, and was found before: this one, unless both can be
        joined."""
        return self

    def allowed(self, access: Access, session: Session, mode: Mode, ids: Sequence[int]) -> list[int]:
        """Those of the records that `_filtered_access` leaves. The session is no superuser's."""
        return access.by_rules(session, self.model, mode, ids)

    def beyond(self, session: Session, mode: Mode, record: int) -> str | None:
        """What Odoo may let the user do with a record although `allowed` says no, in one sentence; None for nothing."""
        return None

    def decides(self, access: Access, session: Session) -> bool:
        """Whether what `_search` finds, as inside another search, is not what rights and rules alone say."""
        return "_search" in self.overrides

    def search(self, access: Access, session: Session, domain: Domain) -> list[int]:
        """The ids that `search` finds. The session is a superuser's only where `always` is true."""
        return access.by_select(session, self.model, domain)


def id_in(ids: Sequence[int]) -> Domain:
    """The domain of these records."""
    return Term("id", "in", Values(tuple([Literal(one) for one in sorted(ids)])))


def uid_of(session: Session) -> int:
    """The user's id. Raises Undecided for who only holds groups: nothing belongs to them, nor to nobody."""
    if session.uid is None:
        who = session.subject.phrase
        raise Undecided(
            f"cannot be decided: this rests on who the user is, and {who} is nobody in particular"
        )
    return session.uid


def internal(session: Session) -> bool:
    """Whether the user is an internal one (`_is_internal`)."""
    return INTERNAL in session.subject.groups


def top_paths(domain: Domain) -> Iterator[str]:
    """The fields that the flat list of the domain names: not those inside `any`."""
    todo = [domain]
    while todo:
        node = todo.pop()
        if isinstance(node, And | Or):
            todo.extend(node.items)
        elif isinstance(node, Not):
            todo.append(node.item)
        elif isinstance(node, Term):
            yield node.path
