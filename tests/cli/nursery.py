"""A small addon of which each sort of proof can be had; `write` can change files of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MODELS = """from odoo import fields, models


class Order(models.Model):
    _name = "nursery.order"
    _description = "Order"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")


class Note(models.Model):
    _name = "nursery.note"
    _description = "Note"

    partner_id = fields.Many2one("res.partner")


class Leaflet(models.Model):
    _name = "nursery.leaflet"
    _description = "Leaflet"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    website_published = fields.Boolean()


class Tag(models.Model):
    _name = "nursery.tag"
    _description = "Tag"

    name = fields.Char()


class Visit(models.Model):
    _name = "nursery.visit"
    _description = "Visit"

    partner_id = fields.Many2one("res.partner")
    near = fields.Boolean(compute="_compute_near", search="_search_near")

    def _search_near(self, operator, value):
        return self._somewhere(value)
"""
RIGHTS = """\
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
order_portal,order portal,model_nursery_order,base.group_portal,1,0,0,0
order_user,order user,model_nursery_order,base.group_user,1,1,1,0
note_portal,note portal,model_nursery_note,base.group_portal,1,1,0,0
leaflet_portal,leaflet portal,model_nursery_leaflet,base.group_portal,1,0,0,0
leaflet_public,leaflet public,model_nursery_leaflet,base.group_public,1,0,0,0
tag_portal,tag portal,model_nursery_tag,base.group_portal,1,0,0,0
visit_portal,visit portal,model_nursery_visit,base.group_portal,1,0,0,0
"""
RULES = """<odoo>
    <record id="order_own" model="ir.rule">
        <field name="name">Own orders</field>
        <field name="model_id" ref="model_nursery_order"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    <record id="order_company" model="ir.rule">
        <field name="name">Orders of one's companies</field>
        <field name="model_id" ref="model_nursery_order"/>
        <field name="domain_force">['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]</field>
    </record>
    <record id="leaflet_published" model="ir.rule">
        <field name="name">Published leaflets</field>
        <field name="model_id" ref="model_nursery_leaflet"/>
        <field name="domain_force">[('website_published', '=', True)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal')), (4, ref('base.group_public'))]"/>
    </record>
    <record id="visit_near" model="ir.rule">
        <field name="name">Visits near by</field>
        <field name="model_id" ref="model_nursery_visit"/>
        <field name="domain_force">[('near', '=', True)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
</odoo>
"""
FILES = {
    "nursery/__manifest__.py": """{
    "name": "Nursery", "version": "18.0.1.0.0", "depends": ["base", "portal"],
    "data": ["security/ir.model.access.csv", "security/rules.xml"],
}
""",
    "nursery/__init__.py": "from . import models\n",
    "nursery/models.py": MODELS,
    "nursery/security/ir.model.access.csv": RIGHTS,
    "nursery/security/rules.xml": RULES,
}
INVARIANTS = """\
version: 1
invariants:
  - name: notes stay as they are
    who: portal
    model: nursery.note
    modes: write
    never: "[]"
  - name: visitors see no order
    who: public
    model: nursery.order
    modes: read
    never: "[]"
"""


def write(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the addon into a folder and return the folder that holds it."""
    for name, text in {**FILES, **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
