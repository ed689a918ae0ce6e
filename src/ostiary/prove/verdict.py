"""What a proof says: a verdict, the condition it hangs on, a witness, and what it rests on."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ostiary.domain import Domain
from ostiary.policy import Mode
from ostiary.policy.effective import Unknown


class Verdict(StrEnum):
    """What was decided about an audience, a model and a mode.

    `isolated`: no record that is none of the user's passes. `conditional`: one passes, but only under a condition.
    `open`: any passes. `unknown`: it rests on something that can't be read, which is named. `no-access`: no access
    right gives the mode, or no record can pass at all.
    """

    ISOLATED = "isolated"
    CONDITIONAL = "conditional"
    OPEN = "open"
    UNKNOWN = "unknown"
    NO_ACCESS = "no-access"


class Sort(StrEnum):
    """What sort of thing a condition is, the one to worry about least first.

    `publishing`: what somebody sets to show a record (`website_published`, a privacy of `public`). `plain`: anything
    else about the record (its state, its type). `shared`: it compares with something of the user's that others have
    too (a country, a price list, an address that the user may edit). `unset`: the record has no owner, or the user
    lacks what would single them out.
    """

    PUBLISHING = "publishing"
    PLAIN = "plain"
    SHARED = "shared"
    UNSET = "unset"


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a record that is none of the user's passes: any of `alternatives`, each a smallest set of terms.

    `domain` is all of them as one domain. `user` says what must be so of the user, one phrase each (none: it holds of
    any user). `complete` is false where there are more alternatives than were looked for.
    """

    domain: Domain
    alternatives: tuple[Domain, ...]
    sort: Sort
    user: tuple[str, ...] = ()
    complete: bool = True

    @property
    def publishes(self) -> bool:
        """Whether every alternative asks for something that is set to show a record."""
        return self.sort is Sort.PUBLISHING


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record of a witness. `role` says what it is in the story: `the user`, `the record`, `another customer`;
    empty for the others. `values` are those that matter, by field: a many2one is an id, an x2many a list of ids."""

    model: str
    id: int
    values: dict[str, object]
    role: str = ""


class Witness(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user and a record that show it: `user` may use `record` though nothing ties them.

    `rows` are all records of the story, these two among them. `companies` are the ids of the user's active companies,
    the current one first. `reproduced`: the rows were put into tables and `records` gave the same answer. `groups` are
    the external ids of groups that the user holds besides, where the question left that open.
    """

    user: Row
    record: Row
    rows: tuple[Row, ...]
    companies: tuple[int, ...] = ()
    reproduced: bool = False
    groups: tuple[str, ...] = ()


class Proof(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer: of `question` (`isolation`, `silo`, `separation`), about an audience, a model and a mode.

    `audience` is `portal`, `public` or a group's external id. `rules` are the external ids of the rules that decide,
    `assumptions` what the verdict rests on, one sentence each. `unknown` is why it isn't certain, and `defect` what
    Ostiary itself got wrong: a witness that the records do not confirm. `checked`: a second solver agreed. `invariant`
    is the name of the invariant that a separation is about.
    """

    question: str
    model: str
    audience: str
    mode: Mode
    verdict: Verdict
    condition: Condition | None = None
    witness: Witness | None = None
    rules: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    defect: str = ""
    checked: bool = False
    invariant: str = ""


class Change(StrEnum):
    """What a change of definitions does to what somebody may reach."""

    EQUIVALENT = "equivalent"
    LESS = "less"
    MORE = "more"
    INCOMPARABLE = "incomparable"
    UNKNOWN = "unknown"


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """How what an audience may do to a model changed, from an old Policy to a new one.

    `gained` is a record that passes now and did not, `lost` one that no longer does. `causes` are the external ids of
    the definitions that made it so. `unknown` and `defect` as for a Proof.
    """

    model: str
    audience: str
    mode: Mode
    change: Change
    gained: Witness | None = None
    lost: Witness | None = None
    causes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    defect: str = ""

    @property
    def wider(self) -> bool:
        """Whether something is reached that was not."""
        return self.change in (Change.MORE, Change.INCOMPARABLE)


class Waste(msgspec.Struct, frozen=True, omit_defaults=True):
    """A definition that does nothing: `kind` is `vacuous` (a rule that accepts every record where it decides),
    `redundant` (what it adds or takes away, another one does already), `shadowed` (another rule that is always true
    cancels it), `never-applies` (nobody who has a right is bound by it, or it accepts no record) or `grants-nothing`
    (an access right). `by` are the external ids of the definitions that make it so."""

    kind: str
    definition: str
    model: str
    why: str
    modes: tuple[Mode, ...] = ()
    by: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
