"""Small modules made at random: models, controllers and pages as people write them, and as nobody would."""

from __future__ import annotations

import random
import re

HEAD = """from odoo import SUPERUSER_ID, _, api, fields, http, models
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from odoo.tools import consteq
from odoo.tools.safe_eval import safe_eval
from odoo.addons.portal.controllers.portal import CustomerPortal
"""
MANIFEST = """{'name': 'Garden', 'version': '18.0.1.0.0', 'depends': ['portal', 'website'],
 'data': ['security/ir.model.access.csv', 'views/pages.xml', 'views/more.xml']}
"""
ACCESS = """id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
a,a,model_garden_plot,base.group_portal,1,0,0,0
b,b,model_garden_plan,base.group_user,1,1,1,1
"""
DECLARED = """    _description = 'x'
    name = fields.Char()
    note = fields.Html()
    access_token = fields.Char()
    partner_id = fields.Many2one('res.partner')
    plot_id = fields.Many2one('garden.plot')
    line_ids = fields.One2many('garden.plan', 'plot_id')
    user_id = fields.Many2one('res.users')
"""
# What may stand for a name in angle brackets. <expr>, <block> and <element> may hold themselves.
GRAMMAR: dict[str, tuple[str, ...]] = {
    "model": ("garden.plot", "garden.plan", "garden.visit", "res.partner", "ir.attachment", "res.users"),
    "field": ("name", "note", "state", "access_token", "partner_id", "plot_id", "line_ids", "user_id", "x"),
    "name": ("plot", "plan", "kw", "post", "values", "user", "domain", "found", "token", "one", "env"),
    "key": ("plot_id", "access_token", "field", "order", "r", "x"),
    "number": tuple(str(number) for number in range(13)),
    "method": (
        *("read", "write", "unlink", "sudo", "exists", "check_access", "message_post", "with_user", "mapped"),
        *("filtered", "search", "browse", "create", "ensure_one", "helper", "_helper", "action_done", "copy"),
        *("search_read", "name_search", "with_context", "sorted", "get", "update"),
    ),
    "leaf": ("<name>", "plot_id", "(1)", "None", "'x'", "request.env.user", "self", "kw", "request.env"),
    "records": (
        "request.env['<model>'].sudo().browse(<expr>)",
        "request.env['<model>'].browse(plot_id)",
        "request.env['<model>'].search([('<field>', '=', <expr>)], limit=1)",
        "request.env['<model>'].sudo().search(<expr>)",
        "<records>.<field>",
        "(<records> or <records>)",
        "self._document_check_access('<model>', plot_id, kw.get('access_token'))",
    ),
    "expr": (
        "<leaf>",
        "<records>",
        "<records>.<method>(<expr>)",
        "self.env['<model>'].sudo().search(<expr>)",
        "self.env[<expr>].<method>(<expr>)",
        "self._document_check_access('<model>', <expr>, <expr>)",
        "<expr>.<method>(<expr>)",
        "<leaf>.<method>(*<expr>, **<expr>)",
        "<expr>.<field>",
        "kw.get('<key>')",
        "request.params['<key>']",
        "request.httprequest.headers.get('<key>')",
        "[('<field>', 'in', <expr>), <expr>]",
        "{'<field>': <expr>, **<leaf>}",
        "[<expr> for one in <expr> if <expr>]",
        "(lambda one: <expr>)(<expr>)",
        "(<expr> if <expr> else <expr>)",
        "(<expr> and <expr> or <expr>)",
        "f'select {<name>.<field>} from x where id = {<name>}'",
        "('%s' % <expr>)",
        "consteq(<expr>.<field>, <expr>)",
        "(<expr> == <expr>)",
        "self._helper(<expr>, <expr>)",
        "super().<method>(<expr>)",
        "(<expr> | <expr> - <expr>)",
        "<leaf>[<expr>]",
        "(walrus := <expr>)",
    ),
    "statement": (
        "<name> = <expr>",
        "<name> = <expr>",
        "<name>, *<name> = <expr>",
        "<name>.<field> = <expr>",
        "<name>['<key>'] += <expr>",
        "<expr>",
        "if <expr>:<block>",
        "if <expr>:<block>else:<block>",
        "if not <expr>:\n    raise AccessError(<expr>)",
        "if <expr> != <expr>:\n    return request.not_found()",
        "for <name> in <expr>:<block>",
        "while <expr>:<block>",
        "try:<block>except (AccessError, MissingError):\n    return request.redirect(<expr>)",
        "with <expr> as <name>:<block>",
        "def <name>(one, *, two=<expr>):<block>",
        "request.env.cr.execute(<expr>, <expr>)",
        "request.env.cr.execute(<expr>)",
        "safe_eval(<expr>, <expr>)",
        "return request.render('garden.page<number>', {'plot': <records>, 'one': <records>})",
        "values = {'plot': <records>, **<expr>}",
        "return request.render('garden.page<number>', values)",
        "return <expr>",
        "del <name>",
    ),
    "options": (
        "auth='public'",
        "auth='user'",
        "auth='none', csrf=False",
        "type='json', auth='public'",
        "x=1",
    ),
    "route": (
        "@http.route('/plot/<int:plot_id>', <options>)",
        "@http.route(['/plot', '/plot/<int:plot_id>'], <options>, website=True)",
        "@http.route(\"/plan/<model('garden.plan'):plan>\", <options>)",
        "@http.route(<options>)",
        "@http.route()",
    ),
    "base": (
        "http.Controller",
        "CustomerPortal",
        "Garden<number>",
        "Garden<number>, Garden<number>",
        "Controller",
    ),
    "inherits": (
        "_name = '<model>'",
        "_inherit = '<model>'",
        "_inherit = ['mail.thread', '<model>', '<model>']",
    ),
    "api": (
        "@api.model",
        "@api.private",
        "@api.model_create_multi",
        "@api.depends('<field>')",
        "@api.onchange('x')",
    ),
    "public": ("action_done", "helper", "_helper", "write", "create", "run", "_compute"),
    "arguments": ("self, one=None, **kw", "self, vals", "self", "self, *args"),
    "path": (
        "plot",
        "one",
        "plot.line_ids",
        "one.plot_id.partner_id",
        "user_id",
        "request.params",
        "x(y",
        "one[0]",
    ),
    "place": ("//p", "//div[1]", "//*[hasclass('x')]", "//t[@t-foreach]/p", "/*", "//p[", "", "//p[last()]"),
    "position": ("after", "before", "inside", "replace", "attributes", "move", ""),
    "element": (
        '<p t-field="<path>.<field>"/>',
        '<p t-esc="<path>.<field>"/>',
        "<p t-out=\"<path>.<field>\" t-options=\"{'widget': 'html'}\"/>",
        '<p t-raw="<path>"/>',
        '<div t-att-class="<path>" t-attf-href="/x/{{<path>}}/#{<path>}"><element><element></div>',
        '<t t-foreach="<path>" t-as="one"><element></t>',
        '<t t-if="<path>"><element></t><t t-else=""><element></t>',
        '<t t-set="one" t-value="<path>.<field>"/>',
        '<t t-set="one"><element></t>',
        '<t t-call="garden.page<number>"><element></t>',
        '<t t-call="{{<path>}}"/>',
        '<div groups="base.group_user,!base.group_portal"><element></div>',
    ),
    "template": (
        '<template id="page<here>"><div><element><element></div></template>',
        '<template id="page<here>"><div class="x"><element></div><element></template>',
        '<template id="page<here>" inherit_id="garden.page<number>" priority="<number>">'
        '<xpath expr="<place>" position="<position>"><element></xpath></template>',
    ),
}
_WORD = re.compile(r"<(\w+)>")
_DEEPEST = 3
_DEEPEST_BLOCK = 2


