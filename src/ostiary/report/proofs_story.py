"""A witness told: who it is, what they would reach, and the records that matter to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ostiary.policy import INTERNAL, PUBLIC, Mode, Policy, share_groups
from ostiary.policy.paths import field_of
from ostiary.prove import Row, Witness
from ostiary.report.text import enumerated
from ostiary.report.text import name as shown_name

PARTNER, USER, COMPANY = "res.partner", "res.users", "res.company"
VERBS = {Mode.READ: "reads", Mode.WRITE: "changes", Mode.CREATE: "creates", Mode.UNLINK: "deletes"}
_WHO = {
    "portal": "A portal user",
    "public": "A public visitor",
    "internal": "An internal user",
    INTERNAL: "An internal user",
}
_NAMES = ("name", "x_name")
# Links that say whose a record is, the plainest first.
_OWNERS = ("partner_id", "user_id")
_NOT_OWNERS = frozenset({"create_uid", "write_uid", "company_id"})
# What fields of such names link to, where a related field does not say.
_ALWAYS = {"partner_id": PARTNER, "user_id": USER, "company_id": COMPANY}
# Where a contact stands in its tree, and what every user has: told by the sentence, or else of no interest.
_PLUMBING = {PARTNER: {"parent_id", "is_company", "commercial_partner_id"}, USER: {"company_ids", "share"}}
_FAR = 2
_MOST = 12


class Part(msgspec.Struct, frozen=True):
    """A record of a story: its part in it, its name, and what is so of it, by field."""

    role: str
    model: str
    id: int
    name: str
    facts: tuple[tuple[str, str], ...]


class Told(msgspec.Struct, frozen=True):
    """A story: who does what to which record, the records it speaks of, and how many others there are.

    `whose` says to whom the record belongs, and is empty where nothing does. `parts` begin with the user and the
    record. `besides` says what other groups the user holds: `who also holds sales_team.group_sale_manager`; empty where
    those are none of the story's.
    """

    who: str
    verb: str
    what: str
    whose: str
    parts: tuple[Part, ...]
    others: int
    besides: str = ""

    @property
    def sentence(self) -> str:
        """The story in a sentence."""
        who = f"{self.who}, {self.besides}," if self.besides else self.who
        whose = f", {self.whose}" if self.whose else ""
        return f"{who} {self.verb} {self.what}{whose}."


class Teller:
    """Tells the witnesses of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def tell(self, witness: Witness, audience: str, mode: Mode, *, silo: bool = False) -> Told:
        """The story of a witness. `silo`: it is about the record's company and not about whose it is."""
        rows = {(row.model, row.id): row for row in witness.rows}
        rows |= {(row.model, row.id): row for row in (witness.user, witness.record)}
        near = self._near(witness, rows)
        parts = tuple(self._part(row, rows, witness) for row in near)
        who, whose = (self._silo if silo else self._stranger)(witness, rows, audience)
        held = enumerated(shown_name(one) for one in witness.groups)
        besides = f"who also holds {held}" if held else ""
        return Told(who, VERBS[mode], self.name(witness.record), whose, parts, len(rows) - len(near), besides)

    def roles(self, witness: Witness) -> dict[tuple[str, int], str]:
        """The part that each record of a witness has in its story, where it has one."""
        rows = {(row.model, row.id): row for row in (*witness.rows, witness.user, witness.record)}
        return {key: row.role or self._role(row, rows, witness) for key, row in rows.items()}

    # -- which records matter ---------------------------------------------------------------------------------

    def _near(self, witness: Witness, rows: dict[tuple[str, int], Row]) -> list[Row]:
        """The user, the record, and what is linked from them at most two steps away, above all whose they are."""
        found = {(row.model, row.id): row for row in (witness.user, witness.record)}
        contact, owner = self._contact(witness.user, rows), self._owner(witness.record, rows)
        for one in (contact, owner):
            if one is not None:
                entity = self._entity(one, rows)
                found |= {(row.model, row.id): row for row in (one, entity)}
        last = [(witness.record.model, witness.record.id)]
        for _ in range(_FAR):
            reached = [key for one in last for key in self._linked(rows[one]) if key in rows]
            last = [key for key in dict.fromkeys(reached) if key not in found]
            for key in last[: max(_MOST - len(found), 0)]:
                found[key] = rows[key]
        return list(found.values())

    def _linked(self, row: Row) -> Iterator[tuple[str, int]]:
        if row.model in (PARTNER, COMPANY):
            return  # where it stands in its tree is another story
        for name, value in row.values.items():
            comodel = self._comodel(row.model, name)
            if comodel:
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, int) and not isinstance(one, bool):
                        yield comodel, one

    def _comodel(self, model: str, name: str) -> str | None:
        field = field_of(self.policy, model, name)
        return (field.comodel if field is not None else None) or _ALWAYS.get(name)

    # -- what is said of them ---------------------------------------------------------------------------------

    def _part(self, row: Row, rows: dict[tuple[str, int], Row], witness: Witness) -> Part:
        role = row.role or self._role(row, rows, witness)
        named = next((one for one in _NAMES if one in row.values), None)
        hidden = {named} if row is witness.record else {named, *_PLUMBING.get(row.model, ())}
        facts = tuple(
            (name, self._value(row.model, name, value, rows))
            for name, value in row.values.items()
            if name not in hidden and not (name == "active" and value is True)
        )
        return Part(role, row.model, row.id, self.name(row), facts)

    def _role(self, row: Row, rows: dict[tuple[str, int], Row], witness: Witness) -> str:
        if row.model == PARTNER:
            mine = self._contact(witness.user, rows)
            theirs = self._owner(witness.record, rows)
            if mine is not None and row.id == mine.values.get("commercial_partner_id"):
                return "the user's customer"
            if theirs is not None and row.id == theirs.id:
                return "whose record it is"
            if theirs is not None and row.id == theirs.values.get("commercial_partner_id"):
                return "the other customer"
        if row.model == COMPANY and row.id == witness.record.values.get("company_id"):
            return "the record's company"
        return ""

    def _value(self, model: str, name: str, value: Any, rows: dict[tuple[str, int], Row]) -> str:
        comodel = self._comodel(model, name)
        if value is None or value == []:
            return "not set"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if comodel:
            ids = value if isinstance(value, list) else [value]
            return ", ".join(self._called(comodel, one, rows) for one in ids)
        return str(value)

    def _called(self, model: str, id_: Any, rows: dict[tuple[str, int], Row]) -> str:
        row = rows.get((model, id_))
        return self.name(row) if row is not None else f"{self._title(model)} {id_}"

    def name(self, row: Row) -> str:
        """What a record is called: its name, or its model's title and its id."""
        named = next((row.values[one] for one in _NAMES if isinstance(row.values.get(one), str)), None)
        return shown_name(str(named)) if named else f"{self._title(row.model)} {row.id}"

    def _title(self, model: str) -> str:
        known = self.policy.models.get(model)
        return shown_name(known.description if known is not None and known.description else model)

    # -- the sentence -----------------------------------------------------------------------------------------

    def _stranger(self, witness: Witness, rows: dict[tuple[str, int], Row], audience: str) -> tuple[str, str]:
        """Who it is, with their customer, and to whom the record belongs."""
        who = self._who(audience)
        contact = self._contact(witness.user, rows)
        if contact is not None and self._of_customers(audience):
            who = f"{who} of {self.name(self._entity(contact, rows))}"
        return who, self._whose(witness, rows, contact)

    def _silo(self, witness: Witness, rows: dict[tuple[str, int], Row], audience: str) -> tuple[str, str]:
        """Who it is, with the companies they work in, and to which company the record belongs."""
        who = self._who(audience)
        here = [self.name(rows[COMPANY, one]) for one in witness.companies if (COMPANY, one) in rows]
        if here:
            own = "whose company is" if len(here) == 1 else "whose companies are"
            how = own if self._of_customers(audience) else "who works in"
            who = f"{who} {how} {enumerated(here)}"
        company = self._company(witness, rows)
        return who, f"which belongs to {self.name(company)}" if company is not None else ""

    def _company(self, witness: Witness, rows: dict[tuple[str, int], Row]) -> Row | None:
        """The company of a record, or of one that it is linked to, in which the user does not work."""
        links = (rows[key] for key in self._linked(witness.record) if key in rows)
        for row in (witness.record, *links):
            here = _id(row.values.get("company_id"))
            if row.model not in (USER, COMPANY) and here not in witness.companies and (COMPANY, here) in rows:
                return rows[COMPANY, here]
        return None

    def _who(self, audience: str) -> str:
        return _WHO.get(audience, f"Somebody in {shown_name(audience)}")

    def _of_customers(self, audience: str) -> bool:
        """Whether users of the audience are customers, and not visitors or the company's own people."""
        return audience == "portal" or (audience != PUBLIC and audience in share_groups(self.policy))

    def _whose(self, witness: Witness, rows: dict[tuple[str, int], Row], contact: Row | None) -> str:
        owner = self._owner(witness.record, rows)
        if owner is None:
            return ""
        entity = self._entity(owner, rows)
        if contact is not None and entity.id == self._entity(contact, rows).id:
            return ""
        if (owner.model, owner.id) == (witness.record.model, witness.record.id):
            return "" if entity.id == owner.id else f"which belongs to {self.name(entity)}"
        return f"which is {self.name(entity)}'s"

    def _contact(self, user: Row, rows: dict[tuple[str, int], Row]) -> Row | None:
        return rows.get((PARTNER, _id(user.values.get("partner_id"))))

    def _entity(self, contact: Row, rows: dict[tuple[str, int], Row]) -> Row:
        return rows.get((PARTNER, _id(contact.values.get("commercial_partner_id"))), contact)

    def _owner(self, record: Row, rows: dict[tuple[str, int], Row]) -> Row | None:
        """The contact whose record it is, by the plainest link that says so."""
        if record.model == PARTNER:
            return record
        if record.model == USER:
            return self._contact(record, rows)
        links = [name for name in record.values if name not in _NOT_OWNERS]
        for name in sorted(links, key=lambda one: (one not in _OWNERS, one)):
            comodel, id_ = self._comodel(record.model, name), _id(record.values[name])
            row = rows.get((comodel, id_)) if comodel in (PARTNER, USER) else None
            found = self._contact(row, rows) if row is not None and row.model == USER else row
            if found is not None:
                return found
        return None


def _id(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
