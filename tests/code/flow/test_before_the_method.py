"""What is asked before a method runs, or in a helper that answers with two values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

SOURCE = """
import functools
def authed(func):
    @functools.wraps(func)
    def wrapper(self, *args, **kwargs):
        key = request.httprequest.headers.get('X-Key')
        user = request.env['res.users'].sudo().search([('api_key', '=', key)])
        if not user:
            return 'no'
        return func(self, *args, **kwargs)
    return wrapper

def scoped(scope):
    def deco(func):
        def wrapper(self, *args, **kwargs):
            if not request.env.user.has_group(scope):
                raise AccessError('no')
            return func(self, *args, **kwargs)
        return wrapper
    return deco

def logged(func):
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)
    return wrapper

class V(http.Controller):
    @http.route('/a/<int:visit_id>', auth='none')
    @authed
    def a(self, visit_id):
        return request.env['clinic.visit'].sudo().browse(visit_id).name

    @http.route('/b/<int:visit_id>', auth='user')
    @scoped('base.group_user')
    def b(self, visit_id):
        return request.env['clinic.visit'].sudo().browse(visit_id).name

    @http.route('/c/<int:visit_id>', auth='user')
    @logged
    def c(self, visit_id):
        return request.env['clinic.visit'].sudo().browse(visit_id).name

    @http.route('/d/<int:visit_id>', auth='user')
    def d(self, visit_id):
        ok, error = self._check(request.httprequest.headers.get('X-Key'))
        if not ok:
            return error
        return request.env['clinic.visit'].sudo().browse(visit_id).name

    def _check(self, key):
        secret = request.env['ir.config_parameter'].sudo().get_param('clinic.api_key')
        if not consteq(key, secret):
            return False, 'wrong'
        return True, None
"""


@pytest.mark.parametrize(
    ("name", "passed"), [("a", "authenticated"), ("b", "group"), ("c", ""), ("d", "authenticated")]
)
def test_what_lets_the_caller_pass(
    name: str, passed: str, routes: Callable[[str], dict[str, list[str]]]
) -> None:
    last = routes(SOURCE)[name][-1]
    assert last.startswith("read; clinic.visit as superuser, caller-id")
    assert last.partition("passed ")[2] == passed
