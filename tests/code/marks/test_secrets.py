"""Secrets in the source: what is one, and what only looks like it."""

from __future__ import annotations

import ast

import pytest

from ostiary.code.marks import marks
from ostiary.code.marks.values import entropy

KEY = "9fK2xQ7vLm41ZtPw83RbNc60"


def found(source: str) -> list[tuple[int, str]]:
    """The line and the name of each secret of a source."""
    every = marks(ast.parse(source), source.encode())
    return [(one.line, one.name) for one in every if one.kind == "secret"]


@pytest.mark.parametrize(
    "source",
    [
        f"API_KEY = '{KEY}'",
        f"api_key: str = '{KEY}'",
        f"self.clientSecret = b'{KEY}'",
        f"settings['access-token'] = '{KEY}'",
        f"connect(api_key='{KEY}')",
        f"x = {{'secret_key': '{KEY}'}}",
        f"def connect(host, token='{KEY}'): pass",
        f"def connect(host, *, token='{KEY}'): pass",
        f"if post.get('secret') == '{KEY}': pass",
        f"if '{KEY}' != token: pass",
        f"key = os.environ.get('API_KEY', '{KEY}')",
        f"API_KEY = os.environ.get('API_KEY') or '{KEY}'",
        f"API_KEY = '{KEY}' if live else ''",
        f"user, api_key = 'me', '{KEY}'",
        f"env['ir.config_parameter'].set_param('shop.api_key', '{KEY}')",
        f"setattr(settings, 'api_key', '{KEY}')",
        "password = 'S3cret!pony'",
        "DB_PASSWORD = '482913'",
        "password = fields.Char(default='Hund2019!')",
        "requests.get(url, auth=('me', 'Hund2019!'))",
        "HTTPBasicAuth('me', 'Hund2019!')",
        "hmac.new(b'bluebird', text, 'sha256')",
        "jwt.encode(claims, 'bluebird')",
        "SALT = 'bluebird'\nhmac.new(SALT.encode(), text, 'sha256')",
        "url = 'postgresql://app:w00fw00f9@db.example/shop'",
    ],
)
def test_a_secret_is_told_by_what_it_is_bound_to(source: str) -> None:
    assert len(found(source)) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AKIA", "IOSFODNN7EXAMPL3"),
        ("sk_li", "ve_4eC39HqLyjWDarjtT1zdp7dc"),
        ("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("xoxb-", "847261950382-abcdefGHIJKLmnop"),
        ("AI", "zaSyD4K8fJ2mN6pQ9rS1tU3vW5xY7zA0bC2dE"),
        ("Bearer ", "9fK2xQ7vLm41ZtPw83RbNc60"),
        ("Basic ", "dXNlcjpIdW5kMjAxOSE="),
        (
            "-----BEGIN RSA ",
            "PRIVATE KEY-----\\n" + "MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun" * 2,
        ),
    ],
)
def test_what_services_give_out_is_told_by_its_shape(before: str, after: str) -> None:
    text = (before + after).replace(
        "EXAMPL3", "QX7MPL3"
    )  # put together here, so that no scanner takes it for one
    assert len(found(f'anything = "{text}"')) == 1


@pytest.mark.parametrize(
    "source",
    [
        "API_KEY_PARAMETER = 'shop.api_key'",
        "api_key = 'shop.l10n_eu_oss.api_key'",
        "api_key = 'x-api-key'",
        "access_token = 'access_token'",
        "password = ''",
        "password = 'password'",
        "password = 'your-password-here-123'",
        "password = 'Choose a password'",
        "password = '********'",
        "password = '%s'",
        "secret = '{secret}'",
        "secret = '<your secret 12345>'",
        "secret = f'{one}-{two}-1234567890ab'",
        "token_url = 'https://example.org/oauth2/token/12345'",
        "token = 'https://example.org/oauth2/token/12345'",
        "password_pattern = '^[A-Z0-9]{8,}'",
        "password = r'^(?=.*[0-9])[A-Z0-9]+'",
        f"next_page_token = '{KEY}'",
        f"PUBLIC_KEY = '{KEY}'",
        f"csrf_token = '{KEY}'",
        f"SANDBOX = {{'client_secret': '{KEY}'}}",
        f"test_api_key = '{KEY}'",
        "token = 'dummy-because-the-client-waits-for-one-1'",
        "response.set_cookie('fileToken', token)",
        "PARAMETERS = [('api_key', 'API key of 2024')]",
        "if password == 'admin': warn()",
        "token_type = 'bearer2024abcd'",
        "url = 'https://user:password@host.example/'",
        "marker = '-----BEGIN PRIVATE KEY-----'",
        f"def test_login(): connect(password='{KEY}')",
        f'"""An example: api_key = \'{KEY}\' and postgresql://app:w00fw00f9@db/shop"""',
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(source: str) -> None:
    assert found(source) == []


def test_the_secret_is_not_kept() -> None:
    source = f"class Shop:\n    def connect(self):\n        return dict(api_key='{KEY}')\n"
    (mark,) = marks(ast.parse(source), source.encode())
    assert (mark.line, mark.name, mark.function) == (3, "api_key", "Shop.connect")
    assert mark.text == "a secret (24 characters)"
    assert KEY not in repr(mark)


def test_a_password_that_is_tried_first_is_said_to_be_one() -> None:
    source = "def create(user_password='admin'): pass"
    (mark,) = marks(ast.parse(source), source.encode())
    assert mark.text == "a password that is tried first (5 characters)"


def test_entropy_is_low_where_letters_come_again() -> None:
    assert entropy("aaaaaaaa") == 0
    assert entropy("abcdefgh") == 3


def test_hostile_text_is_looked_at_quickly() -> None:
    source = "api_key = '" + "a1" * 200_000 + "'\nx = " + "+".join(["'token'"] * 900)
    assert found(source) in ([], [(1, "api_key")])
