"""A small addon on disk for the command line to read: its portal rights are as a hurried developer leaves them."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "garden/__manifest__.py": """{
    "name": "Garden", "version": "18.0.1.0.0", "depends": ["base", "portal"],
    "data": ["security/groups.xml", "security/ir.model.access.csv", "security/rules.xml", "views/menus.xml"],
}
""",
    "garden/__init__.py": "from . import models\n",
    "garden/models.py": """from odoo import fields, models


class Plant(models.Model):
    _name = "garden.plant"
    _description = "Plant"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")


class Bed(models.Model):
    _name = "garden.bed"
    _description = "Flower Bed"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
""",
    "garden/security/groups.xml": """<odoo>
    <record id="group_gardener" model="res.groups">
        <field name="name">Gardener</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
    </record>
</odoo>
""",
    "garden/security/ir.model.access.csv": """\
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
plant_portal,plant portal,model_garden_plant,base.group_portal,1,0,0,0
plant_gardener,plant gardener,model_garden_plant,group_gardener,1,1,1,1
bed_portal,bed portal,model_garden_bed,base.group_portal,1,1,0,0
bed_gardener,bed gardener,model_garden_bed,group_gardener,1,1,1,1
""",
    "garden/security/rules.xml": """<odoo>
    <record id="plant_own" model="ir.rule">
        <field name="name">Own plants</field>
        <field name="model_id" ref="model_garden_plant"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
</odoo>
""",
    "garden/views/menus.xml": """<odoo>
    <menuitem id="menu_root" name="Garden" groups="garden.group_gardener"/>
</odoo>
""",
}
MENDED = {
    "garden/security/ir.model.access.csv": """\
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
plant_portal,plant portal,model_garden_plant,base.group_portal,1,0,0,0
plant_gardener,plant gardener,model_garden_plant,group_gardener,1,1,1,1
bed_gardener,bed gardener,model_garden_bed,group_gardener,1,1,1,1
""",
}


def write(folder: Path, *, mended: bool = False) -> Path:
    """Write the addon into a folder and return the folder that holds it."""
    for name, text in {**FILES, **(MENDED if mended else {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
