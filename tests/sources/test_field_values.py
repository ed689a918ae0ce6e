"""What fields say of their values: defaults, `ondelete`, `copy` and the values of selections."""

from __future__ import annotations

from pathlib import Path

from ostiary.policy import Policy
from ostiary.sources import open_policy, snapshot
from sources.build import MODELS, MakeAddon, ReadAddon, field

HEAD = MODELS + "STATES = [('new', 'New'), ('sold', 'Sold')]\nSTART = 'new'\n"


def declare(addon: MakeAddon, name: str, *lines: str, extends: bool = False) -> None:
    """A module whose class of model `a` has these lines."""
    head = "_inherit = 'a'" if extends else "_name = 'a'"
    body = "".join(f"    {line}\n" for line in (head, *lines))
    addon(
        name, python=f"{HEAD}class A(models.Model):\n{body}", manifest={"depends": ["m1"] if extends else []}
    )


DEFAULTS = [
    ("'draft'", "'draft'"),
    ("True", "True"),
    ("False", "False"),
    ("0", "0"),
    ("1.5", "1.5"),
    ("START", "'new'"),
    ("_('New')", "'New'"),
    ("[1, 2]", "[1, 2]"),
    ("None", None),
    ("lambda self: 'x'", "'x'"),
    ("lambda self: None", "None"),
    ("lambda START: START", "<python>"),
    ("lambda self: self.env.user", "<user>"),
    ("lambda s: s.env.user.id", "<user>"),
    ("lambda self: self.env.uid", "<user>"),
    ("lambda self: self._uid", "<user>"),
    ("lambda self: self.env.company", "<company>"),
    ("lambda self: self.env.company.id", "<company>"),
    ("lambda self: self.env.companies", "<companies>"),
    ("lambda self: self.env.user.company_id", "<python>"),
    ("lambda self: other.env.user", "<python>"),
    ("lambda: self.env.user", "<python>"),
    ("fields.Date.today", "<today>"),
    ("fields.Date.context_today", "<today>"),
    ("lambda self: fields.Date.context_today(self)", "<today>"),
    ("lambda *a: fields.Date.today()", "<today>"),
    ("fields.Datetime.now", "<now>"),
    ("lambda self: datetime.now()", "<now>"),
    ("lambda self: datetime.now(zone)", "<python>"),
    ("datetime.now", "<python>"),
    ("fields.Date.today()", "<python>"),
    ("lambda self: self.env['x'].search([], limit=1)", "<python>"),
    ("_default_stage", "<python>"),
    (repr("x" * 1_100), "<python>"),
]


def test_defaults(addon: MakeAddon, read: ReadAddon) -> None:
    declare(addon, "m1", *[f"f{at} = fields.Char(default={said})" for at, (said, _) in enumerate(DEFAULTS)])
    policy = read()
    assert [(said, field(policy, "a", f"f{at}").default) for at, (said, _) in enumerate(DEFAULTS)] == DEFAULTS


def test_what_is_not_said_is_none(addon: MakeAddon, read: ReadAddon) -> None:
    declare(addon, "m1", "f = fields.Many2one('b')", "g = fields.Selection('_states')")
    policy = read()
    found = [field(policy, "a", name) for name in ("f", "g")]
    assert [(one.default, one.ondelete, one.copy, one.selection) for one in found] == [
        (None, None, None, ())
    ] * 2


def test_ondelete_and_copy(addon: MakeAddon, read: ReadAddon) -> None:
    declare(
        addon,
        "m1",
        "f = fields.Many2one('b', ondelete='cascade', copy=False)",
        "g = fields.Char(ondelete='cascade', copy=True)",
        "h = fields.Many2one('b', ondelete=WHATEVER, copy=WHATEVER)",
        "i = fields.Many2one('b', **{'ondelete': 'restrict', 'default': 3})",
    )
    policy = read()
    found = {name: field(policy, "a", name) for name in "fghi"}
    assert [(one.ondelete, one.copy) for one in found.values()] == [
        ("cascade", False),
        (None, True),
        (None, None),
        ("restrict", None),
    ]
    assert found["i"].default == "3"


def test_a_later_class_says_otherwise(addon: MakeAddon, read: ReadAddon) -> None:
    declare(
        addon,
        "m1",
        "f = fields.Many2one('b', default=1, ondelete='cascade', copy=False)",
        "g = fields.Char(default='x')",
    )
    declare(
        addon,
        "m2",
        "f = fields.Many2one(default=2, ondelete='restrict')",
        "g = fields.Char(default=None)",
        extends=True,
    )
    policy = read()
    found = field(policy, "a", "f")
    assert (found.default, found.ondelete, found.copy) == ("2", "restrict", False)
    assert field(policy, "a", "g").default is None


