"""What verbs do beyond the executed cases, as Odoo's source says: copies, new records, commands, the record cache.

Pointers are to 18.0: `models.copy_data`, `fields.Field.__get__`, `fields.One2many.write_real`, `models._create`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from enforce.cases.asking import Asking, Filled
from ostiary.enforce import AccessError, Command, MissingError, Undecided, UserError
from records.cases import CREATE, DEL, LINE, MISSING, NOACL, PAR, READ, REC, TAG, UNLINK, WRITE, A
from records.fixture import VERSIONS, needs_cases

pytestmark = [
    needs_cases,
    pytest.mark.parametrize(
        ("version", "dialect"), [*((v, "sqlite") for v in VERSIONS), ("18", "postgresql")]
    ),
]

FALSE = "[(0, '=', 1)]"
NOT_READ = (WRITE, CREATE, UNLINK)

# ------------------------------------------------------------------------------------ what isn't there


def test_a_rule_that_accepts_nothing_and_what_is_not_there(tables: Filled, version: str) -> None:
    """17 asks which of the refused records exist (`check_access_rule`); 18 and 19 don't."""
    with Asking(tables) as case:
        case.rule(REC, FALSE)
        missing = case(REC, "iu").browse(MISSING)
        if version == "17":
            assert missing.unlink()
            with pytest.raises(MissingError):
                missing.write({"name": "q"})
        for ask in (missing.unlink, lambda: missing.write({"name": "q"})) if version != "17" else ():
            with pytest.raises(AccessError) as error:
                ask()
            assert error.value.kind == "rule"


def test_reading_gives_a_row_for_each_record_in_their_order(tables: Filled) -> None:
    with Asking(tables) as case:
        abc, abd = case.ids["Abc"], case.ids["abd"]
        found = case(REC, "iu").browse([abd, MISSING, abc, abd]).read(["name"])
        assert [row["name"] for row in found] == ["abd", "Abc", "abd"]


# ------------------------------------------------------------------------------------ copy


def test_a_copy_has_values_and_links_and_no_lines(tables: Filled) -> None:
    with Asking(tables) as case:
        made = case.record(REC, "Abc").copy({"name": "n"})
        assert made.read(["name", "note", "num", "d", "secret"], load=None)[0] == {
            "id": made.id, "name": "n", "note": "x_y", "num": 1, "d": date(2024, 1, 10), "secret": "S",
        }  # fmt: skip
        assert made.par_id.name == "P1"
        assert made.tag_ids.mapped("name") == ["t1", "t2"]
        assert not made.line_ids


def test_a_copy_of_a_child_has_a_parent_of_its_own(tables: Filled) -> None:
    with Asking(tables) as case:
        made = case.record(DEL, "del").copy()
        assert made.base_id.id not in {False, case.record(DEL, "del").base_id.id}
        assert (made.num, made.own) == (3, "o")


def test_a_parent_that_is_given_to_a_copy_keeps_its_values(tables: Filled) -> None:
    with Asking(tables) as case:
        made = case.record(DEL, "del").copy({"base_id": case.ids["P1"]})
        assert (made.num, made.name) == (5, "P1")
        assert case.record(PAR, "P1").name == "P1"


def test_what_does_not_exist_is_not_copied(tables: Filled) -> None:
    with Asking(tables) as case, pytest.raises(MissingError):
        case(REC, "sysu").browse(MISSING).copy()


