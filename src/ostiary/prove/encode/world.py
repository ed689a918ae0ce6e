"""The records of a question as terms: what each field of each record is called, and what is known of it.

A record is an integer above 0, told apart by its model on our side of the text. A many2one is a function from records
to integers, 0 for "not set"; a plain value is a function beside one that says whether it is NULL; a many2many is a
relation. The records a question speaks of are kept, so that a statement about all lines can be made about each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ostiary.domain import Value
from ostiary.prove.encode.smt import FALSE, Script, TooLarge, conj, disj, equal, implies, neg, quoted, whole

MAX_INSTANCES = 2_000
"""How many times statements about all lines are made about one record."""

_USUAL = {
    "date": (738_521, 740_346),  # from 2023 to 2027
    "datetime": (1_672_531_200, 1_830_297_599),
    "integer": (0, 1000),
    "float": (0, 1000),
    "monetary": (0, 1000),
}
_GENERATIONS = 2
_MOST_TREES = 24  # whose roots are compared with each other
_DEEPEST = 3  # how far up a tree its parents are followed


@dataclass(frozen=True, slots=True)
class Rec:
    """A record: its model, and the term that stands for its id."""

    model: str
    term: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value: `null` says whether it is unset, `value` what it is otherwise. `type` is Odoo's."""

    null: str
    value: str
    type: str


@dataclass(frozen=True, slots=True)
class Read:
    """A field of a record that the text speaks of, for a witness to be read from a model."""

    record: Rec
    field: str
    term: str
    null: str = FALSE
    type: str = "many2one"
    comodel: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A possible link of a many2many that the text speaks of: `term` says whether it is there."""

    field: str
    record: Rec
    other: Rec
    term: str


@dataclass(slots=True)
class Opaque:
    """A part that can't be read. `guess` stands for "let it be whatever helps"."""

    why: str
    name: str
    guess: str


_REALS = frozenset({"float", "monetary"})
_BOUNDS = {
    "date": (1, 3_652_059),  # the years 1 to 9999, in days
    "datetime": (-62_135_596_800, 253_402_300_799),  # the same, in seconds from 1970
    "integer": (-(2**31), 2**31 - 1),
    "many2one_reference": (0, 2**31 - 1),
}
TEXTS = frozenset({"char", "text", "html", "selection", "reference"})


