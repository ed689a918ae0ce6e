"""A small addon with routes and methods, and by hand what a reading of its code comes to."""

from __future__ import annotations

from pathlib import Path

from ostiary.policy import Origin
from ostiary.policy.code import (
    Actor,
    Choice,
    Code,
    Entry,
    EntryKind,
    Given,
    Guard,
    GuardKind,
    Passed,
    Route,
    Use,
    UseKind,
)

FILES = {
    "clinic/__manifest__.py": """{
    "name": "Clinic", "version": "18.0.1.0.0", "depends": ["base", "portal"],
    "data": ["security/groups.xml", "security/ir.model.access.csv", "security/rules.xml"],
}
""",
    "clinic/security/groups.xml": """<odoo>
    <record id="group_clerk" model="res.groups">
        <field name="name">Clerk</field>
        <field name="implied_ids" eval="[(4, ref('base.group_user'))]"/>
    </record>
</odoo>
""",
    "clinic/__init__.py": "from . import controllers, models\n",
    "clinic/models.py": """from odoo import fields, models


class Visit(models.Model):
    _name = "clinic.visit"
    _description = "Visit"

    name = fields.Char()
    state = fields.Char()
    access_token = fields.Char()
    partner_id = fields.Many2one("res.partner")
    line_ids = fields.One2many("clinic.line", "visit_id")

    def action_cancel(self, reason):
        self.sudo().write({"state": reason})

    def action_print(self):
        return self.read(["name"])


class Line(models.Model):
    _name = "clinic.line"
    _description = "Treatment"

    visit_id = fields.Many2one("clinic.visit")


class Room(models.Model):
    _name = "clinic.room"
    _description = "Room"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
""",
    "clinic/controllers.py": """from odoo import http
from odoo.http import request


class Clinic(http.Controller):
    @http.route("/clinic/visit/<int:visit_id>", type="http", auth="public")
    def visit(self, visit_id, **kw):
        visit = request.env["clinic.visit"].sudo().browse(visit_id)
        return request.render("clinic.visit_page", {"visit": visit})

    @http.route("/my/rooms", type="http", auth="user", methods=["GET"])
    def rooms(self, **kw):
        return request.render("clinic.rooms", {"rooms": request.env["clinic.room"].search([])})
""",
    "clinic/security/ir.model.access.csv": """\
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
visit_portal,visit portal,model_clinic_visit,base.group_portal,1,0,0,0
room_portal,room portal,model_clinic_room,base.group_portal,1,0,0,0
""",
    "clinic/security/rules.xml": """<odoo>
    <record id="visit_own" model="ir.rule">
        <field name="name">Own visits</field>
        <field name="model_id" ref="model_clinic_visit"/>
        <field name="domain_force">[('partner_id', 'child_of', user.commercial_partner_id.id)]</field>
        <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
    </record>
    <record id="visit_named" model="ir.rule">
        <field name="name">Visits that have a name</field>
        <field name="model_id" ref="model_clinic_visit"/>
        <field name="domain_force">[('name', '!=', False)]</field>
    </record>
</odoo>
""",
}


def write(folder: Path) -> Path:
    """Write the addon into a folder and return the folder that holds it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def at(line: int, path: str = "clinic/controllers.py") -> Origin:
    return Origin(path, line, "clinic")


def route(method: str, line: int, *uses: Use, **said: object) -> Entry:
    """An entry for a route of the clinic's controller."""
    unread = said.pop("unread", ())
    return Entry(
        kind=EntryKind.ROUTE,
        name=f"clinic.Clinic.{method}",
        module="clinic",
        origin=at(line),
        method=method,
        route=Route(**said),  # type: ignore[arg-type]
        uses=uses,
        unread=unread,  # type: ignore[arg-type]
    )


def method(name: str, line: int, *uses: Use, model: str = "clinic.visit", **said: object) -> Entry:
    """An entry for a method over RPC."""
    return Entry(
        kind=EntryKind.RPC,
        name=f"{model}.{name}",
        module="clinic",
        origin=at(line, "clinic/models.py"),
        model=model,
        method=name,
        uses=uses,
        **said,  # type: ignore[arg-type]
    )


def code() -> Code:
    """One entry of each sort."""
    visit_id = (Given("path", "visit_id"),)
    token = Guard(GuardKind.TOKEN, "consteq(visit.access_token, token)", at(21), "clinic.visit")
    return Code(
        entries=[
            route(
                "visit", 6,
                Use(kind=UseKind.READ, origin=at(8), text="browse(visit_id)", model="clinic.visit",
                    actor=Actor.SUPERUSER, choice=Choice.CALLER_ID, given=visit_id, fields=("name", "state")),
                Use(kind=UseKind.READ, origin=at(9), text="visit.line_ids", model="clinic.line",
                    actor=Actor.SUPERUSER, choice=Choice.RELATED, parent="clinic.visit", given=visit_id),
                Use(kind=UseKind.RENDER, origin=at(9), text="request.render", template="clinic.visit_page",
                    values=(Passed("visit", "clinic.visit", Actor.SUPERUSER, Choice.CALLER_ID),)),
                paths=("/clinic/visit/<int:visit_id>",), auth="public",
            ),
            route(
                "rooms", 11,
                Use(kind=UseKind.SEARCH, origin=at(13), text="search([])", model="clinic.room", choice=Choice.ALL),
                Use(kind=UseKind.RENDER, origin=at(13), text="request.render", template="clinic.rooms"),
                paths=("/my/rooms",), methods=("GET",),
            ),
            route(
                "pay", 15,
                Use(kind=UseKind.WRITE, origin=at(22), text="visit.sudo().write", model="clinic.visit",
                    actor=Actor.SUPERUSER, choice=Choice.CALLER_ID, given=visit_id, guards=(token,),
                    fields=("state",)),
                Use(kind=UseKind.CREATE, origin=at(24), text="create", model="clinic.room", actor=Actor.SUPERUSER,
                    choice=Choice.NEW, fields=("*",)),
                Use(kind=UseKind.REDIRECT, origin=at(25), text="redirect(back)",
                    written=(Given("parameter", "back"),)),
                paths=("/clinic/visit/<int:visit_id>/pay", "/clinic/pay"), auth="public", methods=("POST",),
                csrf=False, unread=("clinic_api.charge",),
            ),
            route(
                "staff", 30,
                Use(kind=UseKind.SQL, origin=at(33), text="SELECT ...", built="interpolated",
                    guards=(Guard(GuardKind.GROUP, "base.group_user", at(31)),),
                    written=(Given("parameter", "order"),)),
                paths=("/clinic/staff",), type="json",
            ),
            method(
                "action_cancel", 13,
                Use(kind=UseKind.WRITE, origin=at(14, "clinic/models.py"), text="self.sudo().write",
                    model="clinic.visit", actor=Actor.SUPERUSER, choice=Choice.SELF, given=(Given("self"),),
                    looks=(Guard(GuardKind.STATE, "self.state == 'draft'", at(13, "clinic/models.py")),),
                    written=(Given("argument", "reason"),), fields=("state",)),
                parameters=("reason",),
            ),
            method(
                "action_print", 16,
                Use(kind=UseKind.READ, origin=at(17, "clinic/models.py"), text="self.read", model="clinic.visit",
                    choice=Choice.SELF),
            ),
            method("get_defaults", 19, static=True, read=False),
        ]
    )  # fmt: skip
