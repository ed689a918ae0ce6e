"""Models merged from all the classes that define and extend them, as Odoo's registry does."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.policy import Kind, Model, Policy
from sources.build import MODELS, MakeAddon, ReadAddon, field, right


@pytest.fixture
def models(addon: MakeAddon, read: ReadAddon) -> Any:
    """Read modules m1, m2, ...: each depends on the one before, and its models are one text of classes."""

    def make(*modules: str, series: str = "18.0") -> Policy:
        for number, text in enumerate(modules, 1):
            addon(
                f"m{number}",
                python=MODELS + text,
                manifest={"depends": [f"m{number - 1}"] if number > 1 else []},
            )
        return read(odoo=series)

    return make


def model(body: str, head: str = "class A(models.Model):") -> str:
    return f"{head}\n" + "".join(f"    {line}\n" for line in body.split("; "))


A = model("_name = 'a'; f = fields.Char(groups='base.group_user')")


def own(found: Model) -> set[str]:
    """The fields that are not Odoo's own."""
    automatic = {"id", "display_name", "create_uid", "create_date", "write_uid", "write_date"}
    return set(found.fields) - automatic


def test_a_model_has_the_fields_odoo_adds(models: Any) -> None:
    found = models(A).models["a"]
    assert set(found.fields) - own(found) == set(found.fields) - {"f"} and len(found.fields) == 7
    plain = models(model("_name = 'a'; _auto = False; f = fields.Char()")).models["a"]
    assert set(plain.fields) == {"id", "display_name", "f"} and not plain.log_access


def test_a_mixin_without_a_table_leaves_its_model_with_one(models: Any) -> None:
    mixin = model("_name = 'mixin'; _auto = False", "class Mixin(models.AbstractModel):")
    found = models(mixin + model("_name = 'a'; _inherit = ['mixin']")).models
    assert (found["mixin"].auto, found["a"].auto) == (False, True)
    found = models(mixin + model("_name = 'a'; _inherit = ['mixin']; _auto = False")).models
    assert not found["a"].auto


@pytest.mark.parametrize("inherit", ["'a'", "['a']", "('a',)"])
def test_a_class_that_only_inherits_extends_in_place(models: Any, inherit: str) -> None:
    found = models(A, model(f"_inherit = {inherit}; g = fields.Char()")).models["a"]
    assert own(found) == {"f", "g"} and found.modules == ("m1", "m2")
    assert (found.origin.module, found.fields["g"].module) == ("m1", "m2")


def test_a_class_with_a_name_of_its_own_copies_fields_but_no_rights(
    addon: MakeAddon, read: ReadAddon
) -> None:
    rows = "id,model_id:id,perm_read\nx,model_a,1\n"
    addon("m1", python=MODELS + A + model("_name = 'b'; _inherit = 'a'"), files={"ir.model.access.csv": rows})
    policy = read()
    assert "f" in policy.models["b"].fields and policy.models["b"].inherit == ("a",)
    assert right(policy, "m1.x").model == "a" and "b" not in policy.rights_by_model


@pytest.mark.parametrize(
    ("series", "name"), [("17.0", "SaleOrder"), ("18.0", "SaleOrder"), ("19.0", "sale.order")]
)
def test_a_class_without_a_name(models: Any, series: str, name: str) -> None:
    policy = models(model("f = fields.Char()", "class SaleOrder(models.Model):"), series=series)
    assert [found for found, item in policy.models.items() if item.origin.module == "m1"] == [name]


def test_odoo_19_names_a_class_after_a_textual_inherit_only(models: Any) -> None:
    text = A + model("_inherit = ['a']; g = fields.Char()", "class MyThing(models.Model):")
    assert own(models(text, series="19.0").models["my.thing"]) == {"f", "g"}
    assert own(models(text, series="18.0").models["a"]) == {"f", "g"}


def test_kinds(models: Any) -> None:
    policy = models(
        model("_name = 'mixin'; f = fields.Char()", "class M(models.AbstractModel):")
        + model("_name = 'wizard'; _inherit = 'mixin'", "class W(models.TransientModel):")
        + model("_name = 'real'; _inherit = 'mixin'")
    )
    kinds = [policy.models[name].kind for name in ("mixin", "wizard", "real")]
    assert kinds == [Kind.ABSTRACT, Kind.TRANSIENT, Kind.MODEL]
    assert own(policy.models["wizard"]) == {"f"}


def test_a_mixin_that_is_extended_later_affects_its_children(models: Any) -> None:
    policy = models(
        model("_name = 'mixin'", "class M(models.AbstractModel):")
        + model("_name = 'a'; _inherit = ['mixin']"),
        model("_inherit = 'mixin'; late = fields.Char(groups='x.y')", "class M(models.AbstractModel):"),
    )
    assert field(policy, "a", "late").groups == "x.y"


