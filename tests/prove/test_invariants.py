"""The file of invariants: what is read, what is refused and in which words, and that hostile files end quickly."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from ostiary.policy import Kind, Mode, Policy
from ostiary.prove import InvalidInvariants, Invariant, check_invariants, read_invariants
from ostiary.prove.bounded_yaml import DEEPEST, MOST_BYTES, MOST_VALUES, InvalidYaml, read_yaml
from ostiary.prove.invariants import FILE_NAME, faults_of, parse_invariants, schema
from policy.build import model
from prove.estate import AGENT, MANAGER, OWN, estate, on_property

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "invariants.schema.json"
NAMES = (
    "`name` may have letters (a to z), digits, spaces, dots, dashes and underscores,"
    " beginning with a letter or digit"
)
UPDATE = "OSTIARY_UPDATE_SNAPSHOTS"
WHOLE = """\
# What must never be possible.
version: 1
invariants:
  - name: agents keep to their own
    why: Commission is paid by salesperson.
    who: [estate.agent, internal]
    unless: estate.manager
    with_any_groups: true
    modes: [write, unlink]
    model: estate.property
    never: >-
      [('user_id', '!=', False),
       ('user_id', '!=', user.id)]
  - name: clients-read-drafts
    who: portal
    modes: read
    model: estate.property
    never: "[('state', '=', 'draft')]"