def test_a_copy_is_created_as_anything_is(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(TAG, "[('name', '=', 't1')]", modes=(CREATE,))
        case.record(TAG, "t1", "iu").copy()
        with pytest.raises(AccessError):
            case.record(TAG, "t2", "iu").copy()
        assert case(TAG).search([("name", "like", "t")]).mapped("name") == ["t1", "t2", "t1"]


# ------------------------------------------------------------------------------------ new


def test_a_record_in_memory_has_what_it_was_given(tables: Filled) -> None:
    with Asking(tables) as case:
        tags = [case.ids["t1"], case.ids["t2"]]
        made = case(REC, "iu").new({
            "name": "n", "num": "7", "d": "2024-01-10", "par_id": case.ids["P1"], "tag_ids": [(6, 0, tags), (4, 9)],
        })  # fmt: skip
        assert (made.id, made.name, made.num, made.d) == (False, "n", 7, date(2024, 1, 10))
        assert (made.par_id.name, made.tag_ids.ids) == ("P1", [*tags, 9])
        assert not case(REC).search([("name", "=", "n")])


def test_a_record_in_memory_has_defaults(tables: Filled) -> None:
    with Asking(tables) as case:
        made = case(REC, "iu", default_note="d").new({})
        assert (made.active, made.note, made.num, made.name, made.flag) == (True, "d", 0, False, False)
        assert not made.par_id
        assert not made.line_ids


@pytest.mark.parametrize("field", ["par_num", "display_name"])
def test_what_would_be_computed_of_it_is_not_known(tables: Filled, field: str) -> None:
    with Asking(tables) as case, pytest.raises(Undecided):
        _ = case(REC, "iu").new({"par_id": case.ids["P1"]})[field]


def test_a_record_in_memory_exists_and_is_written_nowhere(tables: Filled) -> None:
    with Asking(tables) as case:
        made = case(REC, "iu").new({"name": "n"})
        assert made.exists() == made
        for ask in (lambda: made.write({"name": "k"}), made.unlink):
            with pytest.raises(ValueError, match="not stored"):
                ask()


# ------------------------------------------------------------------------------------ commands


def lines(case: Asking, name: str, *commands: Any, login: str | None = "iu") -> list[str]:
    """The names of a record's lines after commands, archived ones too."""
    case.record(REC, name, login).write({"line_ids": list(commands)})
    found = case.record(REC, name, active_test=False).line_ids
    return sorted(found.mapped("name"))


def test_commands_on_lines(tables: Filled) -> None:
    with Asking(tables) as case:
        la, la2, lb = (case.ids[one] for one in ("la", "la2", "lb"))
        assert lines(case, "Abc", Command.create({"name": "n"})) == ["la", "la2", "n"]
        assert lines(case, "Abc", Command.update(la, {"name": "l"})) == ["l", "la2", "n"]
        assert lines(case, "Abc", Command.unlink(la)) == ["la2", "n"]
        assert case.record(LINE, "la").exists()
        assert lines(case, "Abc", Command.delete(la)) == ["la2", "n"]
        assert not case.record(LINE, "la").exists()
        assert lines(case, "Abc", Command.link(lb)) == ["la2", "lb", "n"]
        # An archived line is not found, so it isn't let go.
        assert lines(case, "Abc", Command.set([la2])) == ["la2", "lb"]
        assert lines(case, "Abc", Command.clear()) == ["lb"]
        with pytest.raises(MissingError):
            lines(case, "Abc", Command.link(MISSING))


def test_what_a_command_has_just_made_is_not_let_go_by_the_next(tables: Filled) -> None:
    with Asking(tables) as case:
        assert lines(case, "Abc", Command.create({"name": "n"}), Command.clear()) == ["la", "la2", "n"]
        lb = case.ids["lb"]
        assert lines(case, "Abc", Command.link(lb), Command.set([])) == ["la", "la2", "lb", "n"]


def test_a_line_that_is_hidden_is_not_linked(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(LINE, "[('name', '!=', 'la')]", modes=(READ,))
        with pytest.raises(AccessError) as error:
            lines(case, "abd", Command.link(case.ids["la"]))
        assert (error.value.kind, error.value.mode) == ("rule", READ)


def test_lines_that_are_not_of_the_field_are_not_let_go(tables: Filled) -> None:
    """Of two one2many fields over one link, each is about the lines of its own domain."""
    with Asking(tables) as case:
        case.field(REC, "line_ids", domain="[('name', '=', 'la')]")
        record = case.record(REC, "Abc", "iu")
        assert record.line_ids.mapped("name") == ["la"]
        record.write({"line_ids": [(5,)]})
        assert case.record(LINE, "la2").rec_id == record
        assert not case.record(LINE, "la").rec_id


def test_defaults_of_the_context_are_not_for_lines(tables: Filled) -> None:
    with Asking(tables) as case:
        made = case(REC, "iu", default_name="d").create({"line_ids": [(0, 0, {})], "tag_ids": [(0, 0, {})]})
        assert made.name == "d"
        assert (made.line_ids.name, made.tag_ids.name) == (False, False)


def test_setting_lines_writes_to_those_that_are_linked_already(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(LINE, "[('name', '!=', 'la')]", modes=(WRITE,))
        la, la2 = case.ids["la"], case.ids["la2"]
        assert lines(case, "Abc", Command.link(la)) == ["la", "la2"]
        with pytest.raises(AccessError) as error:
            lines(case, "Abc", Command.set([la, la2]))
        assert (error.value.kind, error.value.model, error.value.ids) == ("rule", LINE, (la,))


def test_hidden_lines_are_not_let_go(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(LINE, "[('name', '=', 'la')]")
        assert lines(case, "Abc", Command.clear()) == ["la2"]


def test_commands_on_links(tables: Filled) -> None:
    with Asking(tables) as case:
        record = case.record(REC, "Abc", "iu")
        t1, t2, t3 = (case.ids[one] for one in ("t1", "t2", "t3"))

        def after(*commands: Any) -> list[str]:
            record.write({"tag_ids": list(commands)})
            return sorted(case.record(REC, "Abc", active_test=False).tag_ids.mapped("name"))

        assert after(Command.unlink(t1)) == ["t2"]
        assert after(Command.link(t1), Command.link(t1)) == ["t1", "t2"]
        assert after(Command.set([t1, t3])) == ["t1", "t3"]
        assert after(Command.create({"name": "t4"})) == ["t1", "t3", "t4"]
        assert after(Command.delete(t1)) == ["t3", "t4"]
        # An archived one is not seen linked, so it isn't unlinked.
        assert after(Command.clear()) == ["t3"]
        record = record.with_context(active_test=False)
        assert after(Command.unlink(t3)) == []
        assert case.record(TAG, "t2").exists()
        assert case.record(REC, "Éd").tag_ids.ids == [t2]


def test_a_refused_command_undoes_the_whole_write(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(LINE, FALSE, modes=(UNLINK,))
        with pytest.raises(AccessError):
            lines(case, "Abc", Command.create({"name": "n"}), Command.delete(case.ids["la"]))
        assert lines(case, "Abc") == ["la", "la2"]


def test_a_superuser_gives_no_rights_by_commands(tables: Filled) -> None:
    """Commands on models that hold rights are done as the user, in superuser mode too (`_allow_sudo_commands`)."""
    with Asking(tables) as case:
        case.take_summary_for_all()
        partner = case.record("res.users", "iu").partner_id
        with pytest.raises(AccessError) as error:
            partner.with_user("iu").sudo().write({"child_ids": [(0, 0, {"name": "n"})]})
        assert error.value.model == "res.partner"
        partner.write({"child_ids": [(0, 0, {"name": "n"})]})


# ------------------------------------------------------------------------------------ the record cache


def test_what_was_just_created_is_given_without_a_right_to_read(tables: Filled) -> None:
    with Asking(tables) as case:
        case.right(NOACL, A, CREATE)
        made = case(NOACL, "ia").create({"name": "n"})
        assert made.name == "n"
        with pytest.raises(AccessError):
            made.read(["name"])
        case.invalidate()
        with pytest.raises(AccessError):
            _ = made.name


def test_what_was_just_written_is_given_out_of_reach(tables: Filled) -> None:
    with Asking(tables) as case:
        case.rule(REC, "[('num', '=', 1)]")
        record = case.record(REC, "Abc", "iu")
        record.num = 9
        assert record.num == 9
        with pytest.raises(AccessError):
            record.read(["num"])


def test_lines_are_read_as_whoever_asks(tables: Filled) -> None:
    """Odoo would give what the superuser has read; that is more than a rule leaves the user."""
    with Asking(tables) as case:
        case.rule(LINE, "[('name', '=', 'la')]")
        assert len(case.record(REC, "Abc").line_ids) == 2
        assert case.record(REC, "Abc", "iu").line_ids.mapped("name") == ["la"]


def test_what_is_undone_is_no_longer_given(tables: Filled) -> None:
    with Asking(tables) as case:
        case.right(NOACL, A, CREATE)
        env = case(NOACL, "ia").env
        with pytest.raises(UserError), env.unit():
            made = env[NOACL].create({"name": "n"})
            assert made.name == "n"
            raise UserError("no")
        with pytest.raises((AccessError, MissingError)):
            _ = made.name
