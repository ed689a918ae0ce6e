"""What Odoo keeps true of its own fields, and a proof may rest on: said under a name, so that it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostiary.prove.encode.smt import conj, disj, equal, implies
from ostiary.prove.encode.world import Rec
from ostiary.records.errors import RecordsError
from ostiary.records.schema import Column

if TYPE_CHECKING:
    from ostiary.prove.encode.encoder import Encoder

_DEEPEST = 2  # how far up a contact's parents are followed

PARTNER = "res.partner"
ENTITY = "A contact's commercial entity is the company it belongs to, or itself."


def facts_of(encoder: Encoder, record: Rec, kind: Column, value: Rec) -> None:
    """Say what is known of a many2one of a record, once."""
    said = (id(encoder.schema), kind.name, record)
    if said in encoder.world.told:
        return
    encoder.world.told.add(said)
    _copied(encoder, record, kind, value)
    if (record.model, kind.name) == (PARTNER, "commercial_partner_id"):
        _commercial(encoder, record, value)
    elif (record.model, kind.name) == ("res.users", "company_id"):
        there = f"(> {record.term} 0)"
        encoder.world.assume("A user belongs to a company.", implies(there, f"(> {value.term} 0)"))


def _copied(encoder: Encoder, record: Rec, kind: Column, value: Rec) -> None:
    """A stored related field holds what is at the end of its path: Odoo writes it whenever that changes."""
    definition = encoder.definition(record.model, kind.name)
    if definition is None or not definition.related or not definition.store or definition.inherited:
        return
    here = record
    try:
        for name in definition.related.split("."):
            step = encoder.schema.field(here.model, name)
            if not isinstance(step, Column) or step.comodel is None or (here, name) == (record, kind.name):
                return
            here = encoder.world.many2one(here, name, step.comodel, kept=False)
    except RecordsError:
        return
    sentence = f"{record.model}.{kind.name} is what {definition.related} is."
    encoder.world.assume(sentence, implies(f"(> {record.term} 0)", equal(value.term, here.term)))


def _commercial(encoder: Encoder, partner: Rec, entity: Rec, depth: int = 0) -> None:
    """`res.partner._compute_commercial_partner`: a company or a contact at the top is its own entity, any other has its
    parent's. Said of the contact and of those above it, as far as trees are followed."""
    world = encoder.world
    there = f"(> {partner.term} 0)"
    world.assume(ENTITY, implies(there, f"(> {entity.term} 0)"))
    try:
        parent = encoder.schema.field(PARTNER, "parent_id")
        company = encoder.schema.field(PARTNER, "is_company")
    except RecordsError:
        return
    if not isinstance(parent, Column) or not isinstance(company, Column):
        return
    above = world.many2one(partner, "parent_id", PARTNER, kept=False)
    name = world.function((PARTNER, "commercial_partner_id"), "Int", "Int")
    alone = disj((encoder.scalars.true(encoder.scalar(partner, company)), equal(above.term, "0")))
    of_parent = equal(entity.term, f"({name} {above.term})")
    itself = equal(entity.term, partner.term)
    world.assume(ENTITY, implies(conj((there, alone)), itself))
    world.assume(ENTITY, implies(there, disj((alone, of_parent))))
    world.assume(ENTITY, implies(there, equal(f"({name} {entity.term})", entity.term)))
    world.above(partner, above, "parent_id")
    if depth < _DEEPEST:
        entity_above = world.many2one(above, "commercial_partner_id", PARTNER, kept=False)
        _commercial(encoder, above, entity_above, depth + 1)
    else:
        world.script.add(implies(world.shallow, disj((f"(<= {partner.term} 0)", alone))))


def entity_is_above(encoder: Encoder, partner: Rec, root: Rec, parent: str) -> None:
    """Say, where a contact's place in the tree of contacts is asked for, that it lies below its commercial entity."""
    said = ("entity above", partner.term, root.term)
    if (partner.model, parent) != (PARTNER, "parent_id") or said in encoder.world.told:
        return
    encoder.world.told.add(said)
    try:
        kind = encoder.schema.field(PARTNER, "commercial_partner_id")
    except RecordsError:
        return
    if isinstance(kind, Column):
        entity = encoder.world.many2one(partner, kind.name, PARTNER, kept=False)
        facts_of(encoder, partner, kind, entity)
        same = conj((f"(> {partner.term} 0)", equal(entity.term, root.term)))
        encoder.world.assume(ENTITY, implies(same, encoder.world.below(partner, root, parent)))
