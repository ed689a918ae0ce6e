from odoo import http
from odoo.http import request


class Machines(http.Controller):
    @http.route("/machine/<int:machine_id>/rent", type="json", auth="user")
    def rent(self, machine_id):
        request.env["rental.charge"].sudo().create({"name": "Rent"})
        machine = request.env["rental.machine"].browse(machine_id)
        machine.write({"state": "out"})
        return True
