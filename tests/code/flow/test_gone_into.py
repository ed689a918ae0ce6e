"""Which helpers are gone into: what they do counts where it may matter, also where they are long."""

from __future__ import annotations

from collections.abc import Callable

from ostiary.code.flow import follow
from ostiary.code.program import Program

Routes = Callable[[str], dict[str, list[str]]]
Made = Callable[[str], Program]

LONG = "\n".join(f"        x{n} = {n}" for n in range(20))
SOURCE = f"""
import contextlib
import odoo

class Visit(models.Model):
    _name = "clinic.visit"

    def get_board(self, limit):
{LONG}
        return [{{"note": one.note}} for one in self.search([("state", "=", "done")], limit=limit)]

    def _reckon(self, data):
{LONG}
        return data

    def _part_sql(self, name):
{LONG}
        return {{"day": ("date = now()", []), "all": ("true", [])}}[name]

    def _find_it(self, data):
{LONG}
        return self.browse(int(data["ref"]))


@contextlib.contextmanager
def opened(name):
    with odoo.registry(name).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {{}})


class Visits(http.Controller):
    @http.route("/found", auth="public")
    def found(self, **post):
        request.env["clinic.visit"].sudo()._find_it(post).write({{"state": "done"}})

    @http.route("/far", auth="public")
    def far(self, **post):
        return request.env["clinic.visit"].sudo()._reckon(post)

    @http.route("/opened/<int:visit_id>", auth="none")
    def opened(self, visit_id, db):
        with opened(db) as env:
            return env["clinic.visit"].browse(visit_id).note

    @http.route("/copied", auth="public")
    def copied(self, **post):
        request.env.ref("clinic.template").sudo().copy(post)

    @http.route("/board", auth="user")
    def board(self, limit=50):
        return request.env["clinic.visit"].sudo().get_board(int(limit))

    @http.route("/list", auth="user")
    def list(self, name):
        where, values = request.env["clinic.visit"]._part_sql(name)
        request.env.cr.execute("SELECT note FROM clinic_visit WHERE " + where, values)
"""


def test_a_long_method_of_a_model_is_gone_into_as_superuser(routes: Routes) -> None:
    assert "read; clinic.visit as superuser, all; fields note" in routes(SOURCE)["board"]


def test_a_long_method_that_chooses_part_of_a_query_is_gone_into(routes: Routes) -> None:
    assert routes(SOURCE)["list"] == ["sql; built parameters"]


def test_a_long_method_that_gets_a_record_is_gone_into_as_superuser(routes: Routes) -> None:
    assert routes(SOURCE)["found"] == [
        "write; clinic.visit as superuser, caller-id; given parameter ref; fields state"
    ]


def test_a_method_that_is_not_gone_into_as_superuser_is_named(made: Made) -> None:
    program = made(SOURCE)
    (far,) = [one for one in program.routes() if one.function.name == "far"]
    assert follow(program, far).unread == ("_reckon",)


def test_what_a_context_manager_hands_out_is_what_with_names(routes: Routes) -> None:
    assert routes(SOURCE)["opened"] == [
        "read; clinic.visit as superuser, caller-id; given path visit_id; fields note"
    ]


def test_what_a_record_is_copied_with_is_written(routes: Routes) -> None:
    (copied,) = routes(SOURCE)["copied"]
    assert "fields copy, *; written parameter" in copied


def test_what_only_looks_like_a_model_is_called_by_no_client(made: Made) -> None:
    source = """
class Part(Component):
    _name = "clinic.part"
    _inherit = "clinic.base.part"

    def go(self):
        return 1


class Schema(pydantic.BaseModel):
    def total(self):
        return 1


class Visit(models.Model):
    _inherit = "clinic.visit"

    def go(self):
        return 1
"""
    assert [one.model for one in made(source).rpc_methods()] == ["clinic.visit"]