"""


def one(**changes: object) -> str:
    """A file of one invariant, as JSON (which is YAML too); a change to None leaves a key out."""
    given = {
        "name": "a",
        "who": AGENT,
        "modes": "write",
        "model": "estate.property",
        "never": "[]",
        **changes,
    }
    return json.dumps(
        {"invariants": [{key: value for key, value in given.items() if value is not None}]}, indent=1
    )


def refused(content: str | bytes) -> str:
    with pytest.raises(InvalidInvariants) as caught:
        parse_invariants(content.encode() if isinstance(content, str) else content)
    message = str(caught.value)
    assert message.startswith(f"{FILE_NAME}:")
    assert "\n" not in message
    assert message.endswith((".", "?"))
    return message.removeprefix(f"{FILE_NAME}:")


# -- what is read --------------------------------------------------------------------------------------------------


def test_a_whole_file_is_read_as_one_invariant_for_each_group_and_mode() -> None:
    found = parse_invariants(WHOLE.encode())
    assert [(item.name, item.who, item.mode) for item in found] == [
        ("agents keep to their own", AGENT, Mode.WRITE),
        ("agents keep to their own", AGENT, Mode.UNLINK),
        ("agents keep to their own", "internal", Mode.WRITE),
        ("agents keep to their own", "internal", Mode.UNLINK),
        ("clients-read-drafts", "portal", Mode.READ),
    ]
    first, last = found[0], found[-1]
    assert (first.model, first.unless, first.with_any_groups) == ("estate.property", (MANAGER,), True)
    assert first.why == "Commission is paid by salesperson."
    assert first.never == "[('user_id', '!=', False),\n ('user_id', '!=', user.id)]"
    assert (last.unless, last.with_any_groups, last.why) == ((), False, "")
    assert (found[2].group, last.group, first.group) == ("base.group_user", "base.group_portal", AGENT)
    assert (first.place(), first.place("never"), last.place("model")) == (
        f"{FILE_NAME}:4", f"{FILE_NAME}:11", f"{FILE_NAME}:17",
    )  # fmt: skip
    assert len({*found}) == len(found)


def test_a_file_is_called_as_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(WHOLE, "utf-8")
    assert read_invariants(path, shown="here.yaml")[0].path == "here.yaml"
    with pytest.raises(InvalidInvariants, match=r"missing\.yaml: No such file or directory\.$"):
        read_invariants(tmp_path / "missing.yaml")


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert parse_invariants(b"\xef\xbb\xbf" + WHOLE.encode()) == parse_invariants(WHOLE.encode())


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "1: the file is nothing, and should be a mapping."),
        ("- a", "1: the file is a list, and should be a mapping."),
        ("invariants: 3", "1: `invariants` is a number, and should be a list."),
        ("invariants: [3]", "1: an invariant is a number, and should be a mapping."),
        ("invariants: []\nversion: 2", "2: `version` can't be 2."),
        ("invariants: []\nrules: 2", "2: there is no `rules` here."),
        (one(whos=AGENT), "9: there is no `whos` here; did you mean who?"),
        (one(who=None), "3: `who` is missing."),
        (one(never=None), "3: `never` is missing."),
        (one(modes="delete"), "6: 'delete' is no mode: those are read, write, create and unlink."),
        (one(modes=["write", "delete"]), "8: 'delete' is no mode: those are read, write, create and unlink."),
        (one(never=[["user_id", "=", 1]]), "8: `never` is a list: write the domain in quotes, as text."),
        (one(with_any_groups="maybe"), "9: `with_any_groups` is text, and should be true or false."),
        (one(who=[AGENT, 3]), "7: an item of `who` is a number, and should be text."),
        (one(name=""),
         f"4: {NAMES}."),
        (one(name="-a"), f"4: {NAMES}."),
        (one(name="a/b"), f"4: {NAMES}."),
        (one(name="a" * 201), "4: `name` has more than 200 characters."),
        (one(never=""), "8: `never` is empty."),
        (one(modes=[]), "6: `modes` is empty."),
        (one(who=["a"] * 51), "5: `who` has more than 50 items."),
        (WHOLE.replace("clients-read-drafts", "agents keep to their own"),
         "14: invariant 'agents keep to their own' has the name of the one on line 4."),
    ],
)  # fmt: skip
def test_what_is_not_as_it_should_be_is_said_with_its_line(content: str, message: str) -> None:
    assert refused(content) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff", "1: the file is not UTF-8."),
        (b"a: 1\nb: \xff", "2: the file is not UTF-8."),
        (b"a: \x07", "1: not YAML: it holds a character that is not allowed."),
        (b'a: "\\x1b[2J"', "1: a text holds a character that can't be printed."),
        (b'"\\x1b[2J": 1', "1: a text holds a character that can't be printed."),
        (b"!" * 100_000, f"1: tags (tag:yaml.org,2002:{'!' * 42}) are not read."),
        (b'a: "\\uD800"', "1: a text holds a character that can't be printed."),
        (b"a: 'b", "1: not YAML: while scanning a quoted scalar found unexpected end of stream."),
        (b"a: 1\n---\nb: 2", "2: not YAML: expected a single document in the stream but found another document."),
        (b"a: 1\na: 2", "2: `a` is given twice."),
        (b"? [a]\n: b", "1: a key that is not text is not read."),
        (b"a: &x [1]\nb: *x", "2: aliases (*x) are not read."),
        (b"a: !!python/object/apply:os.system [x]",
         "1: tags (tag:yaml.org,2002:python/object/apply:os.system) are not read."),
        (b"a: !x 1", "1: tags (!x) are not read."),
        (b"a: !!binary aGk=", "1: tags (tag:yaml.org,2002:binary) are not read."),
        (b"[" * 200_000, f"1: values are nested more than {DEEPEST} deep."),
        (b"- " * 100_000, f"1: values are nested more than {DEEPEST} deep."),
        (b"{a: " * 50_000, f"1: values are nested more than {DEEPEST} deep."),
        (b"- a\n" * (MOST_VALUES + 1), f"{MOST_VALUES}: there are more than {MOST_VALUES} values."),
        (b" " * (MOST_BYTES + 1), f"1: the file is larger than {MOST_BYTES // 1024} KiB."),
    ],
)  # fmt: skip
def test_what_is_no_plain_yaml_is_refused(content: bytes, message: str) -> None:
    assert refused(content) == message


def test_each_invariant_with_a_mistake_is_told_of() -> None:
    entries = [
        json.loads(one(**changes))["invariants"][0]
        for changes in (
            {"name": "a"},
            {"name": "b/c"},
            {"name": "a"},
            {"name": "d", "modes": "delete"},
            {"who": 3},
        )
    ]
    with pytest.raises(InvalidInvariants) as caught:
        parse_invariants(json.dumps({"invariants": entries}, indent=1).encode())
    assert caught.value.faults == (
        f"{FILE_NAME}:11: {NAMES}.",
        f"{FILE_NAME}:18: invariant 'a' has the name of the one on line 4.",
        f"{FILE_NAME}:27: 'delete' is no mode: those are read, write, create and unlink.",
        f"{FILE_NAME}:33: `who` is a number, and should be text or a list.",
    )
    assert str(caught.value) == "\n".join(caught.value.faults)


def test_a_file_of_mistakes_ends_in_a_message_that_can_be_read() -> None:
    with pytest.raises(InvalidInvariants) as caught:
        parse_invariants(json.dumps({"invariants": [3] * 1_000}).encode())
    assert len(caught.value.faults) == 1_000
    assert str(caught.value).splitlines()[-1] == "There are 980 more such mistakes."
    assert len(str(caught.value).splitlines()) == 21


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert refused("\n".join(lines)) == "2: aliases (*a0) are not read."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-13-45", "2024-13-45"),
        ("1" * 5_000, "1" * 5_000),
        ("1:" * 1_000 + "1", "1:" * 1_000 + "1"),
        ("1.5", "1.5"),
        ("0x1F", "0x1F"),
        ("12", 12),
        ("yes", True),
        ("off", False),
        ("~", None),
        ("plain", "plain"),
    ],
)
def test_what_looks_like_a_date_or_a_long_number_is_text(text: str, value: object) -> None:
    found = read_yaml(f"a: {text}".encode()).value["a"]
    assert (found, type(found)) == (value, type(value))


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert read_yaml(b"<<: {a: 1}").value == {"<<": {"a": 1}}


def test_yaml_says_its_line() -> None:
    with pytest.raises(InvalidYaml) as caught:
        read_yaml(b"a: 1\nb: [1, 2\nc: 3")
    assert caught.value.line == 3


# -- against a Policy ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def policy() -> Policy:
    return estate([on_property("own", OWN, AGENT)])


def faults(policy: Policy, **changes: object) -> list[str]:
    [found] = parse_invariants(one(**changes).encode())
    return [text.removeprefix(f"{FILE_NAME}:") for text in faults_of(policy, found)]


def test_an_invariant_that_names_what_there_is_has_no_fault(policy: Policy) -> None:
    never = "['|', ('user_id', '!=', user.id), ('buyer_id.parent_id', 'child_of', user.partner_id.id)]"
    assert faults(policy, never=never, unless=[MANAGER]) == []
    assert [faults(policy, who=word) for word in ("portal", "public", "internal", "base.group_user")] == [
        []
    ] * 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"who": "estate.agnet"}, "5: invariant 'a': there is no group estate.agnet; did you mean estate.agent?"),
        ({"who": "portl"}, "5: invariant 'a': there is no group portl; did you mean portal?"),
        ({"unless": "estate.mannager"},
         "9: invariant 'a': there is no group estate.mannager; did you mean estate.manager?"),
        ({"model": "estate.propert"},
         "7: invariant 'a': there is no model estate.propert; did you mean estate.property?"),
        ({"model": "mail.thread"}, "7: invariant 'a': model mail.thread is abstract: it has no records."),
        ({"who": MANAGER, "unless": AGENT},
         f"9: invariant 'a': it is about nobody: who holds {MANAGER} also holds {AGENT}."),
        ({"never": "[('usr_id', '=', 1)]"},
         "8: invariant 'a': usr_id names a field usr_id, which estate.property doesn't have; did you mean user_id?"),
        ({"never": "[('user_id.logn', '=', 'x')]"},
         "8: invariant 'a': user_id.logn names a field logn, which res.users doesn't have; did you mean login?"),
        ({"never": "[('user_id', '=', user.partnr_id.id)]"},
         "8: invariant 'a': user.partnr_id.id names a field partnr_id, which res.users doesn't have;"
         " did you mean partner_id?"),
        ({"never": "[('user_id', '=', frobnicate())]"},
         "8: invariant 'a': the name 'frobnicate' is not known in a record rule in Odoo 18."),
        ({"never": "[('user_id', 'equals', 1)]"},
         "8: invariant 'a': the domain can't be understood: 'equals' is not an operator of terms."),
    ],
)  # fmt: skip
def test_what_this_policy_does_not_have_is_said_with_near_misses(
    policy: Policy, changes: dict[str, object], message: str
) -> None:
    assert faults(policy, **changes) == [message]


def with_mixin(**changes: object) -> Policy:
    """The estate, whose users have a mixin that declares no field, as Odoo's `format.address.mixin` does."""
    found = estate([on_property("own", OWN, AGENT)])
    empty = model("format.mixin", kind=Kind.ABSTRACT, modules=("base",))
    users = msgspec.structs.replace(found.models["res.users"], inherit=("format.mixin",), **changes)
    models = {**found.models, "format.mixin": empty, "res.users": users}
    return msgspec.structs.replace(found, models=models)


