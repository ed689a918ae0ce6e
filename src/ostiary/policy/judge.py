"""Judge: what a decision about one record asks of whoever can look at the record.

Definitions alone know no rows. A question with a record's id is decided with a judge, which `ostiary.records` makes
for a user, a mode and a record; this room only says what it must be able to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from ostiary.policy.definitions import RecordRule

if TYPE_CHECKING:
    from ostiary.policy.reasons import Reason


class Judgement(msgspec.Struct, frozen=True):
    """What one rule says of the record: None where that can't be known.

    `domain` is the rule's domain as it is for this user, in Odoo's notation, and `english` the same in words.
    `reasons` are its terms, each with the record's value.
    """

    accepts: bool | None
    domain: str | None
    english: str | None
    reasons: tuple[Reason, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """Whether Odoo lets the user do this with the record, as it decides for this mode; None where that can't be
    known. `notes` say what is worth knowing beside it. `nearest` says what would have to be different for another
    answer, None where it is allowed or nothing is known. `overrules`: Odoo's own Python decides, whatever the access
    rights say."""

    allowed: bool | None
    notes: tuple[Reason, ...] = ()
    nearest: str | None = None
    overrules: bool = False


class Judge(Protocol):
    """One record, seen by one user for one mode."""

    def rule(self, rule: RecordRule, links: tuple[str, ...]) -> Judgement:
        """What a rule says of the record, or of the one that `links` lead to (the fields of `_inherits`)."""

    def outcome(self) -> Outcome:
        """What access rights and rules come to for this record."""
