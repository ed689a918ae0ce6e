"""A Policy of an application's own classes: models from the classes, the rest from a folder or plain values."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from enforce.orm.shop import ANN, POLICY, SECURITY, Base, Order, Person, memory, session_for
from ostiary.enforce import AccessError, Undecided
from ostiary.enforce.orm import MappingError, group, policy_for, right, rule, secure
from ostiary.enforce.people import new_user
from ostiary.policy import Subject

FOLDER = {
    "__init__.py": "from . import models",
    "__manifest__.py": "{'name': 'Shop', 'version': '18.0.1.0', 'depends': ['base'], "
    "'data': ['security/groups.xml', 'security/ir.model.access.csv']}",
    "models.py": """
from odoo import fields, models

class Order(models.Model):
    _name = 'shop.order'
    secret = fields.Char(groups='shop.manager')
""",
    "security/groups.xml": """<odoo>
  <record id="user" model="res.groups"><field name="name">User</field></record>
  <record id="manager" model="res.groups"><field name="name">Manager</field>
    <field name="implied_ids" eval="[(4, ref('shop.user'))]"/></record>
  <record id="own" model="ir.rule"><field name="name">own</field>
    <field name="model_id" ref="model_shop_order"/>
    <field name="domain_force">[('owner_id', '=', user.id)]</field>
    <field name="groups" eval="[(4, ref('shop.user'))]"/></record>