@pytest.mark.parametrize(
    ("declared", "groups"),
    [("fields.Char()", "base.group_user"), ("fields.Char(groups=None)", None), ("fields.Char(groups='')", None),
     ("fields.Char(groups='x.y')", "x.y"), ("fields.Text()", None)],
)  # fmt: skip
def test_a_field_declared_again_keeps_what_it_does_not_say(
    models: Any, declared: str, groups: str | None
) -> None:
    found = field(models(A, model(f"_inherit = 'a'; f = {declared}")), "a", "f")
    assert found.groups == groups
    assert (found.origin.module, found.module) == ("m2" if "Text" in declared else "m1", "m2")


def test_a_type_that_changes_twice_starts_again(models: Any) -> None:
    policy = models(
        A, model("_inherit = 'a'; f = fields.Text(required=True)"), model("_inherit = 'a'; f = fields.Char()")
    )
    found = field(policy, "a", "f")
    assert (found.type, found.groups, found.required) == ("char", None, False)


def test_a_related_field_takes_its_targets_groups_unless_it_says_its_own(models: Any) -> None:
    policy = models(
        A
        + model(
            "_name = 'b'; a_id = fields.Many2one('a'); r = fields.Char(related='a_id.f'); "
            "n = fields.Char(related='a_id.f', groups=None); o = fields.Char(related='a_id.f', groups='x.y'); "
            "s = fields.Char(related='r'); t = fields.Char(related=('a_id', 'f')); gone = fields.Char(related='a_id.x')"
        )
    )
    groups = {name: field(policy, "b", name).groups for name in ("r", "n", "o", "s", "t", "gone")}
    assert groups == {"r": "base.group_user", "n": None, "o": "x.y", "s": "base.group_user", "t": "base.group_user",
                      "gone": None}  # fmt: skip
    assert field(policy, "b", "r").related == "a_id.f" and not field(policy, "b", "r").store


@pytest.mark.parametrize(
    ("text", "store", "readonly"),
    [
        ("fields.Char()", True, False),
        ("fields.Char(compute='_c')", False, True),
        ("fields.Char(compute='_c', store=True)", True, True),
        ("fields.Char(compute='_c', inverse='_i')", False, False),
        ("fields.Char(related='id')", False, True),
        ("fields.Char(store=False)", False, False),
        ("fields.Char(compute='_c', readonly=False)", False, False),
    ],
)
def test_what_is_stored(models: Any, text: str, store: bool, readonly: bool) -> None:
    found = field(models(model(f"_name = 'a'; f = {text}")), "a", "f")
    assert (found.store, found.readonly) == (store, readonly)


def test_delegation(models: Any) -> None:
    policy = models(
        A
        + model("_name = 'b'; _inherits = {'a': 'a_id'}; a_id = fields.Many2one('a'); g = fields.Char()")
        + model("_name = 'c'; b_id = fields.Many2one('b', delegate=True); g = fields.Integer()")
    )
    assert policy.models["b"].inherits == {"a": "a_id"} and policy.models["c"].inherits == {"b": "b_id"}
    inherited = field(policy, "c", "f")
    assert (inherited.inherited, inherited.related, inherited.store) == (True, "b_id.f", False)
    assert inherited.groups == "base.group_user" and field(policy, "c", "g").type == "integer"


def test_python_bases(models: Any) -> None:
    policy = models(
        model("_name = 'a'; f = fields.Char(groups='x.y')", "class First(models.Model):")
        + model("_name = 'b'; g = fields.Char()", "class Second(First):")
    )
    assert own(policy.models["b"]) == {"f", "g"} and field(policy, "b", "f").groups == "x.y"


def test_the_order_of_inheritance_is_pythons(models: Any) -> None:
    """D(B, C), B(A), C(A): C's declaration comes before A's, so that it wins."""
    mixin = "class M(models.AbstractModel):"
    policy = models(
        model("_name = 'a'; f = fields.Char(groups='a.a')", mixin)
        + model("_name = 'b'; _inherit = 'a'", mixin)
        + model("_name = 'c'; _inherit = 'a'; f = fields.Char(groups='c.c')", mixin)
        + model("_name = 'd'; _inherit = ['b', 'c']")
        + model("_name = 'e'; _inherit = ['b', 'c']; f = fields.Char(groups='e.e')"),
        model("_inherit = 'b'; f = fields.Char(groups='late.b')", mixin),
    )
    assert field(policy, "d", "f").groups == "late.b" and field(policy, "e", "f").groups == "e.e"
    assert field(models(
        model("_name = 'a'; f = fields.Char(groups='a.a')", mixin)
        + model("_name = 'b'; _inherit = 'a'", mixin)
        + model("_name = 'c'; _inherit = 'a'; f = fields.Char(groups='c.c')", mixin)
        + model("_name = 'd'; _inherit = ['b', 'c']"), ""), "d", "f").groups == "c.c"  # fmt: skip