class Maker:
    """Makes one module; the same seed makes the same one."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311

    def files(self) -> dict[str, str]:
        """The files of a module, by their path in it."""
        own = [self.model(f"_name = '{name}'") for name in ("garden.plot", "garden.plan", "garden.visit")]
        models = own + [self.model(self.fill("<inherits>")) for _ in range(self.chance.randint(0, 4))]
        controllers = [self.controller(number) for number in range(self.chance.randint(1, 4))]
        return {
            "__manifest__.py": MANIFEST,
            "__init__.py": "from . import models, controllers\n",
            "models.py": HEAD + "".join(models),
            "controllers.py": HEAD + "".join(controllers),
            "views/pages.xml": self.pages(range(6)),
            "views/more.xml": self.pages(range(6, 12)),
            "security/ir.model.access.csv": ACCESS,
        }

    def fill(self, text: str, depth: int = 0) -> str:
        """The text with something for each of its words in angle brackets that the grammar knows."""

        def word(found: re.Match[str]) -> str:
            name = found[1]
            if name == "block":
                return "\n" + self.block(depth + 1)
            if name not in GRAMMAR:
                return found[0]
            if depth > _DEEPEST and name in ("expr", "records", "element"):
                return self.fill("<leaf>") if name != "element" else "text"
            return self.fill(self.chance.choice(GRAMMAR[name]), depth + 1)

        return _WORD.sub(word, text)

    def block(self, depth: int = 0) -> str:
        """Some statements, indented."""
        lines = []
        for _ in range(self.chance.randint(1, 4)):
            statement = self.chance.choice(GRAMMAR["statement"])
            if depth > _DEEPEST_BLOCK and "<block>" in statement:
                statement = "<name> = <expr>"
            lines += self.fill(statement, depth).splitlines()
        return "".join(f"    {line}\n" for line in lines if line.strip())

    def method(self, name: str, decorator: str, arguments: str) -> str:
        """A method of a class."""
        lines = [*decorator.splitlines(), f"def {name}({arguments}):", *self.block().splitlines()]
        return "".join(f"    {line}\n" for line in lines)

    def controller(self, number: int) -> str:
        """A controller, which may stand on the others and on itself."""
        routes = "".join(
            self.method(f"page{self.chance.randrange(4)}", self.fill("<route>"), "self, plot_id=None, **kw")
            for _ in range(self.chance.randint(1, 4))
        )
        helper = self.method("_helper", "", "self, one=None, two=None")
        return f"class Garden{number}({self.fill('<base>')}):\n{helper}{routes}\n"

    def model(self, inherits: str) -> str:
        """A model's class, new or extended, whose methods anyone may call unless their names say no."""
        methods = "".join(
            self.method(
                self.fill("<public>"),
                self.fill("<api>") if self.chance.random() < 0.4 else "",
                self.fill("<arguments>"),
            )
            for _ in range(self.chance.randint(0, 4))
        )
        name = f"Model{self.chance.randrange(1_000)}"
        return f"class {name}(models.Model):\n    {inherits}\n{DECLARED}{methods}\n"

    def pages(self, numbers: range) -> str:
        """A file of templates that call and inherit each other."""
        found = (self.fill("<template>").replace("<here>", str(number)) for number in numbers)
        return "<odoo>\n" + "\n".join(found) + "\n</odoo>\n"
