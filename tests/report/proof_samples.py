"""Hand-made proofs and differences about the garden of `samples`."""

from __future__ import annotations

import msgspec

from ostiary.domain import parse
from ostiary.policy import Mode, Policy
from ostiary.policy.effective import Unknown
from ostiary.prove import Change, Condition, Difference, Proof, Row, Sort, Verdict, Witness
from policy.build import field, model
from report.samples import garden

PARENT = "A contact's commercial entity is the company it belongs to, or itself."
REQUIRED = "res.users.partner_id is required, so it is always set."


def policy() -> Policy:
    """The garden with fields, and models that are about nobody."""
    contact = field("partner_id", "many2one", comodel="res.partner")
    owner = field("owner_id", "many2one", comodel="res.partner")
    made = garden()
    texts = {one.name: one.description for one in made.models.values()}
    models = [
        model("garden.plant", [contact, field("planted", "date"), field("tall", "boolean")]),
        model("garden.bed", [contact, owner, field("website_published", "boolean")]),
        model("garden.order", [contact]),
        model("garden.tag", [field("name", "char")]),
        model("garden.visit", [contact, field("near", "boolean")]),
        model("res.partner", [field("commercial_partner_id", "many2one", comodel="res.partner")]),
        model("res.company", []),
        model("res.users", [contact, field("company_id", "many2one", comodel="res.company")]),
    ]
    named = {one.name: msgspec.structs.replace(one, description=texts.get(one.name, "")) for one in models}
    return garden(models=named)


def witness(model: str = "garden.plant", name: str = "Plant A") -> Witness:
    user = Row(
        "res.users", 3, {"partner_id": 5, "company_id": 1, "company_ids": [1], "active": True}, "the user"
    )
    record = Row(
        model, 7, {"name": name, "partner_id": 8, "planted": None, "tall": True, "active": True}, "the record"
    )
    rows = (
        user,
        record,
        Row("res.company", 1, {"name": "Company A"}, "the user's company"),
        Row(
            "res.partner",
            5,
            {"name": "Contact A", "commercial_partner_id": 6, "parent_id": 6},
            "the user's contact",
        ),
        Row("res.partner", 6, {"name": "Contact B", "is_company": True}),
        Row("res.partner", 8, {"name": "Contact C", "commercial_partner_id": 9}),
        Row("res.partner", 9, {"name": "Contact D"}),
        Row("res.partner", 10, {"name": "Contact E"}),
    )
    return Witness(user, record, rows, (1,), True)


def proof(**changes: object) -> Proof:
    values: dict[str, object] = {
        "question": "isolation",
        "model": "garden.plant",
        "audience": "portal",
        "mode": Mode.READ,
        "verdict": Verdict.OPEN,
        "witness": witness(),
    }
    values.update(changes)
    return Proof(**values)  # type: ignore[arg-type]


def condition(text: str, sort: Sort = Sort.PLAIN, **more: object) -> Condition:
    return Condition(parse(text), (parse(text),), sort, **more)  # type: ignore[arg-type]


def proofs() -> list[Proof]:
    """One of each section, and some that say the same."""
    published = condition("[('website_published', '=', True)]", Sort.PUBLISHING)
    return [
        proof(),
        proof(mode=Mode.WRITE),
        proof(
            model="garden.bed",
            audience="public",
            verdict=Verdict.CONDITIONAL,
            condition=condition(
                "[('owner_id', '=', False)]", Sort.UNSET, user=("the user's partner is not set",)
            ),
            witness=witness("garden.bed", "Bed A"),
            mode=Mode.WRITE,
            rules=("garden.bed_company",),
            assumptions=(REQUIRED,),
        ),
        *(
            proof(model="garden.bed", audience=one, verdict=Verdict.CONDITIONAL, condition=published)
            for one in ("portal", "public")
        ),
        *(proof(model="garden.tag", audience=one, witness=None) for one in ("portal", "public")),
        proof(
            model="garden.visit",
            verdict=Verdict.UNKNOWN,
            witness=None,
            unknown=(Unknown("python-search", "The field near is searched by Python.", "near"),),
        ),
        proof(
            model="garden.order",
            verdict=Verdict.ISOLATED,
            witness=None,
            rules=("garden.plant_own",),
            assumptions=(PARENT, REQUIRED),
            checked=True,
        ),
        proof(model="garden.order", verdict=Verdict.NO_ACCESS, mode=Mode.UNLINK, witness=None),
        proof(
            question="separation",
            invariant="plants stay",
            mode=Mode.UNLINK,
            verdict=Verdict.NO_ACCESS,
            witness=None,
        ),
    ]


def difference(**changes: object) -> Difference:
    values: dict[str, object] = {
        "model": "garden.plant",
        "audience": "portal",
        "mode": Mode.READ,
        "change": Change.MORE,
        "gained": witness(),
        "causes": ("garden.plant_visitor", "garden.gone"),
    }
    values.update(changes)
    return Difference(**values)  # type: ignore[arg-type]