WRITTEN = [
    ("[('user_id', '=', user.partnr_id.id)]", "user.partnr_id.id", "partnr_id", "partner_id"),
    ("[('user_id.logn', '=', 'x')]", "user_id.logn", "logn", "login"),
]


@pytest.mark.parametrize(("never", "path", "name", "meant"), WRITTEN)
def test_a_user_with_a_mixin_without_fields_is_known_in_full(
    never: str, path: str, name: str, meant: str
) -> None:
    assert faults(with_mixin(), never=never) == [
        f"8: invariant 'a': {path} names a field {name}, which res.users doesn't have; did you mean {meant}?"
    ]


@pytest.mark.parametrize(("never", "path", "name", "meant"), WRITTEN)
def test_a_field_that_may_exist_is_not_refused(never: str, path: str, name: str, meant: str) -> None:
    whole = with_mixin()
    summary = msgspec.structs.replace(whole.modules["base"], facts=True)
    lacking = {key: one for key, one in whole.models.items() if key != "format.mixin"}
    for policy in (
        with_mixin(partial=True),
        with_mixin(unresolved=True),
        msgspec.structs.replace(whole, modules={**whole.modules, "base": summary}),
        msgspec.structs.replace(whole, models=lacking),
    ):
        assert faults(policy, never=never) == []


