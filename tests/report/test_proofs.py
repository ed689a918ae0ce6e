"""Proofs as they are read: what comes first, what is told as one, and the words."""

from __future__ import annotations

import msgspec
import pytest

from ostiary.policy import Kind, Mode
from ostiary.policy.effective import Unknown
from ostiary.prove import Sort, Verdict, Witness
from ostiary.report import proofs, proofs_summary, proofs_terminal
from ostiary.report.proofs import Section
from ostiary.report.proofs_story import Teller
from report.proof_samples import PARENT, REQUIRED, condition, policy, proof, witness
from report.proof_samples import proofs as all_proofs
from report.samples import HOSTILE
from report.test_terminal import same_as

POLICY = policy()


def section(**changes: object) -> Section:
    return proofs.section_of(proof(**changes), POLICY)


def test_strangers_who_read_or_change_somebodys_records_are_a_gap() -> None:
    plain = condition("[('name', '=', 'x')]")
    assert section() is Section.GAP
    assert section(verdict=Verdict.CONDITIONAL, condition=plain) is Section.GAP
    assert section(model="garden.tag", mode=Mode.WRITE) is Section.GAP


def test_reading_what_is_published_is_none_but_changing_it_is() -> None:
    published = condition("[('website_published', '=', True)]", Sort.PUBLISHING)
    shown = {"verdict": Verdict.CONDITIONAL, "condition": published}
    assert section(**shown) is Section.PUBLISHED
    assert section(**shown, mode=Mode.WRITE) is Section.GAP
    assert section(**shown, question="separation") is Section.GAP


def test_what_is_about_nobody_is_listed_apart() -> None:
    assert section(model="garden.tag") is Section.REFERENCE
    assert section(model="garden.tag", question="separation") is Section.GAP
    assert section(model="nobody.read.it") is Section.GAP


def test_wizards_about_nobody_may_be_made() -> None:
    wizard = msgspec.structs.replace(POLICY.models["garden.tag"], kind=Kind.TRANSIENT)
    known = msgspec.structs.replace(POLICY, models=POLICY.models | {"garden.tag": wizard})
    made = proof(model="garden.tag", mode=Mode.CREATE)
    assert proofs.section_of(made, POLICY) is Section.GAP
    assert proofs.section_of(made, known) is Section.REFERENCE


def test_a_promise_is_kept_where_nothing_can_be_done() -> None:
    assert section(question="separation", verdict=Verdict.NO_ACCESS) is Section.OF_ITSELF
    assert section(verdict=Verdict.NO_ACCESS) is Section.NO_ACCESS


def test_a_promise_about_no_record_is_not_one_that_cannot_be_read() -> None:
    why = (Unknown("empty-domain", "No record satisfies its domain.", ""),)
    assert section(question="separation", verdict=Verdict.UNKNOWN, unknown=why) is Section.ABOUT_NOTHING
    assert section(question="separation", verdict=Verdict.UNKNOWN) is Section.UNKNOWN


def test_every_verdict_has_a_place() -> None:
    assert {proofs.section_of(one, POLICY) for one in all_proofs()} == set(Section) - {Section.ABOUT_NOTHING}
    for one in Verdict:
        assert section(verdict=one) in Section


def test_what_says_the_same_is_told_once_and_gaps_first() -> None:
    found = proofs.entries(reversed(all_proofs()), POLICY)
    assert [
        (one.section.value, one.model, one.audiences, [mode.value for mode in one.modes]) for one in found
    ] == [
        ("gap", "garden.bed", ("public",), ["write"]),
        ("gap", "garden.plant", ("portal",), ["read", "write"]),
        ("unknown", "garden.visit", ("portal",), ["read"]),
        ("reference", "garden.tag", ("public", "portal"), ["read"]),
        ("published", "garden.bed", ("public", "portal"), ["read"]),
        ("isolated", "garden.order", ("portal",), ["read"]),
        ("of-itself", "garden.plant", ("portal",), ["unlink"]),
        ("no-access", "garden.order", ("portal",), ["unlink"]),
    ]
    assert sum(len(one.proofs) for one in found) == len(all_proofs())