class World:
    """One question's records and what is asserted of them. `texts`: strings are strings, for the `like` family;
    otherwise each is a number of its own, which is quicker."""

    def __init__(self, texts: bool = False) -> None:
        self.script = Script()
        self.texts = texts
        self.records: dict[str, dict[str, int]] = {}
        self._saying = 0
        self._done: set[tuple[str, str]] = set()
        self._sure: set[str] = set()
        self.reads: dict[str, Read] = {}
        self.links: dict[str, Linked] = {}
        self.assumed: dict[str, str] = {}
        self.opaques: dict[tuple[str, str], Opaque] = {}
        self.computed: dict[tuple[str, str], str] = {}
        self.relations: dict[str, dict[tuple[Rec, Rec, str], None]] = {}
        self.frees: dict[tuple[Value, str], str] = {}
        self.trees: dict[tuple[str, str, str], str] = {}
        self.told: set[tuple[object, ...]] = set()
        """What was said already about a record: facts of its fields, and where it is in a tree."""
        self._functions: dict[tuple[str, ...], str] = {}
        self._every: list[tuple[str, str, Callable[[Rec], str]]] = []
        self._codes: dict[str, int] = {"": 0}
        self.shallow = self.script.declare("shallow", "", "Bool")
        self.flat = self.script.declare("flat", "", "Bool")
        self.usual = self.script.declare("usual", "", "Bool")

    # -- records -----------------------------------------------------------------------------------------------

    def record(self, model: str, prefix: str = "r") -> Rec:
        """Some record of the model."""
        term = self.script.declare(prefix, "", "Int")
        self.script.add(f"(> {term} 0)")
        self._sure.add(term)
        return self.known(Rec(model, term))

    def known(self, record: Rec) -> Rec:
        """Keep a record among those that a statement about all is made of. Those that such statements bring up
        themselves are of a later generation, and end at `_GENERATIONS`."""
        if self._saying <= _GENERATIONS:
            self.records.setdefault(record.model, {}).setdefault(record.term, self._saying)
        return record

    @property
    def saying(self) -> bool:
        """Whether a statement about all records is being made of one."""
        return self._saying > 0

    def function(self, key: tuple[str, ...], arguments: str, result: str) -> str:
        """The function kept under a key, declared when it is first asked for."""
        name = self._functions.get(key)
        if name is None:
            name = self._functions[key] = self.script.declare("f", arguments, result)
        return name

    def many2one(
        self, record: Rec, field: str, comodel: str, *, required: bool = False, kept: bool = True
    ) -> Rec:
        """What the many2one of a record holds; the term is 0 where it is not set, or where there is no record. What is
        not `kept` is left out where something is said of all records."""
        term = f"({self.function((record.model, field), 'Int', 'Int')} {record.term})"
        if term not in self.reads:
            self.reads[term] = Read(record, field, term, comodel=comodel)
            self.script.add(f"(>= {term} 0)")
            if comodel == record.model and field != "commercial_partner_id":
                self.script.add(implies(self.flat, equal(term, "0")))
            there = f"(> {record.term} 0)"
            if record.term not in self._sure:
                self.script.add(disj((there, equal(term, "0"))))
            if required:
                sentence = f"{record.model}.{field} is required, so it is always set."
                self.assume(sentence, implies(there, f"(> {term} 0)"))
        found = Rec(comodel, term)
        return self.known(found) if kept and not self._saying else found

    def scalar(self, record: Rec, field: str, type_: str, required: bool = False) -> Scalar:
        """The plain value of a record's field."""
        if field == "id":
            return Scalar(FALSE, record.term, "integer")
        value = f"({self.function((record.model, field), 'Int', self.sort(type_))} {record.term})"
        null = f"({self.function((record.model, field, 'null'), 'Int', 'Bool')} {record.term})"
        if value not in self.reads:
            self.reads[value] = Read(record, field, value, null, type_)
            self._bounded(value, type_)
            if field == "active" and type_ == "boolean":
                self.script.add(implies(self.usual, conj((neg(null), value))))
            if record.term not in self._sure:
                self.script.add(disj((f"(> {record.term} 0)", null)))
            if required and type_ != "boolean":
                sentence = f"{record.model}.{field} is required, so it is always set."
                there = f"(> {record.term} 0)"
                self.assume(sentence, implies(there, neg(null)))
        return Scalar(null, value, type_)

    def _bounded(self, value: str, type_: str) -> None:
        """Values are such as a database column holds and a calendar shows."""
        low, high = _BOUNDS.get(type_, (None, None))
        if low is not None and high is not None:
            self.script.add(f"(and (>= {value} {whole(low)}) (<= {value} {whole(high)}))")
        low, high = _USUAL.get(type_, (None, None))
        if low is not None and high is not None:
            usual = f"(and (>= {value} {whole(low)}) (<= {value} {whole(high)}))"
            self.script.add(implies(self.usual, usual))

    def linked(self, table: str, record: Rec, field: str, other: Rec, *, turned: bool) -> str:
        """Whether a many2many links a record with another. `turned`: the relation's first column is the other's."""
        name = self.function(("link", table), "Int Int", "Bool")
        pair = (other.term, record.term) if turned else (record.term, other.term)
        term = f"({name} {pair[0]} {pair[1]})"
        self.links.setdefault(term, Linked(field, record, other, term))
        return term

    def related(self, table: str, record: Rec, other: Rec) -> str:
        """Whether Python relates a record with another, of which nothing is known."""
        term = f"({self.function(('related', table), 'Int Int', 'Bool')} {record.term} {other.term})"
        self.relations.setdefault(table, {}).setdefault((record, other, term))
        return term

    def free(self, value: Value, type_: str) -> str:
        """A value that only running Odoo gives, such as today's date: whatever it may be."""
        term = self.frees.get((value, type_))
        if term is None:
            term = self.frees[value, type_] = self.script.declare("n", "", self.sort(type_))
            self._bounded(term, type_)
        return term

    # -- values ------------------------------------------------------------------------------------------------

    def sort(self, type_: str) -> str:
        if type_ == "boolean":
            return "Bool"
        if type_ in _REALS:
            return "Real"
        return "String" if type_ in TEXTS and self.texts else "Int"

    def text(self, value: str) -> str:
        """A text literal; the same text is always the same number."""
        if self.texts:
            return quoted(value)
        return str(self._codes.setdefault(value, len(self._codes)))

    def text_of(self, code: int) -> str | None:
        """The text that a number stands for, if it is one that the question names."""
        return next((text for text, one in self._codes.items() if one == code), None)

    # -- what is taken for granted -----------------------------------------------------------------------------

    def assume(self, sentence: str, formula: str) -> None:
        """Assert something under a name, so that a proof can say whether it rests on it."""
        guard = self.assumed.get(sentence)
        if guard is None:
            guard = self.assumed[sentence] = self.script.declare("A", "", "Bool")
        self.script.add(implies(guard, formula))

    def opaque(self, name: str, why: str, record: Rec, positive: bool) -> str:
        """A part that can't be read, said of a record: it holds only where guessing is allowed."""
        found = self.opaques.get((name, why))
        if found is None:
            found = self.opaques[name, why] = Opaque(why, name, self.script.declare("G", "", "Bool"))
        atom = f"({self.function(('opaque', name, why), 'Int', 'Bool')} {record.term})"
        return conj((found.guess, atom if positive else neg(atom)))

    # -- statements about all ----------------------------------------------------------------------------------

    def every(self, model: str, body: Callable[[Rec], str]) -> str:
        """A statement about every record of a model: the name of it. `finish` makes it of each record there is."""
        name = self.script.declare("q", "", "Bool")
        self._every.append((name, model, body))
        return name

    def finish(self) -> bool:
        """Make every statement about all of each record, until there is nothing new to say; false where there is too
        much of it. What is left unsaid only allows more: a proof still holds, a witness may turn out to be none."""
        done = self._done
        while True:
            fresh = [
                (name, model, body, term)
                for name, model, body in list(self._every)
                for term in list(self.records.get(model, ()))
                if (name, term) not in done
            ]
            if not fresh:
                return True
            for name, model, body, term in fresh:
                done.add((name, term))
                if len(done) > MAX_INSTANCES:
                    return False
                self._saying = self.records[model][term] + 1
                try:
                    said = body(Rec(model, term))
                except TooLarge:
                    return False
                finally:
                    self._saying = 0
                self.script.add(implies(name, disj((f"(<= {term} 0)", said))))

    # -- trees -------------------------------------------------------------------------------------------------

    def below(self, record: Rec, root: Rec, parent: str) -> str:
        """Whether a record is another one or lies below it, by the field `parent`."""
        key = (record.model, parent, root.term)
        name = self.trees.get(key)
        if name is None:
            name = self.trees[key] = self.function(("below", *key), "Int", "Bool")
            self.script.add(f"({name} {root.term})")
        self._climb(record, name, root, parent)
        self._same_tree(record, name, root, parent)
        return f"({name} {record.term})"

    def _same_tree(self, record: Rec, name: str, root: Rec, parent: str) -> None:
        """Two names of one root are the root of one tree, however far it is followed."""
        said = ("same tree", name, record.term)
        if said in self.told:
            return
        self.told.add(said)
        for (model, by, other), tree in list(self.trees.items())[:_MOST_TREES]:
            if (model, by) == (record.model, parent) and tree != name:
                same = equal(f"({name} {record.term})", f"({tree} {record.term})")
                self.script.add(implies(equal(root.term, other), same))

    def above(self, record: Rec, parent: Rec, by: str) -> None:
        """Say that a record's parent stands higher than it does: a tree has no cycles."""
        rank = self.function(("rank", record.model, by), "Int", "Int")
        both = conj((f"(> {record.term} 0)", f"(> {parent.term} 0)"))
        self.assume(
            "A tree has no cycles.", implies(both, f"(< ({rank} {parent.term}) ({rank} {record.term}))")
        )

    def _climb(self, record: Rec, name: str, root: Rec, parent: str) -> None:
        """What being below a root means, for a record and its nearest parents: to be it, or to have a parent that is
        below. A tree has no cycles, so a record isn't its own parent."""
        if (name, record.term) in self.told:
            return
        self.told.add((name, record.term))
        here = record
        for _ in range(_DEEPEST):
            above = self.many2one(here, parent, here.model, kept=False)
            # A contact at the top is its own commercial entity.
            further = neg(equal(above.term, here.term))
            down = conj((f"(> {above.term} 0)", further, f"({name} {above.term})"))
            said = equal(f"({name} {here.term})", disj((equal(here.term, root.term), down)))
            self.script.add(implies(f"(> {here.term} 0)", said))
            if parent != "commercial_partner_id":
                self.above(here, above, parent)
            here = above
        self.script.add(implies(self.shallow, f"(not ({name} {here.term}))"))
