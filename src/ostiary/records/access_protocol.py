"""What the evaluators of domains ask about the rights of a session that is no superuser's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.records.session import Session


class Access(Protocol):
    """Rights, rules and field groups. Nothing of it is asked for a superuser's session."""

    def rule_domain(self, session: Session, model: str, mode: Mode) -> Domain:
        """What the record rules leave of a model, ground; TRUE where none applies.

        Raises Refused (`acl`) where no access right gives the mode.
        """
        ...

    def check_field(self, session: Session, model: str, field: str) -> None:
        """Raises Refused (`field`) where the field's groups keep the user from it."""
        ...


@runtime_checkable
class Searches(Protocol):
    """What an Access also offers where it knows of models whose search is decided by Odoo's own Python."""

    def decides_search(self, session: Session, model: str) -> bool:
        """Whether a search of the model finds other records than rights and rules alone say.

        Raises Undecided where that is written in Python that is not declared.
        """
        ...

    def search(self, session: Session, model: str, domain: Domain) -> Sequence[int]:
        """The ids that `search` finds."""
        ...


@runtime_checkable
class Rules(Protocol):
    """What an Access also offers where it can tell rules from rights."""

    def rules_alone(self, session: Session, model: str, mode: Mode) -> Domain:
        """As `rule_domain`, without asking for a right."""
        ...


class NoAccess:
    """For sessions of superusers only: asking it anything is a mistake of the caller."""

    def rule_domain(self, session: Session, model: str, mode: Mode) -> Domain:
        raise TypeError("a superuser's session asks for no rights")

    def check_field(self, session: Session, model: str, field: str) -> None:
        raise TypeError("a superuser's session asks for no rights")