def test_other_conditions_are_not_told_as_one() -> None:
    first = proof(verdict=Verdict.CONDITIONAL, condition=condition("[('name', '=', 'x')]"))
    other = proof(verdict=Verdict.CONDITIONAL, condition=condition("[('name', '=', 'y')]"), mode=Mode.WRITE)
    assert len(proofs.entries([first, other], POLICY)) == 2
    assert len(proofs.entries([first, msgspec.structs.replace(first, mode=Mode.WRITE)], POLICY)) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Open: any record, whomever it belongs to"),
        (
            {"condition": condition("[]", Sort.UNSET, user=("the user's country is not set",))},
            "Open: any record, whomever it belongs to, for a user whose country is not set",
        ),
        (
            {"verdict": Verdict.CONDITIONAL, "condition": condition("[('name', '=', 'x')]", complete=False)},
            "Conditional: where name is 'x', whomever it belongs to (and in more ways than these)",
        ),
        (
            {
                "verdict": Verdict.CONDITIONAL,
                "condition": condition("[('name', '=', 'x')]"),
                "question": "silo",
            },
            "Conditional: where name is 'x'",
        ),
        ({"question": "separation"}, "Broken"),
        ({"question": "separation", "verdict": Verdict.ISOLATED}, "Holds"),
        ({"verdict": Verdict.UNKNOWN}, "Not known: nothing says why"),
    ],
)
def test_verdicts_in_words(changes: dict[str, object], said: str) -> None:
    assert proofs.verdict(proof(**changes)) == said


@pytest.mark.parametrize(
    ("user", "ways", "said"),
    [
        (["the user's partner's parent is not set"], 1, "for a user whose partner's parent is not set"),
        (
            ["the user's country is set", "the user is in the group a.b"],
            1,
            "for a user whose country is set and who is in the group a.b",
        ),
        (["it is not so that x"], 1, "for a user of whom this is so: it is not so that x"),
        # Which of several ways asks it of the user is not known: it must not be said of all of them.
        (["the user's country is not set"], 2, "in part only for a user whose country is not set"),
        (["it is not so that x"], 2, "in part only for a user of whom this is so: it is not so that x"),
        (["the user also holds a.b or a.c"], 2, "for a user who also holds a.b or a.c"),
    ],
)
def test_what_a_condition_asks_of_the_user(user: list[str], ways: int, said: str) -> None:
    found = condition("[('name', '=', 'x')]", Sort.UNSET, user=tuple(user))
    assert proofs.of_user(msgspec.structs.replace(found, alternatives=found.alternatives * ways)) == said


def test_what_the_user_lacks_says_why_nobody_is_singled_out() -> None:
    unset = condition("[('name', '=', 'x')]", Sort.UNSET)
    assert proofs.condition(unset) == "where name is 'x': nobody's record"
    lacking = msgspec.structs.replace(unset, user=("the user's country is not set",))
    assert proofs.condition(lacking) == "where name is 'x', for a user whose country is not set"


def test_several_conditions_are_listed() -> None:
    both = condition("['|', ('name', '=', 'x'), ('name', '=', 'y')]")
    one, other = (condition(f"[('name', '=', '{name}')]").domain for name in "xy")
    found = proof(
        verdict=Verdict.CONDITIONAL, condition=msgspec.structs.replace(both, alternatives=(one, other))
    )
    assert proofs.verdict(found, listed=True) == "Conditional: in any of these ways, whomever it belongs to"
    assert proofs.ways(found) == ["where name is 'x'", "where name is 'y'"]
    worst = msgspec.structs.replace(both, alternatives=(one, other), sort=Sort.SHARED)
    assert proofs.condition(worst, listed=True) == (
        "in any of these ways, at least one of which others have in common with the user"
    )
    assert "name is 'x' or" in proofs.verdict(found)
    assert proofs.ways(proof(verdict=Verdict.CONDITIONAL, condition=both)) == []
    text = proofs_terminal.as_text([found], POLICY)
    assert "  – where name is 'x'\n  – where name is 'y'\n" in text


def test_conclusions() -> None:
    def said(*found: object) -> str:
        return proofs_summary.conclusion(proofs.entries(found, POLICY))  # type: ignore[arg-type]

    isolated = proof(verdict=Verdict.ISOLATED)
    assert said() == "There was nothing to decide."
    assert said(isolated) == "Portal users do not reach records that are none of theirs."
    assert "save for" in said(isolated, proof(model="garden.tag"))
    assert (
        said(isolated, proof(verdict=Verdict.UNKNOWN))
        == "No gap was found, but not everything could be decided."
    )
    assert said(proof()) == "Portal users reach records that are none of theirs on 1 model: garden.plant."
    both = said(proof(question="silo"), proof(audience="public", model="garden.bed"))
    assert both == (
        "Public visitors reach records that are none of theirs on 1 model: garden.bed. Portal users reach records of "
        "companies that they do not work in on 1 model: garden.plant."
    )
    grouped = said(proof(), proof(audience="garden.group_friend"))
    assert grouped.startswith("Portal users and users of garden.group_friend reach ")
    many = [proof(audience=f"garden.group_{name}") for name in "abcd"]
    assert said(*many).startswith("Users of 4 groups reach ")


