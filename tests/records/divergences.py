"""Where Odoo's own search (SQL) and `filtered_domain` (Python) differ, as a table: who reads rules has to know these.

Most rows are among the executed cases or were read in `filtered_domain` and `expression.py` of 18. Rows that were not
held against Odoo for each of their versions only say what Ostiary's two evaluators do. `when` is wide: it names the
terms that may differ, so that more is left out of the comparison than does differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from records.strategies import NUMBERS, ORDER, RELATIONS, STRINGS, TREE, Leaf

X2MANY = ("one2many", "many2many")
NEGATIVE = frozenset({"!=", "not in", "not like", "not ilike", "not any"})
SAMES = frozenset({"=", "!=", "in", "not in", "=?"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A term, and what else decides: whether archived lines are left out, and all the texts there are."""

    leaf: Leaf
    active_test: bool
    texts: str

    @property
    def op(self) -> str:
        return self.leaf.operator

    @property
    def pattern(self) -> str | None:
        """The pattern of `like` and its kin."""
        return str(self.leaf.value) if self.op.endswith("like") else None

    @property
    def falsy(self) -> bool:
        return not all(self.leaf.values) or not self.leaf.values

    @property
    def ordered(self) -> bool:
        return self.op in ORDER

    @property
    def named(self) -> bool:
        """Records are asked for by their names."""
        return self.leaf.type in RELATIONS and any(isinstance(one, str) for one in self.leaf.values)

    @property
    def related(self) -> bool:
        return self.leaf.path[-1] in ("other_num", "other_name")

    @property
    def lines(self) -> bool:
        """The path leads through lines, some of which may be archived."""
        return any(type_ in X2MANY for type_ in self.leaf.types[:-1])


@dataclass(frozen=True, slots=True)
class Divergence:
    """`examples` are domains on the example rows of `test_agreement` for which the two answers differ."""

    name: str
    versions: str
    says: str
    when: Callable[[Asked], bool]
    examples: tuple[list[Any], ...]


def _zero_or_empty(value: Any) -> bool:
    return value is not False and value is not None and not value