@pytest.mark.parametrize(
    "value",
    ["user.id", "user.partner_id.id", "user.in_group_3", "user.x_own", "user.env.company.id", "user.login.foo",
     "user._is_admin()", "user.has_group('base.group_user')", "user.partner_id.ids"],
)  # fmt: skip
def test_what_a_user_has_besides_declared_fields_is_not_refused(value: str) -> None:
    never = f"[('user_id', '=', {value})]"
    assert not [one for one in faults(with_mixin(), never=never) if "doesn't have" in one]


@pytest.mark.parametrize("never", ["[('user_id', '='", "nonsense(", "user.id"])
def test_a_domain_that_can_not_be_understood_is_refused(policy: Policy, never: str) -> None:
    [found] = faults(policy, never=never)
    assert found.startswith("8: invariant 'a': the domain can't be understood: ")


def test_a_group_that_a_domain_asks_for_has_to_be_there(policy: Policy) -> None:
    text = "[(1, '=', 1)] if user.has_group('estate.agnt') else [(0, '=', 1)]"
    assert faults(policy, never=text) == [
        "8: invariant 'a': there is no group estate.agnt; did you mean estate.agent?"
    ]


def test_a_group_of_two_user_types_is_nobodys() -> None:
    odd = estate(
        spec={"base.group_user": [], "base.group_portal": [], AGENT: ["base.group_user", "base.group_portal"]}
    )
    [found] = faults(odd)
    assert "it is about nobody: estate.agent implies base.group_user and base.group_portal" in found


def test_all_faults_of_a_file_are_said_once(policy: Policy) -> None:
    text = WHOLE.replace("estate.property", "estate.propert")
    assert check_invariants(policy, parse_invariants(text.encode())) == (
        f"{FILE_NAME}:10: invariant 'agents keep to their own': there is no model estate.propert;"
        " did you mean estate.property?",
        f"{FILE_NAME}:17: invariant 'clients-read-drafts': there is no model estate.propert;"
        " did you mean estate.property?",
    )


# -- the schema ------------------------------------------------------------------------------------------------------


def test_the_schema_in_the_documentation_is_current() -> None:
    """`OSTIARY_UPDATE_SNAPSHOTS=1 pytest tests/prove/test_invariants.py` writes it anew."""
    text = json.dumps(schema(), indent=2) + "\n"
    if os.environ.get(UPDATE):
        SCHEMA.write_text(text, "utf-8")
    assert SCHEMA.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("content", "valid"),
    [(WHOLE, True), (one(), True), (one(whos=AGENT), False), (one(modes="delete"), False), (one(who=None), False),
     (one(modes=[]), False), (one(who=[]), False), (one(name="\u00e9"), False)],
)  # fmt: skip
def test_the_schema_and_the_reader_agree(content: str, valid: bool) -> None:
    value = read_yaml(content.encode()).value
    assert Draft202012Validator(schema()).is_valid(value) is valid
    if valid:
        assert all(isinstance(item, Invariant) for item in parse_invariants(content.encode()))
    else:
        refused(content)


def test_the_example_in_the_documentation_can_be_asked() -> None:
    """The first YAML block of the page is a whole file."""
    page = (ROOT / "docs" / "invariants.md").read_text("utf-8")
    assert parse_invariants(page.split("```yaml\n", 1)[1].split("```", 1)[0].encode())
