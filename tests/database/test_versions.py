"""The databases of 17.0, 18.0 and 19.0, laid out differently, read to the same definitions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ostiary.policy import Kind, Mode, Origin, Policy, Subject
from ostiary.sources import open_policy, snapshot
from ostiary.sources.database import read_database
from ostiary.sources.database.models import UNNAMED

Make = Callable[..., str]
SERIES = ("17.0", "18.0", "19.0")


@pytest.fixture(params=SERIES)
def policy(request: pytest.FixtureRequest, make: Make) -> Policy:
    return read_database(make(request.param))


def test_the_series_and_the_installed_modules(policy: Policy) -> None:
    assert policy.odoo in SERIES
    assert list(policy.modules) == ["base", "library"]
    library = policy.modules["library"]
    assert (library.title, library.category, library.depends) == ("Library", "Services/Library", ("base",))
    assert library.version == f"{policy.odoo}.1.0.0"
    assert library.application
    assert policy.demo


def test_groups_and_what_they_imply(policy: Policy) -> None:
    librarian = policy.groups["library.group_librarian"]
    assert [link.group for link in librarian.implies] == ["base.group_user"]
    assert librarian.origin == Origin(path="res_groups", line=3, module="library")
    wanted = "library.privilege_library" if policy.odoo == "19.0" else "base.module_category_library"
    assert librarian.category == wanted
    assert policy.groups["base.group_user"].noupdate


def test_a_record_without_a_name_of_its_own_is_named_by_its_id(policy: Policy) -> None:
    assert policy.groups["res.groups(4)"].origin == Origin(path="res_groups", line=4)
    assert policy.rules[2].xmlid == "ir.rule(12)"
    assert policy.user_by_login["ada"].xmlid == "res.users(2)"
    assert not [name for name in policy.groups if "__export__" in name]


def test_access_rights(policy: Policy) -> None:
    found = {right.xmlid: right for right in policy.rights}
    assert found["library.access_book_user"].modes == (Mode.READ,)
    assert found["library.access_book_librarian"].modes == tuple(Mode)
    assert found["library.access_book_librarian"].model == "library.book"
    assert (found["base.access_partner"].group, found["base.access_partner"].modes) == (None, ())
    assert not found["library.access_old"].active
    assert found["library.access_book_user"].origin == Origin(
        path="ir_model_access", line=1, module="library"
    )


def test_record_rules_are_global_by_their_groups(policy: Policy) -> None:
    everybody, own, by_hand = policy.rules
    assert everybody.is_global
    assert everybody.domain_force == "[(1, '=', 1)]"
    assert everybody.noupdate
    assert own.group_names == ("base.group_user", "library.group_librarian")
    assert own.modes == (Mode.READ, Mode.WRITE, Mode.CREATE)
    assert (by_hand.active, by_hand.domain_force, by_hand.origin.module) == (False, "", "")


def test_users_hold_what_the_series_stores(policy: Policy) -> None:
    ada = policy.user_by_login["ada"]
    assert ada.groups_closed is (policy.odoo != "19.0")
    assert Subject.of_user(policy, "ada").groups == {"base.group_user", "library.group_librarian"}
    assert (ada.name, ada.partner, ada.company) == ("Ada", "res.partner(2)", "base.main_company")
    # In Odoo's order of companies: the branch has the lower sequence.
    assert ada.companies == ("res.company(2)", "base.main_company")
    root = policy.user_by_login["__system__"]
    assert (root.xmlid, root.active, root.partner) == ("base.user_root", False, "base.partner_root")
    assert Subject.of_user(policy, "__system__").superuser


def test_companies(policy: Policy) -> None:
    assert [company.name for company in policy.companies] == ["Branch", "Main", "Closed"]
    assert policy.companies[0].parent == "base.main_company"
    assert not policy.companies[2].active


def test_kinds_of_models(policy: Policy) -> None:
    kinds = {name: model.kind for name, model in policy.models.items()}
    assert kinds["library.book"] is Kind.MODEL
    assert kinds["library.lend"] is Kind.TRANSIENT
    assert kinds["library.mixin"] is Kind.ABSTRACT
    assert kinds["library.report"] is Kind.MODEL
    assert not policy.models["library.report"].auto
    assert policy.models["library.query"].table_query
    assert policy.models["library.tag"].table == "shelf_tag"


def test_what_a_model_inherits(policy: Policy) -> None:
    book, users = policy.models["library.book"], policy.models["res.users"]
    assert book.inherit == ("library.mixin",)
    assert users.inherits == {"res.partner": "partner_id"}
    assert users.fields["name"].inherited
    assert not users.fields["name"].related_sudo
    assert policy.models["res.partner"].modules == ("base", "library")
    assert (book.description, book.active_name, book.log_access) == ("Livre", "active", True)


def test_fields(policy: Policy) -> None:
    fields = policy.models["library.book"].fields
    assert (fields["reader_ids"].comodel, fields["reader_ids"].relation_table) == (
        "res.partner",
        "book_reader_rel",
    )
    assert fields["lend_ids"].inverse == "book_id"
    assert (fields["shown"].store, fields["shown"].compute, fields["shown"].search) == (
        False,
        UNNAMED,
        UNNAMED,
    )
    assert policy.models["res.partner"].fields["name"].translate
    assert fields["x_price"].company_dependent is (policy.odoo != "17.0")
    assert fields["active"].origin == Origin(path="ir_model_fields", line=5, module="library")


def test_how_html_fields_are_cleaned(policy: Policy) -> None:
    fields = policy.models["library.book"].fields
    found = {
        name: (fields[name].sanitize, fields[name].sanitize_usual)
        for name in ("about", "raw", "page", "mail")
    }
    assert found == {
        "about": (True, True),
        "raw": (False, True),
        "page": (True, False),
        "mail": (True, False),
    }
    assert (fields["unsaid"].sanitize, fields["unsaid"].sanitize_usual) == (True, False)
    assert fields["shown"].sanitize_usual


def test_what_only_source_says_is_not_known(policy: Policy) -> None:
    book = policy.models["library.book"]
    assert book.code_unread
    assert not policy.models["x_note"].code_unread
    assert book.fields["shown"].groups_unread
    assert not book.fields["create_uid"].groups_unread
    assert {note.kind for note in policy.notes} == {"code-unread", "groups-without-effect"}


def test_groups_given_to_a_field_by_hand_protect_nothing(policy: Policy) -> None:
    price = policy.models["library.book"].fields["x_price"]
    assert price.groups is None
    assert not price.groups_unread


def test_menus_actions_and_views(policy: Policy) -> None:
    books = policy.menus["library.menu_books"]
    assert (books.parent, books.action, books.sequence) == ("library.menu_root", "library.action_books", 10)
    assert {link.group for link in books.groups} == {"base.group_user", "library.group_librarian"}
    actions = {action.type: action for action in policy.actions.values()}
    assert len(actions) == len(policy.actions) == 6
    assert actions["ir.actions.server"].model == "library.book"
    assert actions["ir.actions.report"].model == "library.book"
    assert [link.group for link in actions["ir.actions.report"].groups] == ["base.group_portal"]
    assert policy.views["ir.ui.view(2)"].inherit == "library.view_book"
    assert [link.group for link in policy.views["ir.ui.view(2)"].groups] == ["library.group_librarian"]


def test_a_menu_whose_action_is_gone_is_a_problem(policy: Policy) -> None:
    (problem,) = policy.problems
    assert problem.origin == Origin(path="ir_ui_menu", line=3)
    assert "ir.actions.act_window(99)" in problem.message


def test_nothing_secret_is_read(policy: Policy) -> None:
    saved = snapshot.dump(policy)
    assert b"secret-hash" not in saved
    assert b"No user" not in saved


def test_a_snapshot_holds_it_all(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("saved") / "policy.json"
    snapshot.save(policy, path)
    assert snapshot.load(path) == policy


def test_modules_say_what_an_audit_is_about(make: Make) -> None:
    policy = open_policy([make("18.0")], modules=["library"])
    assert {name: module.context for name, module in policy.modules.items()} == {
        "base": True,
        "library": False,
    }


def test_progress_is_told(make: Make) -> None:
    told: list[tuple[str, int, int]] = []
    read_database(make("18.0"), lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(7))
    assert {total for *_, total in told} == {6}
