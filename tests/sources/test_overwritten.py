"""What later files say otherwise, what is named too early, and passwords: read, but not kept."""

from __future__ import annotations

from ostiary.policy import AccessRight, Mode, Policy, RecordRule
from ostiary.sources import snapshot
from sources.build import BOOK, MakeAddon, ReadAddon, data

HEADER = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"
GROUP = '<record id="{}" model="res.groups"><field name="name">G</field>{}</record>'


def said(policy: Policy) -> list[tuple[str, bool, list[tuple[str, str, str]]]]:
    return [
        (one.xmlid, one.deleted, [(c.field, c.before, c.after) for c in one.changes])
        for one in policy.overwrites
    ]


def of_kind(policy: Policy, kind: str) -> list[str]:
    return [problem.message for problem in policy.problems if problem.kind == kind]


def test_the_same_id_twice_in_a_file(addon: MakeAddon, read: ReadAddon) -> None:
    rows = "a,a,model_lib_book,base.group_user,1,1,0,0\na,a,model_lib_book,base.group_portal,1,0,0,0\n"
    addon("lib", python=BOOK, files={"security/ir.model.access.csv": HEADER + rows})
    policy = read()
    assert said(policy) == [
        ("lib.a", False, [("group_id", "base.group_user", "base.group_portal"), ("perm_write", "1", "0")])
    ]
    (only,) = policy.overwrites
    assert (only.earlier.line, only.origin.line) == (2, 3)


def test_a_patch_of_another_module_and_a_delete(addon: MakeAddon, read: ReadAddon) -> None:
    rule = (
        '<record id="r" model="ir.rule"><field name="name">R</field><field name="model_id" ref="model_lib_book"/>'
        "<field name=\"domain_force\">[('id', '=', 1)]</field></record>"
    )
    addon("lib", python=BOOK, files={"data.xml": data(rule + GROUP.format("g", ""))})
    patch = (
        '<record id="lib.r" model="ir.rule"><field name="active" eval="False"/></record>'
        '<function model="ir.rule" name="write"><value eval="[ref(\'lib.r\')]"/>'
        "<value eval=\"{'domain_force': '[]'}\"/></function>"
        '<record id="lib.g" model="res.groups"><field name="implied_ids" eval="[(4, ref(\'base.group_user\'))]"/>'
        '</record><delete id="lib.r" model="ir.rule"/>'
    )
    addon("shop", manifest={"depends": ["lib"]}, files={"data.xml": data(patch)})
    assert said(read()) == [
        ("lib.r", False, [("active", "", "0")]),
        ("lib.r", False, [("domain_force", "[('id', '=', 1)]", "[]")]),
        ("lib.g", False, [("implied", "", "base.group_user")]),
        ("lib.r", True, []),
    ]


def test_what_is_defined_later_is_named_too_early(addon: MakeAddon, read: ReadAddon) -> None:
    row = "a,a,model_lib_book,group_reader,1,0,0,0\n"
    addon(
        "lib",
        python=BOOK,
        files={
            "security/ir.model.access.csv": HEADER + row,
            "groups.xml": data(GROUP.format("group_reader", "")),
        },
    )
    (message,) = set(of_kind(read(), "load-order"))
    assert message.startswith("lib.a names lib.group_reader, which is defined only later (")
    assert "groups.xml:" in message


def test_the_group_odoo_makes_first_is_never_too_early(addon: MakeAddon, read: ReadAddon) -> None:
    early = GROUP.format("group_erp_manager", '<field name="implied_ids" eval="[(4, ref(\'group_user\'))]"/>')
    addon(
        "base", manifest={"depends": []}, files={"groups.xml": data(early + GROUP.format("group_user", ""))}
    )
    assert of_kind(read(), "load-order") == []


def test_a_module_that_is_not_depended_on(addon: MakeAddon, read: ReadAddon) -> None:
    addon("base", manifest={"depends": []}, files={"groups.xml": data(GROUP.format("group_user", ""))})
    addon("lib", python=BOOK, files={"groups.xml": data(GROUP.format("reader", ""))})
    addon("with_lib", manifest={"depends": ["lib"], "auto_install": True}, files={})
    implied = '<field name="implied_ids" eval="[(4, ref(\'lib.reader\'))]"/>'
    addon("shop", files={"groups.xml": data(GROUP.format("g", implied))})
    addon("more", manifest={"depends": ["lib"]}, files={"groups.xml": data(GROUP.format("g", implied))})
    assert of_kind(read(), "undeclared-dependency") == [
        "shop.g names lib.reader, but shop does not depend on lib."
    ]


