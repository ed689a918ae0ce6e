"""Ten thousand expectations in a file of access tests: see enforce.py."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

from ostiary.cli import app

LINE = "{:<12} {:<24} {:<34} {:>10} {:>8}"
GROUPS_CSV = """id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
order_portal,order portal,model_shop_order,base.group_portal,1,0,0,0
order_user,order user,model_shop_order,base.group_user,1,1,1,1
"""
RULES_XML = """<odoo>
<record id="order_rule_portal" model="ir.rule">
    <field name="name">theirs</field>
    <field name="model_id" ref="model_shop_order"/>
    <field name="domain_force">[('partner_id', 'child_of', [user.partner_id.commercial_partner_id.id])]</field>
    <field name="groups" eval="[(4, ref('base.group_portal'))]"/>
</record>
<record id="order_rule_user" model="ir.rule">
    <field name="name">sold</field>
    <field name="model_id" ref="model_shop_order"/>
    <field name="domain_force">['|', ('user_id', '=', user.id), ('user_id', '=', False)]</field>
    <field name="groups" eval="[(4, ref('base.group_user'))]"/>
</record>
<record id="order_rule_company" model="ir.rule">
    <field name="name">companies</field>
    <field name="model_id" ref="model_shop_order"/>
    <field name="domain_force">['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]</field>
</record>
</odoo>
"""
MODELS_PY = """from odoo import fields, models


class Order(models.Model):
    _name = "shop.order"
    _description = "Order"

    name = fields.Char()
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users")
    company_id = fields.Many2one("res.company")
"""
FILES = {
    "__manifest__.py": "{'name': 'Shop', 'version': '18.0.1.0.0', 'depends': ['base'],"
    " 'data': ['security/ir.model.access.csv', 'security/rules.xml']}",
    "__init__.py": "from . import models\n",
    "models/__init__.py": "from . import order\n",
    "models/order.py": MODELS_PY,
    "security/ir.model.access.csv": GROUPS_CSV,
    "security/rules.xml": RULES_XML,
}


def access_tests(users: int, records: int) -> str:
    """A file in which each user reads and writes each record, or can't: half portal users, half internal ones."""
    own, theirs = [f"u{one}" for one in range(users)], [f"o{one}" for one in range(records)]
    lines = ["odoo: '18.0'", "companies: {main: {}, other: {}}", "users:"]
    lines += [
        f"  {who}: {{groups: {'portal' if one % 2 else 'internal'}, company: main}}"
        for one, who in enumerate(own)
    ]
    lines += ["records:", "  shop.order:"]
    lines += [
        f"    {name}: {{user_id: {own[one % users]}, company_id: main}}" for one, name in enumerate(theirs)
    ]
    lines += ["expect:"]
    for one, who in enumerate(own):
        mine = [name for number, name in enumerate(theirs) if number % users == one and not one % 2]
        others = [name for name in theirs if name not in mine]
        lines += [f"  - who: {who}"]
        if mine:
            listed = ", ".join(mine)
            lines += [f"    can: {{read: [{listed}], write: [{listed}]}}"]
        listed = ", ".join(others)
        lines += [f"    cannot: {{read: [{listed}], write: [{listed}]}}"]
    return "\n".join(lines) + "\n"


def expectations(count: int) -> None:
    """Run a file of so many expectations through the runner of `ostiary test`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = Path(folder, "shop", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        tests = Path(folder, "shop", "tests", "many.access.yaml")
        tests.parent.mkdir()
        tests.write_text(access_tests(count // 200, 100), encoding="utf-8")
        for turn in ("first", "again"):
            start = time.perf_counter()
            with contextlib.redirect_stdout(open(os.devnull, "w", encoding="utf-8")) as out:
                code = app.run(["test", str(tests)])
                out.close()
            spent = time.perf_counter() - start
            print(LINE.format("ostiary test", f"{count:,} expectations", f"{turn}, exit code {code}",
                              f"{spent:.2f} s", "<= 5 s"))  # fmt: skip
