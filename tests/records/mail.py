"""A small Odoo with messages, activities and attachments, for the layers that Odoo's Python adds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ostiary.policy import Company, GroupLink, Kind, Origin, User
from ostiary.records.access import Access
from ostiary.records.create import create_tables, insert
from ostiary.records.memory import Reader
from ostiary.records.schema import Schema
from ostiary.records.session import Session
from ostiary.records.store import Store
from policy.build import BASE, field, groups, model, module, policy, right, rule

_HERE = Origin(path="here.py", line=1)
PEOPLE = {"ada": "base.group_user", "bob": "base.group_user", "eve": "base.group_portal"}


def _to(name: str, comodel: str, **more: Any) -> Any:
    return field(name, "many2one", comodel=comodel, **more)


def _models() -> list[Any]:
    partners = field(
        "partner_ids", "many2many", comodel="res.partner", relation_table="message_partner_rel",
        relation_columns=("message_id", "partner_id"),
    )  # fmt: skip
    notes = field("notification_ids", "one2many", comodel="mail.notification", inverse="mail_message_id")
    companies = field(
        "company_ids", "many2many", comodel="res.company", relation_table="user_company_rel",
        relation_columns=("user_id", "cid"),
    )  # fmt: skip
    made = [
        model("res.partner", [field("name"), field("active", "boolean")]),
        model("res.company", [field("name")]),
        model("res.users", [
            field("login"), _to("partner_id", "res.partner"), _to("company_id", "res.company"), companies,
        ]),
        model("mail.thread", kind=Kind.ABSTRACT),
        model(
            "shelf", [field("name"), field("active", "boolean"), _to("owner_id", "res.users")], inherit=("mail.thread",)
        ),
        model("project.task", [field("name"), _to("owner_id", "res.users")], inherit=("mail.thread",)),
        model("plain", [field("name"), _to("owner_id", "res.users"), _to("file_id", "ir.attachment")]),
        model("mail.message.subtype", [field("name"), field("internal", "boolean")]),
        model("mail.notification", [_to("mail_message_id", "mail.message"), _to("res_partner_id", "res.partner")]),
        model("mail.followers", [field("res_model"), field("res_id", "integer"), _to("partner_id", "res.partner")]),
        model("mail.message", [
            field("name"), field("model"), field("res_id", "many2one_reference"), field("message_type"),
            field("is_internal", "boolean"), _to("author_id", "res.partner"), _to("subtype_id", "mail.message.subtype"),
            _to("parent_id", "mail.message"), _to("create_uid", "res.users"), partners, notes,
        ]),
        model("mail.activity", [
            field("name"), field("res_model"), field("res_id", "many2one_reference"), _to("user_id", "res.users"),
        ]),
        model("mail.scheduled.message", [field("name"), field("model"), field("res_id", "many2one_reference")]),
        model("ir.attachment", [
            field("name"), field("res_model"), field("res_id", "many2one_reference"), field("res_field"),
            field("public", "boolean"), _to("create_uid", "res.users"),
        ]),
        model("hr.employee", [field("name")]),
        model("hr.employee.public", [field("name")]),
    ]  # fmt: skip
    for one in made:
        one.log_access = False
        one.modules = ("mail",)
    return made


class Mail:
    """The store, and records by name."""

    def __init__(self, version: str, connection: sa.Connection) -> None:
        models = _models()
        own = "[('owner_id', '=', user.id)]"
        open_ = [one.name for one in models if one.kind is not Kind.ABSTRACT and one.name != "hr.employee"]
        self.policy = policy(
            version,
            models=models,
            groups=groups(BASE),
            modules={name: module(name) for name in ("base", "mail", "project", "hr")},
            rights=[right(f"mail.{name}", name, None, "rwcu") for name in open_],
            rules=[
                rule("mail.shelf_own", "shelf", own),
                rule("mail.task_write", "project.task", own, (), "wcu"),
                rule("mail.plain_own", "plain", own),
                rule("mail.activity_own", "mail.activity", "[('user_id', '=', user.id)]", (), "wu"),
                rule("hr.public", "hr.employee.public", "[('name', '!=', 'hidden')]"),
            ],
            companies=[Company(origin=_HERE, xmlid="base.main_company", id=1, name="Main")],
        )
        self.schema = Schema(self.policy)
        self.connection = connection
        create_tables(self.schema, connection)
        self.add("res.company", name="Main")
        self.partner: dict[str, int] = {}
        self.user: dict[str, int] = {}
        for login, group in PEOPLE.items():
            self.partner[login] = self.add("res.partner", name=login, active=login != "bob")
            self.user[login] = self.add(
                "res.users", login=login, partner_id=self.partner[login], company_id=1, company_ids=[1]
            )
            self.policy.users.append(
                User(
                    origin=_HERE,
                    login=login,
                    id=self.user[login],
                    groups=(GroupLink(group, _HERE),),
                    company="base.main_company",
                    companies=("base.main_company",),
                )
            )
        self.names: dict[tuple[str, int], str] = {}

    def add(self, model: str, /, **values: Any) -> int:
        """A new record; a name is remembered."""
        id_ = insert(self.schema, self.connection, model, values)
        if "name" in values and hasattr(self, "names"):
            self.names[model, id_] = values["name"]
        return id_

    def access(self) -> Access:
        store = Store(self.schema, self.connection)
        return Access(store, Reader(store))

    def session(self, access: Access, login: str) -> Session:
        return access.session_of(login)

    def said(self, model: str, ids: list[int]) -> str:
        return ",".join(sorted(self.names[model, one] for one in ids))


@contextmanager
def mail(version: str = "18.0") -> Iterator[Mail]:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            yield Mail(version, connection)
    finally:
        engine.dispose()
