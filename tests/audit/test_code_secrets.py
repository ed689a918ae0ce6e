"""Tokens that are handed out, records found by a secret or by an address, and what code far away keeps for itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ostiary.audit import Finding, audit
from ostiary.policy.code import (
    Actor,
    Choice,
    Code,
    Entry,
    EntryKind,
    Given,
    Guard,
    GuardKind,
    Route,
    Step,
    Use,
    UseKind,
)
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.sources import open_policy

HERE = Path(__file__).parent
CHECKS = ("check-under-sudo", "public-route-sudo", "route-idor", "sudo-before-check")
ELSEWHERE = Origin("library_desk/models/loan.py", 30, "library_desk")


@pytest.fixture(scope="module")
def library() -> Policy:
    return open_policy([HERE / "route-idor/bad"], odoo="18.0", cache=False)


def at(line: int) -> Origin:
    return Origin("library_desk/controllers/main.py", line, "library_desk")


def use(kind: UseKind = UseKind.READ, **changes: object) -> Use:
    fields: dict[str, object] = {
        "origin": at(20),
        "model": "library.loan",
        "actor": Actor.SUPERUSER,
        "choice": Choice.CALLER_ID,
        "given": (Given("path", "loan_id"),),
        "fields": ("note",),
    }
    return Use(kind=kind, text="the code", **(fields | changes))  # type: ignore[arg-type]


def found(policy: Policy, *uses: Use, auth: str = "user") -> list[Finding]:
    entry = Entry(
        kind=EntryKind.ROUTE,
        name="library_desk.Desk.loan",
        module="library_desk",
        origin=at(9),
        route=Route(paths=("/loan/<int:loan_id>",), auth=auth),
        uses=uses,
    )
    result = audit(msgspec.structs.replace(policy, code=Code(entries=[entry])), select=CHECKS)
    assert not result.errors
    return list(result.findings)


def gravity(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(str(one.severity), str(one.confidence)) for one in findings]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("access_token", [("high", "medium")]),
        ("_portal_ensure_token", [("high", "medium")]),
        ("generate_access_token", [("high", "medium")]),
        ("portal_url", [("high", "medium")]),
        ("name", []),
        ("_token_of_the_day", []),
    ],
)
def test_a_token_opens_what_hangs_on_the_record_that_was_chosen(
    library: Policy, field: str, told: list[tuple[str, str]]
) -> None:
    file = use(model="ir.attachment", choice=Choice.RELATED, parent="library.loan", fields=(field,))
    findings = found(library, file)
    assert gravity(findings) == told
    assert all("get a link or token of any" in one.message for one in findings)
    checked = Guard(GuardKind.ACCESS, "loan.check_access('read')", at(12), "library.loan")
    assert found(library, msgspec.structs.replace(file, guards=(checked,))) == []


@pytest.mark.parametrize(
    ("chosen", "given", "confidence"),
    [
        ("env['library.loan'].sudo().search([('pickup_code', '=', code)])", Given("body", "code"), "high"),
        ("env['library.loan'].sudo().search([('pairing_code', '=', code)])", Given("body", "code"), "low"),
        ("env['library.loan'].sudo().search([('token_id', '=', number)])", Given("body", "number"), "high"),
        ("env['library.loan'].sudo().browse(loan)", Given("header", "Authorization"), "low"),
        (
            "env['library.loan'].sudo().search([('reader', '=', reader), ('shelf', …",
            Given("parameter"),
            "low",
        ),
        ("env['library.loan'].sudo().browse(number)", Given("parameter"), "medium"),
    ],
)
def test_who_knows_a_secret_may_be_let_in(
    library: Policy, chosen: str, given: Given, confidence: str
) -> None:
    (finding,) = found(library, use(chosen=chosen, chosen_at=at(18), given=(given,)), auth="public")
    assert str(finding.confidence) == confidence


def test_an_address_on_the_site_is_made_to_be_known(library: Policy) -> None:
    by = (Given("path", "reader_slug"),)
    assert gravity(found(library, use(given=by), auth="public")) == [("high", "high")]
    assert found(library, use(given=by, model="library.shelf"), auth="public") == []


def test_code_of_other_files_keeps_its_own_books(library: Policy) -> None:
    books = use(
        UseKind.WRITE, origin=ELSEWHERE, choice=Choice.RELATED, parent="library.loan", fields=("partner_id",)
    )
    books = msgspec.structs.replace(books, chosen_at=at(15), steps=(Step("loan._notify()", at(16)),))
    assert found(library, books) == []
    theirs = msgspec.structs.replace(books, written=(Given("body", "partner_id"),))
    assert len(found(library, theirs)) == 1


def test_a_helper_for_any_model_is_told_of_where_it_is_called(library: Policy) -> None:
    picked = use(chosen="request.env[model].sudo().browse(number)", chosen_at=at(4))
    assert [one.line for one in found(library, picked)] == [20]
    for_loans = msgspec.structs.replace(picked, chosen="request.env['library.loan'].sudo().browse(number)")
    assert [one.line for one in found(library, for_loans)] == [4]
    deep = msgspec.structs.replace(picked, origin=ELSEWHERE, steps=(Step("self._show(loan)", at(19)),))
    assert [one.line for one in found(library, deep)] == [19]


def test_a_captcha_says_nothing_of_who_calls(library: Policy) -> None:
    asked = Guard(
        GuardKind.AUTHENTICATED, "request.env['ir.http']._verify_request_recaptcha_token('loan')", at(10)
    )
    assert len(found(library, use(guards=(asked,)), auth="public")) == 1
    signed = Guard(GuardKind.AUTHENTICATED, "consteq(signature, sent)", at(10))
    assert found(library, use(guards=(signed,)), auth="public") == []


def test_the_mail_of_a_forgotten_password_goes_to_whom_it_belongs(library: Policy) -> None:
    asked = use(UseKind.CALL, model="res.users", method="action_reset_password", fields=())
    assert found(library, asked, auth="public") == []
    assert len(found(library, msgspec.structs.replace(asked, method="action_send"), auth="public")) == 1


def test_what_is_searched_for_as_published_may_be_read_by_anybody(library: Policy) -> None:
    search = "env['library.loan'].sudo().search([('id', '=', number), ('state', '=', '%s')])"
    shown = use(chosen=search % "published", chosen_at=at(18))
    assert found(library, shown, auth="public") == []
    assert len(found(library, msgspec.structs.replace(shown, chosen=search % "draft"), auth="public")) == 1
    changed = msgspec.structs.replace(shown, kind=UseKind.WRITE, written=(Given("body", "note"),))
    assert len(found(library, changed, auth="public")) == 1
