"""What a database says of its fields' values: `on_delete`, `copied`, the values of selections."""

from __future__ import annotations

from collections.abc import Callable

from database.server import Server
from database.test_errors import database_of, role
from ostiary.policy import Field, Model, Origin, Policy
from ostiary.sources.database import complete, read_database
from ostiary.sources.database.tables import TABLES

Make = Callable[..., str]
STATEMENTS = (
    "ALTER TABLE ir_model_fields ADD on_delete varchar, ADD copied bool",
    "UPDATE ir_model_fields SET copied = true WHERE ttype != 'one2many'",
    "UPDATE ir_model_fields SET copied = false WHERE name IN ('lend_ids', 'create_uid', 'shown')",
    "UPDATE ir_model_fields SET copied = false, on_delete = 'cascade' WHERE name = 'partner_id'",
    "UPDATE ir_model_fields SET on_delete = 'set null' WHERE name = 'create_uid'",
    "INSERT INTO ir_model_fields (id, model_id, model, name, ttype)"
    " VALUES (90, 3, 'library.book', 'state', 'selection')",
    "CREATE TABLE ir_model_fields_selection (id int, field_id int, value varchar, sequence int)",
    "INSERT INTO ir_model_fields_selection VALUES (1, 90, 'sold', 2), (2, 90, 'new', 1), (3, 4, 'x', 1)",
)


def test_they_are_read_and_may_be_withheld(server: Server, make: Make) -> None:
    url = make("18.0", *STATEMENTS)
    policy = read_database(url)
    book, user = policy.models["library.book"].fields, policy.models["res.users"].fields
    assert (user["partner_id"].ondelete, book["create_uid"].ondelete) == ("cascade", "set null")
    assert book["state"].selection == ("new", "sold") and user["partner_id"].selection == ()
    # What is usual for a field of its kind isn't written down.
    assert (user["partner_id"].copy, book["active"].copy, book["lend_ids"].copy) == (False, None, None)
    assert (book["create_uid"].copy, book["shown"].copy) == (False, None)
    whole = [
        f"GRANT SELECT ON {table} TO {{role}}" for table in TABLES if table != "ir_model_fields_selection"
    ]
    there = set(policy_tables(server, url))
    granted = [one for one in whole if one.split()[3] in there]
    with role(server, database_of(url), *granted) as restricted:
        found = read_database(restricted)
    assert found.models["library.book"].fields["state"].selection == ()
    assert found.notes == policy.notes


def policy_tables(server: Server, url: str) -> list[str]:
    with server.connect(database_of(url)) as connection:
        asked = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        return [name for (name,) in connection.execute(asked).fetchall()]


def field(**given: object) -> Field:
    return Field(origin=Origin(path=""), name="f", type="selection", **given)  # type: ignore[arg-type]


def test_the_source_says_what_a_database_does_not() -> None:
    def policy(found: Field) -> Policy:
        return Policy(odoo="18.0", models={"a": Model(origin=Origin(path=""), name="a", fields={"f": found})})

    said = field(default="'x'", copy=True, selection=("x", "y"))
    completed = complete(policy(field(copy=False)), policy(said)).models["a"].fields["f"]
    assert (completed.default, completed.copy, completed.selection) == ("'x'", False, ("x", "y"))
    completed = complete(policy(field(selection=("y",))), policy(said)).models["a"].fields["f"]
    assert (completed.copy, completed.selection) == (True, ("y",))
