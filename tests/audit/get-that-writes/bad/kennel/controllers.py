from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/my/animal/<int:animal_id>/home", type="http", auth="user")
    def home(self, animal_id, **kw):
        request.env["kennel.animal"].browse(animal_id).action_home()
        return request.redirect("/my")

    @http.route("/my/animal/<int:animal_id>", type="http", auth="user", methods=["GET", "POST"])
    def animal(self, animal_id, fee=None, **kw):
        animal = request.env["kennel.animal"].browse(animal_id)
        if fee:
            animal.write({"fee": float(fee)})
        return request.make_response(animal.name)