def test_a_model_whose_parent_was_not_read_is_known_in_part(models: Any) -> None:
    policy = models(
        model("_inherit = 'sale.order'; g = fields.Char()") + model("_name = 'b'; _inherit = 'sale.mixin'")
    )
    assert policy.models["sale.order"].unresolved and policy.models["sale.order"].partial
    assert not policy.models["b"].unresolved and policy.models["b"].partial
    assert [(item.kind, item.name) for item in policy.unresolved] == [
        ("model", "sale.mixin"),
        ("model", "sale.order"),
    ]


def test_attributes(models: Any) -> None:
    found = models(
        model(
            "_name = 'a.b'; _description = 'D'; _table = 't'; _order = 'x desc'; _parent_store = True; "
            "_parent_name = 'p'; _check_company_auto = True; x_active = fields.Boolean(); name = fields.Char()"
        )
    ).models["a.b"]
    assert (found.description, found.table, found.order) == ("D", "t", "x desc")
    assert (found.parent_store, found.parent_name, found.check_company_auto) == (True, "p", True)
    assert (found.active_name, found.rec_name) == ("x_active", "name")


def test_what_an_x2many_says_of_its_records(models: Any) -> None:
    found = models(
        model(
            "_name = 'a'; b_ids = fields.Many2many('b', 'rel', 'x_id', 'y_id', context={'active_test': False}); "
            "c_ids = fields.Many2many('b', relation='rel', column1='x_id', auto_join=True); "
            "d_ids = fields.One2many('b', 'a_id', bypass_search_access=True, domain=[('x', '=', 1)])"
        )
    ).models["a"]
    first, second, third = (found.fields[name] for name in ("b_ids", "c_ids", "d_ids"))
    assert (first.relation_table, first.relation_columns, first.active_test) == (
        "rel",
        ("x_id", "y_id"),
        False,
    )
    assert (second.relation_columns, second.active_test, second.auto_join) == (None, None, True)
    assert (third.auto_join, third.domain) == (True, "[['x', '=', 1]]")


@pytest.mark.parametrize(
    ("text", "sanitize", "usual"),
    [
        ("fields.Html()", True, True),
        ("fields.Html(sanitize=False)", False, True),
        ("fields.Html(sanitize='email_outgoing')", True, False),
        ("fields.Html(sanitize_tags=False)", True, False),
        ("fields.Html(sanitize_overridable=True)", True, False),
        ("fields.Html(strip_style=True)", True, False),
        ("fields.Html(strip_classes=WHO_KNOWS)", True, False),
        ("fields.Html(sanitize=who.knows())", True, False),
        ("fields.Html(sanitize=[1])", True, False),
        ("fields.Html(related='c_id.g', store=True)", True, False),
    ],
)
def test_how_an_html_field_is_cleaned(models: Any, text: str, sanitize: bool, usual: bool) -> None:
    other = model("_name = 'c'; g = fields.Html(sanitize=False)")
    found = (
        models(model(f"_name = 'a'; c_id = fields.Many2one('c'); f = {text}") + other).models["a"].fields["f"]
    )
    assert (found.sanitize, found.sanitize_usual) == (sanitize, usual)


def test_the_fields_a_model_is_searched_by_name_with(models: Any) -> None:
    found = models(
        model("_name = 'a'; _rec_names_search = ['name', 'b_id.code']")
        + model("_name = 'b'; _rec_names_search = unknown()", "class B(models.Model):")
        + model("_name = 'c'", "class C(models.Model):")
    ).models
    assert [found[name].names_search for name in "abc"] == [("name", "b_id.code"), (), None]


def test_the_description_is_never_a_parents_one(models: Any) -> None:
    policy = models(model("_name = 'a'; _description = 'D'") + model("_name = 'b'; _inherit = 'a'"))
    assert policy.models["b"].description == "b" and policy.models["b"].table == "b"


def test_toggles_and_overrides(models: Any) -> None:
    policy = models(
        model("_name = 'res.config.settings'; "
              "group_x = fields.Boolean(implied_group='m1.g', group='base.group_portal')",
              "class S(models.TransientModel):")
        + model("_name = 'a'; def _search(self): pass")
        + model("_inherit = 'a'; def write(self, values): raise ValueError")
        + model("_inherit = 'a'; def unlink(self): return super().unlink()")
    )  # fmt: skip
    assert [(item.field, item.groups, item.implies) for item in policy.toggles] == [
        ("group_x", ("base.group_portal",), "m1.g")
    ]
    assert list(policy.models["a"].overrides) == ["_search"]
    assert list(policy.models["a"].guards) == ["write"]
