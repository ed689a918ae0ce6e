from odoo import http
from odoo.http import request


class Kennel(http.Controller):
    @http.route("/my/animal/<int:animal_id>/home", type="http", auth="user", methods=["POST"])
    def home(self, animal_id, **kw):
        request.env["kennel.animal"].browse(animal_id).action_home()
        return request.redirect("/my")

    @http.route("/my/animal/<int:animal_id>", type="http", auth="user")
    def animal(self, animal_id, **kw):
        """Only counted."""
        animal = request.env["kennel.animal"].browse(animal_id)
        animal.sudo().visits += 1
        request.session["animal"] = animal_id
        return request.make_response(animal.name)

    @http.route("/my/animal/<int:animal_id>/look", type="http", auth="user")
    def look(self, animal_id, **kw):
        """It is noted that somebody looked."""
        animal = request.env["kennel.animal"].browse(animal_id)
        animal.message_post(body="Looked at.")
        return request.make_response(animal.name)

    @http.route("/my/animal/<int:animal_id>/edit", type="http", auth="user")
    def edit(self, animal_id, fee=None, **kw):
        """Changes something only where a form was posted, and Odoo has asked for its token."""
        animal = request.env["kennel.animal"].browse(animal_id)
        if request.httprequest.method == "POST":
            animal.write({"fee": float(fee)})
        return request.make_response(animal.name)

    @http.route("/my/animal/<int:animal_id>/sheet", type="http", auth="user")
    def sheet(self, animal_id, **kw):
        """What gives a file or an action back changes nothing, by its name."""
        animal = request.env["kennel.animal"].browse(animal_id)
        animal.action_print_passport()
        return request.make_response(animal.create_sheet_report())

    @http.route("/my/animal/<int:animal_id>/seen", type="http", auth="user")
    def seen(self, animal_id, **kw):
        """A note of what was looked at says which, by the very id in the link."""
        animal = request.env["kennel.animal"].browse(animal_id)
        animal.message_post(body="Looked at number %s." % animal_id)
        return request.make_response(animal.name)

    @http.route("/my/animal/<int:animal_id>/fetch", type="http", auth="user")
    def fetch(self, animal_id, **kw):
        """No link and no picture sends a header of its own."""
        if request.httprequest.headers.get("X-Kennel-App") != "1":
            return request.not_found()
        request.env["kennel.animal"].browse(animal_id).action_home()
        return request.make_response("done")
