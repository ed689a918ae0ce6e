"""Tokens that can be guessed: what is made of chance, time or ids, and what it is for."""

from __future__ import annotations

import ast

import pytest

from ostiary.code.marks import marks

IMPORTS = (
    "import hashlib, hmac, os, random, secrets, string, time, uuid\nfrom datetime import datetime\n"
    "from random import choice as pick\n"
)
AT = IMPORTS.count("\n")


def found(source: str) -> list[tuple[int, str]]:
    """The line (below the imports) and the name of each guessable token of a source."""
    whole = IMPORTS + source
    every = marks(ast.parse(whole), whole.encode())
    return [(one.line - AT, one.name) for one in every if one.kind == "predictable"]


@pytest.mark.parametrize(
    "source",
    [
        "token = random.randint(1000, 9999)",
        "self.access_token = str(random.random())",
        "vals['password'] = ''.join(random.choice(string.ascii_letters) for _ in range(8))",
        "create({'otp': '%06d' % random.randrange(10**6)})",
        "send(api_key=random.getrandbits(128))",
        "token = ''.join(pick('abcdef0123456789') for _ in range(32))",
        "token = uuid.uuid1().hex",
        "token = str(time.time())",
        "access_token = hashlib.sha1(f'{uid}{datetime.now()}'.encode()).hexdigest()",
        "token = hashlib.md5(str(self.id).encode()).hexdigest()",
        "def _get_token(self):\n    return ''.join(random.choices(string.digits, k=6))",
        "some = string.ascii_letters\ntext = ''.join(random.choice(some) for _ in range(9))\nself.password = text",
        "token = ''\nfor _ in range(9):\n    token += random.choice('abcdef')",
        "class Coupon:\n    def _new_code(self):\n        return ''.join(random.choice('ABC123') for _ in range(9))",
        "class A:\n    access_token = fields.Char(default=lambda self: '%032x' % random.getrandbits(128))",
        "gift_code = ''.join(random.sample(string.ascii_uppercase, 8))",
    ],
)
def test_what_lets_somebody_in_is_not_made_of_chance(source: str) -> None:
    assert len(found(source)) == 1


def test_a_helper_that_draws_is_known_where_it_is_called() -> None:
    source = (
        "class A:\n    def invite(self):\n        self.token = self._text(9)\n"
        "    def _text(self, size):\n        return ''.join(random.choice('abc') for _ in range(size))\n"
    )
    assert found(source) == [(3, "token")]


@pytest.mark.parametrize(
    "source",
    [
        "token = secrets.token_hex(16)",
        "token = uuid.uuid4().hex",
        "token = os.urandom(16).hex()",
        "token = random.SystemRandom().choice('abc')",
        "chooser = random.SystemRandom()\ntoken = ''.join(chooser.choice('abc') for _ in range(9))",
        "random = secrets\ntoken = random.choice('abc')",
        "token_expiry = time.time() + 60",
        "token_date = datetime.now()",
        "password_changed_at = datetime.now()",
        "token = jwt.encode({'exp': time.time()}, key)",
        "signature_token = hmac.new(secret, str(time.time()).encode(), 'sha256').hexdigest()",
        "token = hashlib.sha256(f'{self.id}{secret_key}'.encode()).hexdigest()",
        "salt = get_param('a.secret')\ntoken = hashlib.sha256((salt + str(datetime.now())).encode()).hexdigest()",
        "token = random.choice(tokens)",
        "delay = random.randint(1, 9)",
        "color_code = '#%06x' % random.randint(0, 0xFFFFFF)",
        "class Country:\n    def _code(self):\n        return ''.join(random.choice('ABC') for _ in range(2))",
        "code = random.choice(['a', 'b'])",
        "next_token = str(time.time())",
        "sync_token = str(time.time())",
        "def test_it():\n    token = random.random()",
        "reward_identifier_code = str(random.getrandbits(32))",
    ],
)
def test_what_cannot_be_guessed_or_opens_nothing_is_left_alone(source: str) -> None:
    assert found(source) == []


def test_a_mark_says_where_it_stands() -> None:
    source = IMPORTS + "class A:\n    def invite(self):\n        self.token = str(random.random())\n"
    (mark,) = marks(ast.parse(source), source.encode())
    assert (mark.function, mark.text) == ("A.invite", "self.token = str(random.random())")
