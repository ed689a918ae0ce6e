"""What only source says, added to what a database holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ostiary.policy import (
    Field,
    Mode,
    Model,
    Module,
    Origin,
    Policy,
    Question,
    Subject,
    Toggle,
    Verdict,
    decide,
    may_use,
)
from ostiary.sources import UnreadableTarget, open_policy, snapshot
from ostiary.sources.database import complete, read_database

Make = Callable[..., str]
HERE = Origin(path="library/models/book.py", line=7, module="library")
PYTHON = """
from odoo import fields, models

class Book(models.Model):
    _name = 'library.book'
    _inherit = 'library.mixin'
    _rec_name = 'isbn'

    active = fields.Boolean()
    shown = fields.Boolean(compute='_compute_shown', search='_search_shown', groups='library.group_librarian')
    reader_ids = fields.Many2many('res.partner', 'book_reader_rel')
    lend_ids = fields.Char()

    def _search(self, *args, **kwargs):
        return super()._search(*args, **kwargs)

class Mixin(models.AbstractModel):
    _name = 'library.mixin'
"""


def written(folder: Path) -> Path:
    """The source of the module `library`, but not of `base`."""
    module = folder / "library"
    module.mkdir(parents=True)
    (module / "__manifest__.py").write_text(
        "{'name': 'Library', 'version': '18.0.1.0.0', 'depends': ['base']}"
    )
    (module / "__init__.py").write_text("from . import models")
    (module / "models.py").write_text(PYTHON)
    return folder


@pytest.fixture
def database(make: Make) -> Policy:
    return read_database(make("18.0"))


def source(**more: object) -> Policy:
    """What the source says: the groups of a field, an override, a setting."""
    fields = {
        "shown": Field(
            origin=HERE, name="shown", type="boolean", groups="library.group_librarian", store=False
        ),
        "active": Field(origin=HERE, name="active", type="boolean"),
        "lend_ids": Field(origin=HERE, name="lend_ids", type="char", groups="base.group_user"),
        "new": Field(origin=HERE, name="new", type="char"),
    }
    model = Model(
        origin=HERE, name="library.book", fields=fields, overrides={"_search": HERE}, modules=("library",)
    )
    return Policy(
        odoo="18.0",
        modules={"library": Module(origin=HERE, name="library")},
        models={"library.book": msgspec.structs.replace(model, **more)},
        toggles=[
            Toggle(
                origin=HERE, field="group_x", groups=("base.group_user",), implies="library.group_librarian"
            )
        ],
    )


def test_field_groups_and_overrides_come_from_source(database: Policy) -> None:
    found = complete(database, source()).models["library.book"]
    assert found.fields["shown"].groups == "library.group_librarian"
    assert found.fields["shown"].origin == HERE
    assert not found.fields["active"].groups_unread
    assert found.overrides == {"_search": HERE}
    assert not found.code_unread


def test_what_the_database_has_stays(database: Policy) -> None:
    found = complete(database, source())
    for kind in (
        "groups",
        "rights",
        "rules",
        "users",
        "companies",
        "menus",
        "actions",
        "views",
        "modules",
        "problems",
    ):
        assert getattr(found, kind) == getattr(database, kind)
    assert found.models["library.book"].fields.keys() == database.models["library.book"].fields.keys()
    assert found.models["res.partner"] == database.models["res.partner"]
    assert [toggle.implies for toggle in found.toggles] == ["library.group_librarian"]


def test_neither_argument_is_changed(database: Policy) -> None:
    given = source()
    before = snapshot.dump(database), snapshot.dump(given)
    complete(database, given)
    assert (snapshot.dump(database), snapshot.dump(given)) == before


def test_a_field_of_another_type_stays_unread(database: Policy) -> None:
    found = complete(database, source()).models["library.book"].fields["lend_ids"]
    assert (found.type, found.groups, found.groups_unread) == ("one2many", None, True)


@pytest.mark.parametrize("known", [{"partial": True}, {"unresolved": True}])
def test_what_is_known_in_part_stays_unread(database: Policy, known: dict[str, bool]) -> None:
    found = complete(database, source(**known)).models["library.book"]
    assert found.code_unread
    assert found.fields["active"].groups_unread
    assert found.fields["shown"].groups_unread is (found.fields["shown"].groups is None)


def test_modules_without_source_are_named(database: Policy) -> None:
    (note,) = (note for note in complete(database, source()).notes if note.kind == "code-unread")
    assert "The source of base was not given" in note.message


def test_an_unread_field_is_not_said_to_be_open(database: Policy) -> None:
    user = Subject.of_user(database, "ada")
    assert may_use(database, user, "library.book", "shown") is None
    assert may_use(database, user, "library.book", "x_price") is True
    assert may_use(database, user, "res.users", "name") is None
    found = decide(database, user, Question.parse("read library.book.shown", database))
    assert found.verdict is Verdict.UNKNOWN
    said = [reason.text for reason in found.reason.children]
    assert "Field library.book.shown may have groups: they are said in Python, and that was not read." in said
    assert decide(database, user, Question.parse("read library.book", database)).caveats == (
        "The Python code of library.book was not read: it may let through more or less than this says.",
    )
    completed = complete(database, source())
    assert may_use(completed, user, "library.book", "shown") is True
    assert may_use(completed, Subject.of_user(completed, "visitor"), "library.book", "shown") is False


def test_source_is_read_beside_a_database(make: Make, tmp_path: Path) -> None:
    url, folder = make("18.0"), written(tmp_path / "addons")
    policy = open_policy([url], addons_path=[folder], cache=False)
    book = policy.models["library.book"]
    assert (book.rec_name, book.overrides.keys(), book.code_unread) == ("isbn", {"_search"}, False)
    assert book.fields["shown"].groups == "library.group_librarian"
    assert book.fields["shown"].origin.path.endswith("library/models.py")
    assert [right.origin.path for right in policy.rights] == ["ir_model_access"] * 5
    assert policy.models["res.partner"].code_unread
    saved = tmp_path / "source.json"
    snapshot.save(open_policy([folder], odoo="18.0", cache=False), saved)
    assert open_policy([url], addons_path=[saved]).models["library.book"] == book


def test_source_of_another_series_is_refused(make: Make, tmp_path: Path) -> None:
    saved = tmp_path / "source.json"
    snapshot.save(open_policy([written(tmp_path / "addons")], odoo="17.0", cache=False), saved)
    with pytest.raises(UnreadableTarget, match=r"Odoo 18\.0 and the source of --addons-path Odoo 17\.0"):
        open_policy([make("18.0")], addons_path=[os.fspath(saved)])
    with pytest.raises(UnreadableTarget, match="give it alone"):
        open_policy([make("18.0")], addons_path=[saved, tmp_path])


def test_an_audit_is_less_certain_of_code_that_was_not_read(database: Policy) -> None:
    from ostiary.audit.asking.facts import reach
    from ostiary.audit.finding import Confidence

    assert reach(database, "portal", "library.book", Mode.READ).confidence is Confidence.MEDIUM
    completed = complete(database, source(overrides={}))
    assert reach(completed, "portal", "library.book", Mode.READ).confidence is Confidence.HIGH