</odoo>""",
    "security/ir.model.access.csv": "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
    "order_user,order,model_shop_order,shop.user,1,0,0,0\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FOLDER.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "shop"


def test_classes_become_models_and_their_attributes_fields() -> None:
    order = POLICY.models["shop.order"]
    assert order.table == "orders"
    kinds = {name: (field.type, field.comodel) for name, field in order.fields.items()}
    assert kinds == {
        "name": ("char", None),
        "total": ("float", None),
        "owner_id": ("many2one", "res.users"),
        "company_id": ("many2one", "shop.company"),
        "secret": ("char", None),
        "active": ("boolean", None),
        "line_ids": ("one2many", "shop.line"),
        "tag_ids": ("many2many", "shop.tag"),
    }
    assert order.fields["secret"].groups == "shop.manager"
    assert order.fields["line_ids"].inverse == "order_id"
    assert "journal" not in POLICY.models


def test_rights_and_rules_are_read_from_a_folder(folder: Path, on_sqlite: sa.Engine) -> None:
    policy = policy_for(Base, folder)
    ann = new_user("ann", ["shop.user"], id=1)
    with Session(on_sqlite) as session:
        secure(session, policy, ann)
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == [1, 2]
        with pytest.raises(AccessError) as caught:
            session.scalars(sa.select(Order.secret))
        assert caught.value.kind == "field"
        session.get_one(Order, 1).name = "x"
        with pytest.raises(AccessError, match="no access right"):
            session.flush()


def test_a_folder_needs_no_more_than_security_files(folder: Path, on_sqlite: sa.Engine) -> None:
    for name in ("__init__.py", "__manifest__.py", "models.py"):
        (folder / name).unlink()
    policy = policy_for(Base, folder)
    assert [one.origin.path for one in policy.rules] == ["shop/security/groups.xml"]
    with Session(on_sqlite) as session:
        secure(session, policy, new_user("ann", ["shop.user"], id=1))
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == [1, 2]
    with pytest.raises(MappingError, match="no folder"):
        policy_for(Base, folder / "nowhere")


RULES = {
    "lines": ("shop.order", "[('line_ids.product', '=', 'P2')]", [2]),
    "links": ("shop.order", "[('tag_ids.name', '=', 'bobs')]", [3, 4]),
    "the key": ("shop.order", "[('id', 'in', [1, 4])]", [1, 4]),
    "a path": ("shop.order", "[('owner_id.team', '=', 'b')]", [3, 4]),
    "no line": ("shop.order", "[('line_ids', '=', False)]", []),
    "a float": ("shop.order", "[('total', '>=', 30)]", [3, 4]),
    "nothing of it": ("shop.order", "['!', ('owner_id', '=', user.id)]", [3, 4]),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("odoo", ["17.0", "18.0", "19.0"])
def test_rules_mean_what_they_mean_in_odoo(kept_on_sqlite: sa.Engine, name: str, odoo: str) -> None:
    assert_found(kept_on_sqlite, name, odoo)


@pytest.mark.parametrize("name", RULES)
def test_rules_mean_the_same_on_postgresql(on_postgresql: sa.Engine, name: str) -> None:
    assert_found(on_postgresql, name, "18.0")


def assert_found(engine: sa.Engine, name: str, odoo: str) -> None:
    model, domain, found = RULES[name]
    policy = policy_for(Base, [group("g.g"), right(model, "g.g", "read"), rule(model, domain)], odoo=odoo)
    with Session(engine) as session:
        secure(session, policy, new_user("u", ["g.g"], id=1))
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == found


WRONG = {
    "no such group": ([right("shop.order", "g.g")], "group g.g, which is not there"),
    "no such model": ([group("g.g"), right("shop.ordr", "g.g")], "no class is tied to it"),
    "no such mode": (None, "read, write, create and unlink"),
    "nothing of the kind": (["x"], "not of 'x'"),
    "no such field": ([rule("shop.order", "[('nme', '=', 'x')]")], "has no field nme; did you mean name"),
    "no such field there": (
        [rule("shop.order", "['!', ('line_ids', 'any', [('prodct', '=', 'x')])]")],
        "shop.line has no field prodct; did you mean product",
    ),
    "a path on from a value": (
        [rule("shop.order", "[('name.x', '=', 1)]")],
        "shop.order.name, which leads to no",
    ),
    "any of a value": (
        [rule("shop.order", "[('name', 'any', [('id', '=', 1)])]")],
        "which leads to no other model",
    ),
    "no such name": ([rule("shop.order", "[('owner_id', '=', usr.id)]")], r"'usr'.*did you mean user\?"),
    "an open bracket": ([rule("shop.order", "[('owner_id', '=', user.id)")], r"'\[' was never closed"),
    "no such operator": ([rule("shop.order", "[('owner_id', '==', 1)]")], "no operator '=='"),
}


@pytest.mark.parametrize("name", WRONG)
def test_definitions_that_cannot_be_meant_are_refused(name: str) -> None:
    given, why = WRONG[name]
    with pytest.raises(MappingError, match=why):
        policy_for(Base, given if given is not None else [right("shop.order", None, "delete")])


def test_a_domain_may_be_a_list(engine: sa.Engine) -> None:
    given = [group("g.g"), right("shop.order", "g.g", "read"), rule("shop.order", [("id", "in", [1, 4])])]
    with Session(engine) as session:
        secure(session, policy_for(Base, given), new_user("u", ["g.g"], id=1))
        assert session.scalars(sa.select(Order.number).order_by(Order.number)).all() == [1, 4]
    for wrong, why in (
        ({"id": 1}, "is a dict: write it as text, or as a list"),
        (None, "is a NoneType"),
        ([("id", "=", object())], "no value of a term"),
        ([("id", "=")], "three parts"),
    ):
        with pytest.raises(MappingError, match=why):
            rule("shop.order", wrong)  # type: ignore[arg-type]


def test_definitions_say_where_they_are_written(engine: sa.Engine) -> None:
    given = [group("g.g"), right("shop.order", "g.g", "read"), rule("shop.order", "[]", groups=["g.g"])]
    line = test_definitions_say_where_they_are_written.__code__.co_firstlineno + 1
    assert [one.origin.line for one in given] == [line] * 3
    assert all(one.origin.path.endswith("test_policy_for.py") for one in given)
    with Session(engine) as session:
        secure(session, policy_for(Base, given), new_user("u", ["g.g"], id=1))
        session.get_one(Order, 1).name = "x"
        with pytest.raises(AccessError, match=rf"test_policy_for\.py:{line}\)"):
            session.flush()


def test_classes_that_cannot_be_models_are_refused() -> None:
    class State(enum.Enum):
        DRAFT = "draft"

    def base() -> type[DeclarativeBase]:
        class Own(DeclarativeBase):
            pass

        return Own

    def columns(**more: object) -> dict[str, object]:
        return {
            "__tablename__": "t",
            "__odoo_model__": "t",
            "id": mapped_column(sa.Integer, primary_key=True),
            **more,
        }

    kept: list[type] = []  # a base forgets classes that nobody holds
    one = base()
    kept.append(type("Text", (one,), columns(id=mapped_column(sa.Text, primary_key=True))))
    with pytest.raises(MappingError, match="one integer primary key"):
        policy_for(one)
    one = base()
    kept.append(type("Open", (one,), columns(x=mapped_column(sa.Text, info={"groups": "g.g"}))))
    with pytest.raises(MappingError, match="deferred=True"):
        policy_for(one)
    one = base()
    kept.append(type("Twice", (one,), columns(__tablename__="t")))
    kept.append(type("Again", (one,), columns(__tablename__="u")))
    with pytest.raises(MappingError, match="more than one class"):
        policy_for(one)
    one = base()
    kept.append(type("Stated", (one,), columns(state=mapped_column(sa.Enum(State)))))
    given = [group("g.g"), right("t", "g.g"), rule("t", "[('state', '!=', 'draft')]")]
    with pytest.raises(MappingError, match="never stored: DRAFT"):
        policy_for(one, given)


def test_groups_guard_columns_of_the_models_own_table() -> None:
    class Own(DeclarativeBase):
        pass

    class Thing(Own):
        __tablename__ = "thing"
        __odoo_model__ = "own.thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        __mapper_args__: ClassVar = {"polymorphic_on": "kind", "polymorphic_identity": "thing"}

    class Part(Thing):
        __tablename__ = "part"
        __mapper_args__: ClassVar = {"polymorphic_identity": "part"}
        id: Mapped[int] = mapped_column(sa.ForeignKey("thing.id"), primary_key=True)
        secret: Mapped[str] = mapped_column(deferred=True, info={"groups": "g.g"})

    class Other(DeclarativeBase):
        pass

    class Tree(Other):
        __tablename__ = "tree"
        __odoo_model__ = "own.tree"
        id: Mapped[int] = mapped_column(primary_key=True)
        parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tree.id"))
        children: Mapped[list[Tree]] = relationship(info={"groups": "g.g"})

    with pytest.raises(MappingError, match="put it into table thing"):
        policy_for(Own)
    with pytest.raises(MappingError, match="is a relationship"):
        policy_for(Other)


def test_a_type_that_changes_values_is_in_no_rule() -> None:
    class Upside(sa.TypeDecorator[str]):
        impl = sa.Text
        cache_ok = True

    class Own(DeclarativeBase):
        pass

    class Thing(Own):
        __tablename__ = "thing"
        __odoo_model__ = "own.thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        state: Mapped[str] = mapped_column(Upside)
        parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("thing.id"))
        children: Mapped[list[Thing]] = relationship()

    engine = sa.create_engine("sqlite://")
    Own.metadata.create_all(engine)
    given = [group("g.g"), right("own.thing", "g.g"), rule("own.thing", "[('state', '!=', 'x')]")]
    policy = policy_for(Own, given)
    assert policy.models["own.thing"].fields["children"].inverse == "parent_id"
    with Session(engine) as session:
        secure(session, policy, new_user("u", ["g.g"], id=1))
        with pytest.raises(Undecided, match="changes values on their way"):
            session.scalars(sa.select(Thing))


def test_what_is_not_known_of_a_user_refuses(engine: sa.Engine) -> None:
    nobody = Subject.of_group(POLICY, "shop.user")
    with session_for(engine, nobody) as session, pytest.raises(Undecided, match="nobody in particular"):
        session.scalars(sa.select(Order))
    with (
        session_for(engine, new_user("x", ["shop.user"])) as session,
        pytest.raises(Undecided, match=r"id=\.\.\."),
    ):
        session.scalars(sa.select(Order))
    with (
        session_for(engine, ANN, companies=None) as session,
        pytest.raises(Undecided, match="asks for the company"),
    ):
        session.scalars(sa.select(Order))
    with pytest.raises(ValueError, match="doesn't have"):
        secure(Session(engine), POLICY, new_user("x", ["no.group"], id=1))
    with pytest.raises(ValueError, match="is archived"):
        secure(Session(engine), POLICY, new_user("x", [], id=1, active=False))
    with pytest.raises(ValueError, match=r"value given for user\.x"):
        secure(Session(engine), POLICY, ANN, values={"user.x": object()})


def test_what_nobody_said_of_the_user_is_asked_for() -> None:
    class Own(DeclarativeBase):
        pass

    class Thing(Own):
        __tablename__ = "thing"
        __odoo_model__ = "own.thing"
        id: Mapped[int] = mapped_column(primary_key=True)

    engine = sa.create_engine("sqlite://")
    Own.metadata.create_all(engine)
    given = [group("g.g"), right("own.thing", "g.g"), rule("own.thing", "[('id', '=', user.partner_id.id)]")]
    policy = policy_for(Own, given)
    user = new_user("u", ["g.g"], id=1)
    with (
        Session(engine) as session,
        pytest.raises(Undecided, match=r"tie a class to res\.users, or say it in"),
    ):
        secure(session, policy, user).scalars(sa.select(Thing))
    with Session(engine) as session:
        secure(session, policy, user, values={"user.partner_id.id": 7})
        assert session.scalars(sa.select(Thing)).all() == []


def test_a_policy_of_other_classes_is_refused(on_sqlite: sa.Engine) -> None:
    from ostiary.policy import Policy

    with pytest.raises(MappingError, match="policy_for"):
        secure(Session(on_sqlite), Policy(odoo="18.0"), ANN)
    assert policy_for(Base, SECURITY) is not POLICY


def test_given_values_that_are_equal_and_mean_something_else_are_told_apart() -> None:
    ruled = rule("res.users", "[('team', '=', user.rank)]", groups=["a.user"])
    policy = policy_for(
        Base, [group("a.user"), right("res.users", "a.user"), right("shop.order", "a.user"), ruled]
    )
    engine = memory()
    with engine.begin() as connection:
        connection.execute(sa.update(Person).where(Person.id == 3).values(team="1"))
    user = new_user("ann", ["a.user"], id=1)
    for rank, found in ((1, [3]), (True, []), (1, [3])):
        with Session(engine) as session:
            secure(session, policy, user, values={"user.rank": rank})
            assert session.scalars(sa.select(Person.id)).all() == found
    engine.dispose()
