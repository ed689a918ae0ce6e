"""The declared facts: their form, what they are about, and when they hold."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.domain import to_odoo, walk
from ostiary.policy import Field, Model, Module, Origin, Policy
from ostiary.records.errors import Undecided
from ostiary.records.facts import FieldFact, facts_for
from ostiary.records.facts import read as reading
from ostiary.records.facts.read import declared, names
from ostiary.records.schema import Condition, Lines, Negative, Python, Schema, Through
from ostiary.records.schema.declared import domain_of

VERSIONS = ("17", "18", "19")
_HERE = Origin(path="here.py")


@pytest.mark.parametrize("name", names())
def test_a_file_is_well_formed_and_says_something(name: str) -> None:
    file = reading.read(name)
    assert file.model or file.field
    assert file.versions <= set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_declared_domain_can_be_read(version: str) -> None:
    for key, facts in declared(version).fields.items():
        for module, fact in facts.items():
            for text in (fact.domain, fact.condition, fact.value_domain):
                if text not in (None, "<python>"):
                    assert not list(walk.opaques(domain_of(text or "", key[0]))), (module, key, text)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_fact_says_one_thing_in_words_that_are_known(version: str) -> None:
    for key, facts in declared(version).fields.items():
        for fact in facts.values():
            Negative(fact.negative)
            said = [bool(fact.paths), fact.condition is not None, fact.model_field is not None, fact.open]
            limits = fact.domain is not None or fact.active_test is not None or fact.auto_join
            assert sum(said) + limits == 1, key
            if fact.paths or fact.condition:
                assert fact.method, f"{key}: whose method is it about?"
            for path in fact.paths:
                assert all(step.isidentifier() for step in path.split("."))


@pytest.mark.parametrize("version", ["17", "18"])
def test_a_module_that_something_is_declared_of_was_gone_through(version: str) -> None:
    known = declared(version)
    said = {module for facts in (*known.models.values(), *known.fields.values()) for module in facts}
    assert said <= known.reviewed


def test_an_unknown_word_is_an_error(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_load", lambda name: {"versions": ["18"], "model": {"a": {"serach": []}}})
    with pytest.raises(ValueError, match=r"x\.toml: .*serach"):
        reading.read("x")


# -- when facts hold -------------------------------------------------------------------------------


def follows(*, groups_unread: bool = False, search: str = "_search_message_partner_ids") -> Policy:
    """A model of the module `custom` on mail.thread, as source or as a database would give it."""
    thread = Model(origin=_HERE, name="mail.thread", modules=("mail",))
    fields = [
        Field(origin=_HERE, name="message_follower_ids", type="one2many", comodel="mail.followers", inverse="res_id"),
        Field(origin=_HERE, name="message_ids", type="one2many", comodel="mail.message", inverse="res_id"),
        Field(
            origin=_HERE, name="message_partner_ids", type="many2many", comodel="res.partner", store=False,
            compute="_compute_message_partner_ids", search=search,
        ),
        Field(origin=_HERE, name="message_is_follower", type="boolean", store=False, compute="<python>"),
        Field(origin=_HERE, name="message_flags", type="boolean", store=False, compute="<python>"),
    ]  # fmt: skip
    for field in fields:
        field.module, field.groups_unread = "mail", groups_unread
    mine = Model(
        origin=_HERE,
        name="x",
        inherit=("mail.thread",),
        modules=("custom",),
        fields={one.name: one for one in fields},
    )
    reference = Field(origin=_HERE, name="res_id", type="many2one_reference", module="mail")
    others = [
        Model(origin=_HERE, name=name, modules=("mail",), fields={"res_id": reference})
        for name in ("mail.followers", "mail.message")
    ]
    return Policy(
        odoo="18.0",
        modules={name: Module(origin=_HERE, name=name) for name in ("base", "mail", "custom")},
        models={model.name: model for model in (thread, mine, *others)},
    )


def test_a_fact_about_a_mixin_holds_for_what_inherits_from_it() -> None:
    schema = Schema(follows(groups_unread=True))
    partners = schema.field("x", "message_partner_ids")
    assert isinstance(partners, Through)
    assert (partners.path, partners.declared) == (("message_follower_ids", "partner_id"), True)
    assert isinstance(schema.field("x", "message_is_follower"), Condition)
    messages = schema.field("x", "message_ids")
    assert isinstance(messages, Lines)
    assert (messages.model_field, messages.auto_join, messages.assumed) == ("model", True, ())
    followers = schema.field("x", "message_follower_ids")
    assert isinstance(followers, Lines)
    assert (followers.model_field, followers.auto_join, followers.assumed) == ("res_model", False, ())


def test_a_fact_about_a_method_holds_only_for_that_method() -> None:
    assert isinstance(Schema(follows()).field("x", "message_partner_ids"), Through)
    other = Schema(follows(search="_search_mine")).field("x", "message_partner_ids")
    assert isinstance(other, Python)
    assert not other.unsearchable


def test_a_fact_needs_its_module() -> None:
    policy = follows(groups_unread=True)
    del policy.modules["mail"]
    assert isinstance(Schema(policy).field("x", "message_partner_ids"), Python)


def test_what_a_module_that_nobody_read_may_say_is_not_taken_for_nothing() -> None:
    policy = follows(groups_unread=True)
    field = Field(
        origin=_HERE, name="tag_ids", type="many2many", comodel="x", module="custom", groups_unread=True,
        relation_table="x_rel", relation_columns=("a_id", "b_id"),
    )  # fmt: skip
    policy.models["x"].fields["tag_ids"] = field
    tags = Schema(policy).field("x", "tag_ids")
    assert isinstance(tags, Python)
    assert not tags.unsearchable
    assert "module custom was not read" in tags.why


def test_the_module_that_is_loaded_later_is_heard() -> None:
    policy = follows()
    facts = facts_for(policy)
    first, second = FieldFact(domain="[]"), FieldFact(domain="[('a', '=', 1)]")
    policy.models["x"].modules = ("mail", "custom")
    assert facts._heard("x", {"custom": second, "mail": first}) == [first, second]
    assert facts._heard("x", {"absent": first}) == []


def test_the_name_of_a_model_is_a_text_in_its_domains() -> None:
    hostile = "x'), ('a', '!=', 'b"
    assert to_odoo(domain_of("[('res_model', '=', '{model}')]", hostile)).count("res_model") == 1
    (term,) = [term for term, _ in walk.terms(domain_of("[('res_model', '=', '{model}')]", hostile))]
    assert term.path == "res_model"


def test_names_of_a_model_are_those_of_what_it_inherits_from() -> None:
    policy = follows()
    for name, parents in (("res.device.log", ()), ("res.device", ("res.device.log",))):
        policy.models[name] = Model(
            origin=_HERE, name=name, modules=("base",), inherit=parents, code_unread=True
        )
    assert Schema(policy).names("res.device").search == ("platform", "browser")


def test_names_of_a_model_rest_on_the_modules_that_define_it() -> None:
    policy = follows()
    partner = Model(
        origin=_HERE, name="res.partner", modules=("base",), code_unread=True,
        fields={"name": Field(origin=_HERE, name="name", type="char")},
    )  # fmt: skip
    policy.models["res.partner"] = partner
    names_ = Schema(policy).names("res.partner")
    assert names_.search == ("complete_name", "email", "ref", "vat", "company_registry")
    assert names_.display == "{complete_name}"
    policy.models["res.partner"] = msgspec.structs.replace(partner, modules=("base", "custom"))
    with pytest.raises(Undecided, match="custom, which was not read"):
        Schema(policy).names("res.partner")
