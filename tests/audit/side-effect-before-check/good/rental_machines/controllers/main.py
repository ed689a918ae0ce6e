from odoo import http
from odoo.http import request


class Machines(http.Controller):
    @http.route("/machine/<int:machine_id>/rent", type="json", auth="user")
    def rent(self, machine_id):
        machine = request.env["rental.machine"].browse(machine_id)
        machine.check_access("write")
        request.env["rental.charge"].sudo().create({"name": "Rent"})
        machine.write({"state": "out"})
        return True
