"""What Odoo's own Python adds to rights and rules: messages, activities, attachments, employees."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from ostiary.domain import TRUE, from_python
from ostiary.policy import MODES, Mode, Origin, Subject
from ostiary.records.access import Access
from ostiary.records.errors import Fails, Refused, Undecided
from ostiary.records.layers import Layers, undecided
from ostiary.records.session import Session
from records.mail import Mail, mail

READ, WRITE, CREATE, UNLINK = MODES
LOGINS = ("ada", "bob", "eve")


@pytest.fixture
def made() -> Iterator[Mail]:
    with mail() as found:
        yield found


def asked(made: Mail, access: Access, model: str, mode: Mode, login: str) -> str:
    ids = sorted(access.reader.ids(model))
    return made.said(model, access.allowed(made.session(access, login), model, mode, ids))


def found(made: Mail, access: Access, model: str, login: str) -> str:
    return made.said(model, access.search(made.session(access, login), model))


def messages(made: Mail) -> Access:
    """Messages: of a shelf that only ada may touch, of a task that all read and bob may write, and of none."""
    shelf = made.add("shelf", name="s", active=True, owner_id=made.user["ada"])
    task = made.add("project.task", name="t", owner_id=made.user["bob"])
    public = made.add("mail.message.subtype", name="d", internal=False)
    note = made.add("mail.message.subtype", name="n", internal=True)
    ada, bob, eve = (made.partner[login] for login in LOGINS)
    common = {"message_type": "comment", "is_internal": False, "subtype_id": public}

    def add(name: str, **values: object) -> int:
        return made.add("mail.message", **{**common, "name": name, **values})  # type: ignore[arg-type]

    add("shelf", model="shelf", res_id=shelf)
    first = add("task", model="project.task", res_id=task)
    add("loose")
    add("bob_wrote", author_id=bob)
    add("bob_made", create_uid=made.user["bob"])
    add("to_eve", partner_ids=[eve])
    noted = add("notified_ada")
    made.add("mail.notification", mail_message_id=noted, res_partner_id=ada)
    add("note", model="project.task", res_id=task, subtype_id=note, partner_ids=[eve])
    add("inside", model="project.task", res_id=task, is_internal=True)
    add("told", model="project.task", res_id=task, message_type="user_notification")
    add("mail", model="project.task", res_id=task, message_type="email", subtype_id=None)
    to_eve = add("parent_to_eve", model="shelf", res_id=shelf, partner_ids=[eve])
    add("answer", model="shelf", res_id=shelf, parent_id=to_eve)
    add("loop", model="mail.message", res_id=first)
    other = made.add("shelf", name="s2", active=False, owner_id=made.user["eve"])
    add("followed", model="shelf", res_id=other)
    made.add("mail.followers", res_model="shelf", res_id=other, partner_id=bob)
    return made.access()


@pytest.mark.parametrize(
    ("mode", "login", "names"),
    [
        (READ, "ada", "answer,inside,loop,mail,note,notified_ada,parent_to_eve,shelf,task"),
        (READ, "bob", "bob_made,bob_wrote,inside,loop,mail,note,task"),
        (READ, "eve", "followed,loop,mail,parent_to_eve,task,to_eve"),
        (WRITE, "ada", "answer,notified_ada,parent_to_eve,shelf"),
        (WRITE, "bob", "bob_wrote,inside,loop,mail,note,task"),
        (WRITE, "eve", "followed,parent_to_eve,to_eve"),
        (UNLINK, "ada", "answer,parent_to_eve,shelf"),
        (UNLINK, "bob", "inside,loop,mail,note,task"),
        (UNLINK, "eve", "followed"),
        # On a task whoever may read it may post, on a shelf who may write; followers may answer.
        (CREATE, "ada",
         "answer,bob_made,bob_wrote,inside,loose,mail,note,notified_ada,parent_to_eve,shelf,task,to_eve,told"),
        (CREATE, "bob", "bob_made,bob_wrote,followed,inside,loop,loose,mail,note,notified_ada,task,to_eve,told"),
        (CREATE, "eve", "answer,bob_made,bob_wrote,followed,loose,mail,notified_ada,task,to_eve,told"),
    ],
)  # fmt: skip
def test_messages(made: Mail, mode: Mode, login: str, names: str) -> None:
    assert asked(made, messages(made), "mail.message", mode, login) == names


@pytest.mark.parametrize(
    ("login", "names"),
    [
        ("ada", "answer,inside,loop,mail,note,notified_ada,parent_to_eve,shelf,task"),
        ("bob", "bob_wrote,inside,loop,mail,note,task"),  # who only made it does not find it
        # Share users find no message without a subtype; one that no longer leads to a note is theirs.
        ("eve", "followed,loop,parent_to_eve,task,to_eve"),
    ],
)
def test_searching_messages(made: Mail, login: str, names: str) -> None:
    assert found(made, messages(made), "mail.message", login) == names


def test_a_superuser_finds_every_message(made: Mail) -> None:
    access = messages(made)
    assert len(access.search(made.session(access, "eve").sudo(), "mail.message")) == 15


def test_a_search_inside_another_asks_the_layer(made: Mail) -> None:
    access = messages(made)
    eve = made.session(access, "eve")
    assert access.decides_search(eve, "mail.message")
    assert not access.decides_search(eve, "shelf")
    domain = from_python([["parent_id", "any", [["name", "=", "parent_to_eve"]]]])
    assert (
        made.said("mail.message", access.search(made.session(access, "ada"), "mail.message", domain))
        == "answer"
    )


def test_messages_about_each_other_end(made: Mail) -> None:
    one = made.add("mail.message", name="one", model="mail.message", res_id=2, message_type="comment")
    made.add("mail.message", name="two", model="mail.message", res_id=one, message_type="comment")
    access = made.access()
    with pytest.raises(Undecided, match="too long a chain"):
        asked(made, access, "mail.message", READ, "ada")


def test_a_message_about_nothing_there_is(made: Mail) -> None:
    made.add("mail.message", name="gone", model="no.model", res_id=2, message_type="comment")
    with pytest.raises(Fails) as raised:
        asked(made, made.access(), "mail.message", READ, "ada")
    assert raised.value.error == "KeyError"


def test_forum_posts_rest_on_karma(made: Mail) -> None:
    made.policy.models["forum.post"] = made.policy.models["plain"]
    post = made.add("plain", name="p", owner_id=made.user["ada"])
    made.add("mail.message", name="post", model="forum.post", res_id=post, message_type="comment")
    with pytest.raises(Undecided, match="karma"):
        asked(made, made.access(), "mail.message", WRITE, "ada")


# ------------------------------------------------------------------------------------ activities


def activities(made: Mail) -> Access:
    shelf = made.add("shelf", name="s", active=True, owner_id=made.user["ada"])
    task = made.add("project.task", name="t", owner_id=made.user["eve"])
    plain = made.add("plain", name="p", owner_id=made.user["bob"])
    for model, document in (("shelf", shelf), ("project.task", task), ("plain", plain)):
        for login in LOGINS:
            made.add(
                "mail.activity",
                name=f"{model[0]}_{login}",
                res_model=model,
                res_id=document,
                user_id=made.user[login],
            )
    return made.access()


@pytest.mark.parametrize(
    ("mode", "login", "names"),
    [
        (READ, "ada", "p_ada,p_bob,p_eve,s_ada,s_bob,s_eve,p_ada"),
        (READ, "bob", "p_ada,p_bob,p_eve,s_bob"),
        (WRITE, "ada", "p_ada,p_bob,p_eve,s_ada,s_bob,s_eve"),
        (CREATE, "bob", "p_ada,p_bob,p_eve"),
    ],
)
def test_activities(made: Mail, mode: Mode, login: str, names: str) -> None:
    access = activities(made)
    found_names = asked(made, access, "mail.activity", mode, login).split(",")
    # Tasks (all read, whoever may read posts) and plain records (bob's own) begin with the same letter.
    shelf = {name for name in found_names if name.startswith("s_")}
    assert shelf == {name for name in names.split(",") if name.startswith("s_")}
    assert found_names.count("p_eve") == (2 if login == "bob" else 1)
    session = made.session(access, login)
    if mode is READ:
        ids = sorted(access.reader.ids("mail.activity"))
        assert access.search(session, "mail.activity") == access.allowed(session, "mail.activity", READ, ids)


# ------------------------------------------------------------------------------------ attachments


def attachments(made: Mail) -> Access:
    shelf = made.add("shelf", name="s", active=False, owner_id=made.user["ada"])
    ada, bob = made.user["ada"], made.user["bob"]
    made.add("ir.attachment", name="shelf", res_model="shelf", res_id=shelf, create_uid=bob)
    made.add("ir.attachment", name="public", res_model="shelf", res_id=shelf, public=True)
    made.add("ir.attachment", name="image", res_model="shelf", res_id=shelf, res_field="name")
    made.add("ir.attachment", name="loose_ada", create_uid=ada)
    made.add("ir.attachment", name="gone", res_model="no.model", res_id=4)
    made.add("ir.attachment", name="self_bob", res_model="res.users", res_id=bob)
    return made.access()


@pytest.mark.parametrize(
    ("mode", "login", "names"),
    [
        (READ, "ada", "gone,image,loose_ada,public,self_bob,shelf"),
        (READ, "bob", "gone,public,self_bob"),
        (READ, "eve", ""),  # no internal user reads none, not even public ones
        (WRITE, "bob", "gone,self_bob"),
        (UNLINK, "ada", "gone,image,loose_ada,public,self_bob,shelf"),
    ],
)
def test_attachments(made: Mail, mode: Mode, login: str, names: str) -> None:
    assert asked(made, attachments(made), "ir.attachment", mode, login) == names


@pytest.mark.parametrize(
    ("login", "names"),
    [
        ("ada", "gone,loose_ada,public,self_bob,shelf"),
        ("bob", "gone,public,self_bob"),
        ("eve", "gone,public,self_bob"),
    ],
)
def test_searching_attachments(made: Mail, login: str, names: str) -> None:
    access = attachments(made)
    assert found(made, access, "ir.attachment", login) == names
    of_fields = from_python([["res_field", "!=", False]])
    images = access.search(made.session(access, login), "ir.attachment", of_fields)
    assert made.said("ir.attachment", images) == ("image" if login == "ada" else "")


def test_a_superuser_finds_no_attachment_of_a_field_unasked(made: Mail) -> None:
    access = attachments(made)
    assert len(access.search(made.session(access, "eve").sudo(), "ir.attachment")) == 5


def test_a_rule_that_searches_attachments_leaves_out_those_of_a_field_unless_it_names_it(made: Mail) -> None:
    access = attachments(made)
    names = {"image": "image", "loose": "loose_ada"}
    for name, attached in names.items():
        one = next(
            id_ for (model, id_), said in made.names.items() if model == "ir.attachment" and said == attached
        )
        made.add("plain", name=name, file_id=one)
    root = made.session(access, "ada").sudo()
    assert access.decides_search(root, "ir.attachment")
    for inside, expected in (
        ([], "loose"),
        ([["res_field", "!=", False]], "image"),
        ([["id", ">", 0]], "image,loose"),
    ):
        domain = from_python([["file_id", "any", inside]])
        assert made.said("plain", access.search(root, "plain", domain)) == expected


# ------------------------------------------------------------------------------------ Python that is not declared


def override(made: Mail, model: str, method: str, module: str = "y_mod") -> None:
    if model not in made.policy.models:
        made.policy.models[model] = msgspec.structs.replace(made.policy.models["plain"], name=model)
    place = Origin(path="y_mod/models.py", line=1, module=module)
    made.policy.models[model].overrides[method] = place


@pytest.mark.parametrize("method", ["_search", "search_fetch"])
def test_a_superuser_search_inside_another_asks_python_that_is_not_declared(made: Mail, method: str) -> None:
    override(made, "res.partner", method)
    access = made.access()
    root = made.session(access, "ada").sudo()
    domain = from_python([["partner_ids", "any", [["id", ">", 0]]]])
    with pytest.raises(Undecided, match=f"res.partner has {method} of its own in module y_mod"):
        access.search(root, "mail.message", domain)
    assert access.search(root, "mail.message", from_python([["name", "=", "no"]])) == []


def test_python_that_lets_superusers_pass_changes_nothing_for_them(made: Mail) -> None:
    access = made.access()
    assert not access.decides_search(made.session(access, "ada").sudo(), "mail.message")


@pytest.mark.parametrize(
    ("model", "method"),
    [
        ("ir.rule", "_compute_domain"),
        ("ir.model.access", "check"),
        ("ir.model.access", "_get_allowed_models"),
        ("res.users", "has_group"),
        ("res.users", "_get_company_ids"),
    ],
)
def test_nothing_is_decided_where_a_module_changes_what_decisions_rest_on(
    made: Mail, model: str, method: str
) -> None:
    plain = made.add("plain", name="p", owner_id=made.user["ada"])
    override(made, model, method)
    access = made.access()
    session = made.session(access, "ada")
    with pytest.raises(Undecided, match=rf"module y_mod changes .*\({model}\.{method}\)"):
        access.allowed(session, "plain", READ, [plain])
    with pytest.raises(Undecided, match="y_mod"):
        access.search(session, "plain")


def test_what_base_has_of_its_own_is_known(made: Mail) -> None:
    plain = made.add("plain", name="p", owner_id=made.user["ada"])
    for model, method in (("ir.rule", "_compute_domain"), ("res.users", "has_group")):
        override(made, model, method, "base")
    access = made.access()
    assert access.allowed(made.session(access, "ada"), "plain", READ, [plain]) == [plain]


# ------------------------------------------------------------------------------------ employees, menus, the list


def test_who_may_not_read_employees_finds_their_public_profiles(made: Mail) -> None:
    for name in ("seen", "hidden"):
        made.add("hr.employee", name=name)
        made.add("hr.employee.public", name=name)
    access = made.access()
    assert not access.may(made.session(access, "ada"), "hr.employee", READ)
    assert found(made, access, "hr.employee", "ada") == "seen"
    assert access.decides_search(made.session(access, "ada"), "hr.employee")
    assert asked(made, access, "hr.employee", READ, "ada") == ""
    with pytest.raises(Refused):
        access.search(made.session(access, "ada"), "hr.employee", from_python([["no_such", "=", 1]]))


@pytest.mark.parametrize("model", ["mail.message", "ir.attachment", "mail.activity"])
def test_what_is_not_declared_for_a_version_is_undecided(model: str) -> None:
    with mail("19.0") as made:
        access = made.access()
        session = made.session(access, "ada")
        with pytest.raises(Undecided, match="not declared for this version"):
            access.search(session, model, TRUE)
        with pytest.raises(Undecided):
            access.allowed(session, model, READ, [1])


def test_the_list_names_only_what_no_layer_describes() -> None:
    with mail() as made:
        layers = Layers(made.policy)
        for row in undecided():
            assert row.reason
            assert row.searching or row.acting
            if "18.0" not in row.series:
                layers.find(row.model, None)


# ------------------------------------------------------------------------------------ nobody in particular


@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("mail.activity", {"res_model": "project.task", "user_id": 1}),
        ("ir.attachment", {"create_uid": 1}),
        ("ir.attachment", {"res_model": "res.users", "res_id": 1}),
        ("mail.message", {"message_type": "comment", "create_uid": 1}),
    ],
)
def test_a_group_is_nobody_whose_records_are_its_own(
    made: Mail, model: str, values: dict[str, object]
) -> None:
    task = made.add("project.task", name="t", owner_id=made.user["eve"])
    one = made.add(model, **{"name": "x", "res_id": task, **values} if model == "mail.activity" else values)
    group = Session(Subject("internal", frozenset({"base.group_user"})))
    with pytest.raises(Undecided, match=r"who the user is, and .* is nobody in particular"):
        made.access().allowed(group, model, READ, [one])


def test_what_is_nobodys_is_no_groups(made: Mail) -> None:
    task = made.add("project.task", name="t", owner_id=made.user["eve"])
    todo = made.add("mail.activity", name="x", res_model="project.task", res_id=task)
    loose = made.add("ir.attachment", name="loose")
    public = made.add("ir.attachment", name="public", public=True)
    access = made.access()
    group = Session(Subject("internal", frozenset({"base.group_user"})))
    assert access.allowed(group, "mail.activity", READ, [todo]) == [todo]  # as its task
    assert access.allowed(group, "ir.attachment", READ, [loose, public]) == [public]
    assert access.search(group, "ir.attachment") == [public]