def test_each_assumption_is_said_once_and_numbered() -> None:
    found = proofs.entries(all_proofs(), POLICY)
    numbers = proofs.numbered(found)
    assert numbers == {REQUIRED: 1, PARENT: 2}
    order = next(one for one in found if one.model == "garden.order")
    assert proofs.marks(order, numbers) == "[1, 2]"


def test_a_proof_names_its_rules_and_the_rights_behind_it() -> None:
    names = [one.xmlid for one in proofs.definitions(proof(rules=("garden.plant_own",)), POLICY)]
    assert names == ["garden.plant_own", "garden.plant_visitor"]
    assert proofs.definitions(proof(audience="no.such_group"), POLICY) == []
    held = msgspec.structs.replace(witness(), groups=("garden.group_visitor",))
    # What is had only by another group that the story takes is named too.
    for found, rights in ((witness(), []), (held, ["garden.plant_visitor"])):
        asked = proof(audience="base.group_user", question="separation", witness=found)
        assert [one.xmlid for one in proofs.definitions(asked, POLICY)] == rights


# -- stories ---------------------------------------------------------------------------------------------------


def test_a_story_says_who_reads_whose_record() -> None:
    told = Teller(POLICY).tell(witness(), "portal", Mode.READ)
    assert told.sentence == "A portal user of Contact B reads Plant A, which is Contact D's."
    assert [(one.role, one.name) for one in told.parts] == [
        ("the user", "res.users 3"),
        ("the record", "Plant A"),
        ("the user's contact", "Contact A"),
        ("the user's customer", "Contact B"),
        ("whose record it is", "Contact C"),
        ("the other customer", "Contact D"),
    ]
    assert told.parts[1].facts == (("partner_id", "Contact C"), ("planted", "not set"), ("tall", "yes"))
    assert told.others == 2


@pytest.mark.parametrize(
    ("audience", "start"),
    [
        ("public", "A public visitor deletes Plant A"),
        ("base.group_user", "An internal user deletes Plant A"),
        ("garden.group_gardener", "Somebody in garden.group_gardener deletes Plant A"),
        ("garden.group_friend", "Somebody in garden.group_friend of Contact B deletes Plant A"),
    ],
)
def test_only_customers_have_a_customer(audience: str, start: str) -> None:
    assert Teller(POLICY).tell(witness(), audience, Mode.UNLINK).sentence.startswith(start)


def test_a_story_says_what_other_groups_it_takes() -> None:
    held = msgspec.structs.replace(witness(), groups=("garden.group_friend", "garden.group_head"))
    told = Teller(POLICY).tell(held, "garden.group_gardener", Mode.WRITE)
    assert told.sentence == (
        "Somebody in garden.group_gardener, who also holds garden.group_friend and garden.group_head, changes Plant A, "
        "which is Contact D's."
    )


def test_a_story_of_companies_says_which() -> None:
    found = witness()
    record = msgspec.structs.replace(found.record, values={"company_id": 2})
    other = msgspec.structs.replace(found.rows[2], id=2, values={"name": "Company B"}, role="")
    told = Teller(POLICY).tell(
        Witness(found.user, record, (*found.rows, other), (1,)), "portal", Mode.READ, silo=True
    )
    assert (
        told.sentence == "A portal user whose company is Company A reads Plant 7, which belongs to Company B."
    )


def test_a_story_of_records_that_go_in_circles_ends() -> None:
    user = msgspec.structs.replace(witness().user, values={"partner_id": 5})
    contact = msgspec.structs.replace(witness().rows[3], values={"commercial_partner_id": 5, "partner_id": 5})
    told = Teller(POLICY).tell(Witness(user, user, (user, contact)), "portal", Mode.READ)
    assert len(told.parts) == 2


# -- for a terminal --------------------------------------------------------------------------------------------


def test_on_a_terminal() -> None:
    text = proofs_terminal.as_text(all_proofs(), POLICY, targets=["garden"], witness=True, width=100)
    same_as("proofs-100.txt", text)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_fit_but_for_places(width: int) -> None:
    text = proofs_terminal.as_text(all_proofs(), POLICY, width=width, witness=True)
    for line in text.splitlines():
        assert len(line) <= width or "security/" in line


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_was_read_commands_nothing(name: str) -> None:
    found = proof(witness=witness(name=name), model=name, assumptions=(name,), rules=(name,))
    text = proofs_terminal.as_text([found], POLICY, witness=True)
    assert not any(bad in text for bad in ("\x1b", "\u202e", "\x00", "\x9b"))


def test_a_defect_says_so() -> None:
    found = proof(verdict=Verdict.UNKNOWN, defect="two and two is five", witness=None)
    assert "This is a defect of Ostiary" in proofs_terminal.as_text([found], POLICY)