TABLE = (
    Divergence(
        "negated-inequality",
        "17 18",
        "SQL turns `!` before `<` into `>=`, which leaves unset values out; Python takes the opposite.",
        lambda a: a.ordered and a.leaf.negated and not a.leaf.hops,
        (["!", ("d", "<", "2024-01-01")], ["!", ("sel", ">", "a")]),
    ),
    Divergence(
        "not-left-in-sql",
        "17 18",
        "An operator that has no opposite stays under NOT in SQL, where what is unset is neither.",
        lambda a: a.leaf.negated and not a.leaf.hops and a.op in ("=like", "=ilike", "=?", *TREE),
        (["!", ("name", "=like", "x")], ["!", ("other_id", "child_of", [1])]),
    ),
    Divergence(
        "date-for-a-time",
        "17 18",
        "SQL takes a date for a time as the end of its day with `>` and `<=`, Python always as midnight.",
        lambda a: a.leaf.type == "datetime" and a.op in (">", "<=") and len(str(a.leaf.value)) == 10,
        ([("dt", ">", "2024-01-31")], [("dt", "<=", "2024-01-31")]),
    ),
    Divergence(
        "fraction-of-a-second",
        "17 18",
        "Python refuses a time with a fraction of a second, SQL does not.",
        lambda a: a.leaf.type == "datetime" and any("." in str(value) for value in a.leaf.values),
        ([("dt", "<", "2024-01-31 23:59:59.500000")],),
    ),
    Divergence(
        "optional-equal",
        "17 18",
        "`=?` with 0 or '' is an ordinary `=` in SQL; in Python any false value means that nothing is asked.",
        lambda a: a.op == "=?" and _zero_or_empty(a.leaf.value),
        ([("amount", "=?", 0)], [("sel", "=?", "")]),
    ),
    Divergence(
        "related",
        "17 18 19",
        "SQL searches the end of a related field's path, which a record without the link does not reach; Python "
        "reads the field, which is then 0 or empty.",
        lambda a: a.related and (a.ordered or a.falsy or a.op in NEGATIVE or a.leaf.negated),
        ([("other_num", "<", 5)],),
    ),
    Divergence(
        "x2many-archived-or-unset",
        "17 18 19",
        "SQL looks at the links as they are stored; Python at the records that the field shows, without archived ones, "
        "and reads False as having none of those.",
        lambda a: a.leaf.type in X2MANY and a.op in SAMES and (a.active_test or a.falsy),
        ([("tag_ids", "in", [1])], [("line_ids", "=", 1)], [("tag_ids", "=", False)]),
    ),
    Divergence(
        "x2many-names",
        "17 18",
        "A list of texts on a one2many or many2many is a list of ids in SQL, which PostgreSQL refuses; Python compares "
        "names.",
        lambda a: a.leaf.type in X2MANY and a.op in ("in", "not in") and a.named,
        ([("tag_ids", "in", ["t1"])],),
    ),
    Divergence(
        "x2many-optional-equal",
        "17 18",
        "`=? False` on a one2many or many2many asks in SQL for records without any, in Python for nothing.",
        lambda a: a.leaf.type in X2MANY and a.op == "=?" and a.falsy,
        ([("tag_ids", "=?", False)],),
    ),
    Divergence(
        "empty-name",
        "18",
        "A record without a name has the name '' for SQL, the name False for Python.",
        lambda a: a.named and "" in a.leaf.values,
        ([("other_id", "in", ["", "x"])],),
    ),
    Divergence(
        "archived-lines-asked-for",
        "17 18 19",
        "A condition on `active` of lines shows the archived ones to SQL, never to Python.",
        lambda a: a.active_test and ((a.lines and a.leaf.path[-1] == "active")
                                     or (a.leaf.type in X2MANY and "active" in a.leaf.inside)),
        ([("tag_ids.active", "=", False)], [("line_ids", "any", [("active", "=", False)])]),
    ),
    Divergence(
        "archived-lines-in-trees",
        "17 18",
        "Python asks for a hierarchy by a search that sees archived lines too.",
        lambda a: a.op in TREE and a.lines and a.active_test,
        ([("line_ids.item_id", "child_of", [2])],),
    ),
    Divergence(
        "pattern-of-nothing",
        "17 18 19",
        "A pattern that the empty text matches (`%`) matches unset texts in Python, not in SQL.",
        lambda a: a.pattern is not None and not a.pattern.strip("%"),
        ([("name", "like", "%")], [("name", "=like", "%")]),
    ),
    Divergence(
        "backslash-at-the-end",
        "17 18 19",
        "SQL takes a backslash before the `%` that Odoo adds for an escape; Python drops it.",
        lambda a: a.pattern is not None and a.pattern.endswith("\\"),
        ([("note", "like", "\\")],),
    ),
    Divergence(
        "shell-patterns",
        "17",
        "Python's patterns are those of a shell: no escapes, `*`, `?` and `[` are special, `not like` searches the "
        "text as it is.",
        lambda a: a.pattern is not None
        and (any(char in a.pattern for char in "\\*?[") or (a.op in NEGATIVE and any(c in a.pattern for c in "%_"))),
        ([("note", "like", "*")], [("note", "not like", "a_c")]),
    ),
    Divergence(
        "ends-of-lines",
        "18",
        "`%` does not reach over the end of a line in Python, and a pattern may leave the last one out.",
        lambda a: a.pattern is not None and "\n" in a.texts,
        ([("note", "=like", "a%c")],),
    ),
    Divergence(
        "lower-case-of-whole-texts",
        "17 18 19",
        "Python makes the lower case of a whole text, where one letter may become two or depend on its place; "
        "PostgreSQL goes letter by letter.",
        lambda a: a.op.endswith("ilike") and any(char in a.texts for char in "İΣσς"),
        ([("own", "ilike", "ασ")],),
    ),
    Divergence(
        "paths-are-flattened",
        "17",
        "Python compares all the values along a path with the operand: a negative operator is true where there are "
        "none, and unset values are among them.",
        lambda a: a.leaf.hops and (a.op in NEGATIVE or a.falsy or a.ordered or a.op == "=?"),
        ([("other_id.name", "!=", "x")],),
    ),
    Divergence(
        "path-to-an-id",
        "17 18",
        "Python reads `many2one.id` as the many2one, so that unset ones take part.",
        lambda a: a.leaf.hops and a.leaf.path[-1] == "id" and (a.op in NEGATIVE or a.falsy),
        ([("other_id.id", "=", False)], [("other_id.id", "!=", 2)]),
    ),
    Divergence(
        "order-of-unset-texts",
        "17",
        "Python fails when it compares an unset text by `<` and its kin.",
        lambda a: a.ordered and a.leaf.type in (*STRINGS, "selection"),
        ([("name", "<", "x")],),
    ),
    Divergence(
        "unset-numbers",
        "17",
        "An unset number is 0 in Python, and nothing in SQL.",
        lambda a: a.leaf.type in NUMBERS and (a.ordered or a.falsy),
        ([("num", "=", 0)], [("amount", "<", 1)]),
    ),
    Divergence(
        "not-the-empty-text",
        "17 18",
        "`!= ''` leaves what is unset out in SQL: of a text in 17, of a selection in 17 and 18.",
        lambda a: a.op in ("=", "!=") and a.leaf.value == "" and a.leaf.type not in RELATIONS,
        ([("sel", "!=", "")],),
    ),
)  # fmt: skip


def known(version: str, leaf: Leaf, *, active_test: bool, texts: str) -> list[str]:
    """The names of the divergences that a term may show."""
    asked = Asked(leaf, active_test, texts)
    return [one.name for one in TABLE if version in one.versions.split() and one.when(asked)]
