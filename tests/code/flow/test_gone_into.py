"""Which helpers are gone into: what they do counts where it may matter, also where they are long."""

from __future__ import annotations

from collections.abc import Callable

Routes = Callable[[str], dict[str, list[str]]]

LONG = "\n".join(f"        x{n} = {n}" for n in range(20))
SOURCE = f"""
class Visit(models.Model):
    _name = "clinic.visit"

    def get_board(self, limit):
{LONG}
        return [{{"note": one.note}} for one in self.search([("state", "=", "done")], limit=limit)]

    def _part_sql(self, name):
{LONG}
        return {{"day": ("date = now()", []), "all": ("true", [])}}[name]


class Visits(http.Controller):
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
