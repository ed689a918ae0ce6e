from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/kennel/save", type="http", auth="user", methods=["POST"])
    def save(self, **post):
        """Whatever is posted, on the animal of who posts it."""
        animal = request.env["kennel.animal"].sudo().search([("user_id", "=", request.env.uid)], limit=1)
        animal.write(post)
        return "saved"

    @http.route("/kennel/<int:animal_id>/set", type="json", auth="public")
    def set(self, animal_id, field, value):
        request.env["kennel.animal"].sudo().browse(animal_id).write({field: value})

    @http.route("/kennel/new", type="http", auth="public", methods=["POST"])
    def new(self, **post):
        """A list of what may not be set doesn't know the fields of other modules."""
        values = {name: value for name, value in post.items() if name not in ("fee", "user_id")}
        request.env["kennel.animal"].sudo().create(values)
        return "thank you"