SELECTIONS: list[tuple[str, tuple[str, ...]]] = [
    ("STATES", ("new", "sold")),
    ("[('a', 'A'), ('b', _('B'))]", ("a", "b")),
    ("STATES + [('gone', 'Gone')]", ("new", "sold", "gone")),
    ("[('a', anything.at.all()), ('b', f'{1}')]", ("a", "b")),
    ("selection='_states'", ()),
    ("lambda self: [('a', 'A')]", ()),
    ("[('a', 'A'), other]", ()),
    ("[*STATES]", ()),
    ("[(NAME, 'A')]", ()),
]


def test_the_values_of_selections(addon: MakeAddon, read: ReadAddon) -> None:
    declare(addon, "m1", *[f"f{at} = fields.Selection({said})" for at, (said, _) in enumerate(SELECTIONS)])
    policy = read()
    assert [
        (said, field(policy, "a", f"f{at}").selection) for at, (said, _) in enumerate(SELECTIONS)
    ] == SELECTIONS


ADDED: list[tuple[str, tuple[str, ...]]] = [
    ("[('c', 'C')]", ("a", "b", "c")),
    ("[('c', 'C'), ('b',)]", ("a", "c", "b")),
    ("[('c', 'C'), ('a',)]", ("c", "a", "b")),
    ("[('b',), ('c', 'C'), ('a',)]", ("b", "c", "a")),
    ("[('a',), ('c', 'C'), ('a',)]", ("a", "b", "c")),
    ("unknown()", ()),
]


def test_values_are_added(addon: MakeAddon, read: ReadAddon) -> None:
    """As Odoo's own `merge_sequences` orders them."""
    first = "fields.Selection([('a', 'A'), ('b', 'B')], default='a')"
    declare(addon, "m1", *[f"f{at} = {first}" for at in range(len(ADDED))])
    more = "ondelete={'c': 'cascade'}"
    lines = [f"f{at} = fields.Selection(selection_add={said}, {more})" for at, (said, _) in enumerate(ADDED)]
    declare(addon, "m2", *lines, extends=True)
    policy = read()
    assert [(said, field(policy, "a", f"f{at}").selection) for at, (said, _) in enumerate(ADDED)] == ADDED
    assert (field(policy, "a", "f0").default, field(policy, "a", "f0").ondelete) == ("'a'", None)


def test_values_that_are_replaced_and_values_that_are_not_known(addon: MakeAddon, read: ReadAddon) -> None:
    declare(
        addon,
        "m1",
        "f = fields.Selection([('a', 'A')])",
        "g = fields.Selection('_states')",
        "h = fields.Char()",
    )
    declare(
        addon,
        "m2",
        "f = fields.Selection([('z', 'Z')])",
        "g = fields.Selection(selection_add=[('z', 'Z')])",
        "h = fields.Selection([('z', 'Z')])",
        extends=True,
    )
    policy = read()
    assert [field(policy, "a", name).selection for name in "fgh"] == [("z",), (), ("z",)]


def test_a_related_selection_has_the_values_of_its_target(addon: MakeAddon, read: ReadAddon) -> None:
    body = "class B(models.Model):\n    _name = 'b'\n    _inherits = {'a': 'a_id'}\n    a_id = fields.Many2one('a')\n"
    body += "    state = fields.Selection(related='a_id.f')\n"
    declare(addon, "m1", "f = fields.Selection(STATES, default='new')", "\n" + body)
    policy = read()
    assert field(policy, "b", "f").selection == field(policy, "b", "state").selection == ("new", "sold")
    assert field(policy, "b", "f").default is None


def written(addon: MakeAddon, read: ReadAddon) -> Policy:
    declare(
        addon,
        "m1",
        "f = fields.Many2one('b', default=lambda self: self.env.user, ondelete='cascade', copy=False)",
        "g = fields.Selection(STATES, default='new')",
        "h = fields.Char()",
    )
    return read()


def test_a_snapshot_holds_them_and_nothing_where_nothing_is_said(
    addon: MakeAddon, read: ReadAddon, tmp_path: Path
) -> None:
    policy = written(addon, read)
    snapshot.save(policy, tmp_path / "x.json")
    assert open_policy([tmp_path / "x.json"]) == policy
    model = policy.models["a"]
    alone = snapshot.dump(Policy(odoo="18.0", models={"a": model})).decode()
    for word in ("default", "ondelete", "copy", "selection"):
        assert alone.count(f'"{word}":') == (2 if word == "default" else 1)


def test_a_snapshot_below_other_modules_gives_them(addon: MakeAddon, read: ReadAddon, tmp_path: Path) -> None:
    policy = written(addon, read)
    snapshot.save(policy, tmp_path / "x.json")
    target = addon(
        "m2",
        python=f"{MODELS}class A(models.Model):\n    _inherit = 'a'\n    i = fields.Char()\n",
        manifest={"depends": ["m1"]},
    )
    above = open_policy([target], addons_path=[tmp_path / "x.json"], cache=False)
    for name in "fgh":
        was, now = field(policy, "a", name), field(above, "a", name)
        assert (was.default, was.ondelete, was.copy, was.selection) == (
            now.default,
            now.ondelete,
            now.copy,
            now.selection,
        )
    assert field(above, "a", "g").selection == ("new", "sold")