def test_a_module_that_was_not_read_may_bring_anything(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", python=BOOK, files={"groups.xml": data(GROUP.format("reader", ""))})
    implied = '<field name="implied_ids" eval="[(4, ref(\'lib.reader\'))]"/>'
    addon("shop", manifest={"depends": ["unread"]}, files={"groups.xml": data(GROUP.format("g", implied))})
    assert of_kind(read(), "undeclared-dependency") == []


def test_an_id_that_another_model_has(addon: MakeAddon, read: ReadAddon) -> None:
    rule = '<record id="a" model="ir.rule"><field name="model_id" ref="model_lib_book"/></record>'
    row = HEADER + "a,a,model_lib_book,base.group_user,1,0,0,0\n"
    addon("lib", python=BOOK, files={"data.xml": data(rule), "security/ir.model.access.csv": row})
    policy = read()
    assert of_kind(policy, "taken-id") == [
        "lib.a is a record of ir.rule already, and can't be one of ir.model.access as well."
    ]
    assert "lib.a" not in {one.xmlid for one in policy.rights}


def test_a_password_is_not_kept(addon: MakeAddon, read: ReadAddon) -> None:
    password = '<field name="login">{0}</field><field name="password">{1}</field>'
    user = f'<record id="{{0}}" model="res.users">{password}</record>'
    users = user.format("ann", "Tr0ub4dor") + user.format("bob", "bob") + user.format("cid", "Odoo")
    addon("lib", files={"users.xml": data(users + user.format("eve", ""))})
    policy = read()
    found = {user.login: (user.password is not None, user.password_guessed) for user in policy.users}
    assert {name: found[name] for name in ("ann", "bob", "cid", "eve")} == {
        "ann": (True, False),
        "bob": (True, True),
        "cid": (True, True),
        "eve": (False, False),
    }
    assert "Tr0ub4dor" not in snapshot.dump(policy).decode()


PATCHED = (
    '<record id="r" model="ir.rule"><field name="name">R</field><field name="model_id" ref="model_lib_book"/>'
    "<field name=\"domain_force\">[('id', '=', 1)]</field>"
    '<field name="groups" eval="[(4, ref(\'base.group_portal\'))]"/></record>'
)


def test_what_a_deleted_rule_and_right_said(addon: MakeAddon, read: ReadAddon) -> None:
    row = HEADER + "a,a,model_lib_book,base.group_user,1,0,0,0\n"
    addon("lib", python=BOOK, files={"data.xml": data(PATCHED), "security/ir.model.access.csv": row})
    gone = '<delete id="lib.r" model="ir.rule"/><delete id="lib.a" model="ir.model.access"/>'
    addon("shop", manifest={"depends": ["lib"]}, files={"data.xml": data(gone)})
    policy = read()
    rule, right = (one.rule or one.right for one in policy.overwrites)
    assert isinstance(rule, RecordRule) and isinstance(right, AccessRight)
    assert (rule.model, rule.domain_force, rule.group_names) == (
        "lib.book",
        "[('id', '=', 1)]",
        ("base.group_portal",),
    )
    assert (right.group, right.modes) == ("base.group_user", (Mode.READ,))
    assert not {"lib.r", "lib.a"} & {one.xmlid for one in (*policy.rules, *policy.rights)}


def test_a_second_definition_is_told_from_a_change(addon: MakeAddon, read: ReadAddon) -> None:
    change = '<record id="r" model="ir.rule"><field name="active" eval="False"/></record>'
    addon("lib", python=BOOK, files={"data.xml": data(PATCHED + change + PATCHED)})
    assert [one.whole for one in read().overwrites] == [False, True]


def test_a_patch_in_a_noupdate_block_and_what_its_owner_wrote(addon: MakeAddon, read: ReadAddon) -> None:
    addon("lib", python=BOOK, files={"data.xml": data(PATCHED)})
    patch = (
        '<record id="lib.r" model="ir.rule"><field name="active" eval="False"/>'
        '<field name="domain_force">[]</field><field name="groups" eval="[(5,), (4, ref(\'base.group_user\'))]"/>'
        "</record>"
    )
    kept = f'<data noupdate="1">{patch}</data><record id="lib.r" model="ir.rule"><field name="name">S</field></record>'
    addon("shop", manifest={"depends": ["lib"]}, files={"data.xml": data(kept)})
    first, second = read().overwrites
    assert (first.noupdate, second.noupdate) == (True, False)
    assert {one.field: one.written for one in first.changes} == {
        "active": False,
        "domain_force": True,
        "groups": True,
    }
