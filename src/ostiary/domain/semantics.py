"""What each Odoo version means by a domain, as data.

A :class:`DomainSemantics` is passed wherever meaning differs between versions. Its rows come from
``ir_rule.py`` (``_eval_context``), ``osv/expression.py`` / ``orm/domains.py`` and ``models.py``
(``filtered_domain``) of each version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from .operators import OPERATORS, Operator

# tools/safe_eval.py, _BUILTINS
_BUILTINS = frozenset(
    [
        "True",
        "False",
        "None",
        "str",
        "int",
        "float",
        "bool",
        "list",
        "dict",
        "tuple",
        "set",
        "len",
        "sum",
        "min",
        "max",
        "abs",
        "any",
        "all",
        "map",
        "filter",
        "sorted",
        "range",
        "zip",
        "enumerate",
        "reduce",
        "round",
        "ord",
        "chr",
        "divmod",
        "isinstance",
        "repr",
        "bytes",
        "Exception",
    ]
)

_DATE_PARTS = frozenset(
    {
        "year_number",
        "quarter_number",
        "month_number",
        "iso_week_number",
        "day_of_year",
        "day_of_month",
        "day_of_week",
        "hour_number",
        "minute_number",
        "second_number",
    }
)


@dataclass(frozen=True, slots=True)
class DomainSemantics:
    """How one version reads a domain. Get one with :meth:`of`."""

    version: str
    """``"17"``, ``"18"``, ``"19"`` or ``"next"``."""
    names: frozenset[str]
    """Names that every record rule's evaluation context has (``ir.rule._eval_context``)."""
    module_names: Mapping[str, str]
    """Names that a module adds to that context: name to module."""
    builtins: frozenset[str]
    """Python builtins that ``safe_eval`` lets through."""
    operators_ignore_case: bool
    """``'ILIKE'`` is read as ``'ilike'`` (with a warning) instead of being refused."""
    in_accepts_scalar: bool
    """``('field', 'in', 1)`` is read as ``in [1]`` instead of raising ValueError on a plain column."""
    python_accepts_diamond: bool
    """``filtered_domain`` knows ``<>``."""
    python_path_is_any: bool
    """In Python too a dotted path means ``any``; otherwise the path is flattened by ``mapped``, which gives
    the opposite answer for negative operators on an empty relation."""
    negated_optional_equal: bool
    """``!`` is carried into ``=?`` (giving ``!=`` or nothing); otherwise it becomes an SQL ``NOT``."""
    negated_inequality_includes_null: bool
    """``! (date < x)`` also accepts an unset date in SQL, for field types without a falsy value."""
    negates_dotted_leaf: bool
    """``!`` is carried into a term on a property or a part of a date; otherwise it becomes an SQL ``NOT``."""
    null_number_is_zero: bool
    """An unset number counts as 0 in SQL."""
    null_text_is_empty: bool
    """An unset text and ``''`` are the same in SQL."""
    optional_equal_any_falsy: bool
    """``=?`` in SQL accepts everything for any falsy value, not only ``False`` and ``None``."""
    many2one_zero_is_unset: bool
    """``('many2one', '=', 0)`` means "not set" in SQL."""
    x2many_in_false_is_unset: bool
    """``('x2many', 'in', [False])`` means "not set" in SQL; otherwise the ``False`` is dropped."""
    one2many_unset_counts_archived: bool
    """``('one2many', '=', False)`` counts archived lines as lines in SQL."""
    rule_lines_ignore_active_test: bool
    """Rules see archived x2many lines whatever the calling context."""
    python_predicates: bool
    """``filtered_domain`` asks one predicate a field and stops as soon as the answer is known; otherwise it
    compares lists of values, of every record with every term, the last term first."""
    python_skips_unset: bool
    """An inequality in Python leaves False out; otherwise only what is None, so that an unset text fails."""
    python_patterns_escape: bool
    """``like`` in Python knows the escape ``\\``; otherwise patterns are those of a shell (``fnmatch``)."""
    python_patterns_cross_lines: bool
    """``%`` and ``_`` in Python stand for line ends too."""
    python_companies_tree: frozenset[str]
    """Fields whose ``child_of`` and ``parent_of`` are read off ``parent_ids`` in Python, without a search."""
    python_unreadable_names_are_empty: bool
    """A record whose name may not be read is compared as if its name was empty, instead of raising."""
    own_hierarchy_needs_path: bool
    """The tree of a model with ``parent_path`` is followed by it only where the field is the model's own parent
    field; otherwise also for ``child_of`` on another many2one to the same model."""
    python_dates_are_midnight: bool
    """``filtered_domain`` reads a date given for a datetime as midnight with every operator."""
    links_ask_for_right: bool
    """Reading a many2many asks for the right to read its model; otherwise only that model's rules choose."""
    relative_dates: bool
    """Dates may be written ``'today'``, ``'-7d'``, ``'=monday'``."""
    equal_is_in: bool
    """``=`` and ``!=`` are read as ``in`` and ``not in`` a set of one value before SQL is written."""
    equality_cleans_html: bool
    """SQL compares an HTML field for equality with the value as the field would keep it, cleaned, as for ``<``;
    otherwise with the value as given."""
    not_includes_unknown: bool
    """The ``!`` that is left in SQL also accepts what is unknown (``IS NOT TRUE`` instead of ``NOT``)."""
    falsy_equals_unset: bool
    """``=`` with any falsy value (``''`` for a selection) also finds unset values of types without a falsy value."""
    negated_empty_pattern_finds_unset: bool
    """``('text', 'not like', '')`` finds unset texts in SQL, instead of nothing."""
    unsearchable_is_true: bool
    """A search takes a term on a field that can't be searched for TRUE, instead of failing."""
    every_field_checked: bool
    """Field groups are asked for every field that a user's domain names; otherwise only where a column is read, so
    that one2many, many2many and computed fields are searched by anybody."""
    related_follows_caller: bool
    """A related field that is not stored is searched with the caller's rights, as its path written out."""
    related_unset_by_falsy: bool
    """A search for 0, ``''`` or False of a related field finds records without a record on its path."""
    field_domain_narrows_any: bool
    """``any`` on a one2many or many2many only sees what the field's own domain selects."""
    ids_follow_field_domain: bool
    """``in`` with ids on a one2many or many2many only sees what the field's own domain selects."""
    negated_name_is_complement: bool
    """``('many2one', 'not like', x)`` is the opposite of finding by name; otherwise those are searched whose name
    does not match, so that what the user may not read is not found either."""
    relation_context_for_names: bool
    """Records are found by name, for a one2many, a many2many or a hierarchy, with the context of the field (archived
    ones too for a many2one); otherwise with the caller's."""
    archived_beyond_many2one: bool
    """What lies beyond a many2one in a path is seen archived too; otherwise only the many2one's record is."""
    hierarchy_asks_access: bool
    """``child_of`` and ``parent_of`` ask for the right to read the model, even where ids are given."""
    hierarchy_fails_on_missing: bool
    """``child_of`` and ``parent_of`` fail with MissingError for the id of a record that doesn't exist."""
    self_links_hierarchy_is_own: bool
    """``child_of`` on a many2many to its own model tests the record itself instead of what it is linked to."""
    time_by_second: bool
    """A time is compared by the whole second (and a date by the whole day) in SQL, so that ``=`` is a range."""
    date_parts: frozenset[str]
    """Last path elements that read a part of a date (``create_date.month_number``): not a hop to a record."""

    @classmethod
    def of(cls, version: str | int | float) -> DomainSemantics:
        """The semantics of an Odoo version.

        Takes ``17``, ``"17"``, ``"17.0"``, ``"saas~18.2"``, ``"next"`` or ``"master"``. A saas release has
        the meaning of the major before it, except from saas~19.4 on, which is ``"next"``.
        Raises ValueError for anything else.
        """
        text = str(version).strip().lower()
        if text in ("next", "master"):
            return _ROWS["next"]
        match = re.fullmatch(r"(saas[~-])?(\d+)(?:\.(\d+))?(?:[+.-].*)?", text)
        if match is not None:
            if match[1] and match[2] == "19" and int(match[3] or 0) >= 4:
                return _ROWS["next"]
            if match[2] in _ROWS:
                return _ROWS[match[2]]
        known = ", ".join(_ROWS)
        raise ValueError(f"unknown Odoo version {version!r}: Ostiary knows the domains of {known}")

    def operator(self, name: str) -> Operator | None:
        """The operator ``name`` as this version reads it, or ``None`` where this version refuses it."""
        row = OPERATORS.get(name)
        if row is None and self.operators_ignore_case:
            row = OPERATORS.get(name.lower())
        return row if row is not None and self.version in row.versions else None

    def complement(self, name: str) -> str | None:
        """The operator that ``!`` turns ``name`` into in this version, or ``None`` where it has none."""
        row = self.operator(name)
        other = row and row.complement
        return other if other and self.version in OPERATORS[other].versions else None

    def knows_name(self, name: str) -> bool:
        """Whether a record rule may use this name: always there, added by a module, or a builtin."""
        return name in self.names or name in self.module_names or name in self.builtins


_17 = DomainSemantics(
    version="17",
    names=frozenset({"user", "company_id", "company_ids", "time"}),
    module_names=MappingProxyType({"website": "website"}),
    builtins=_BUILTINS,
    operators_ignore_case=False,
    in_accepts_scalar=False,
    python_accepts_diamond=False,
    python_path_is_any=False,
    negated_optional_equal=False,
    negated_inequality_includes_null=False,
    negates_dotted_leaf=True,
    null_number_is_zero=False,
    null_text_is_empty=False,
    optional_equal_any_falsy=False,
    many2one_zero_is_unset=False,
    x2many_in_false_is_unset=False,
    one2many_unset_counts_archived=True,
    rule_lines_ignore_active_test=False,
    python_predicates=False,
    python_skips_unset=False,
    python_patterns_escape=False,
    python_patterns_cross_lines=False,
    python_companies_tree=frozenset({"company_id"}),
    python_unreadable_names_are_empty=False,
    own_hierarchy_needs_path=False,
    python_dates_are_midnight=True,
    links_ask_for_right=False,
    relative_dates=False,
    equal_is_in=False,
    equality_cleans_html=True,
    not_includes_unknown=False,
    falsy_equals_unset=False,
    negated_empty_pattern_finds_unset=True,
    unsearchable_is_true=True,
    every_field_checked=True,
    related_follows_caller=True,
    related_unset_by_falsy=False,
    field_domain_narrows_any=False,
    ids_follow_field_domain=False,
    negated_name_is_complement=False,
    relation_context_for_names=False,
    archived_beyond_many2one=True,
    hierarchy_asks_access=False,
    hierarchy_fails_on_missing=True,
    self_links_hierarchy_is_own=True,
    time_by_second=False,
    date_parts=frozenset(),
)
_18 = replace(
    _17,
    version="18",
    python_path_is_any=True,
    python_skips_unset=True,
    python_patterns_escape=True,
    python_companies_tree=frozenset({"company_id", "company_ids"}),
    python_unreadable_names_are_empty=True,
    negated_optional_equal=True,
    null_number_is_zero=True,
    null_text_is_empty=True,
    many2one_zero_is_unset=True,
    one2many_unset_counts_archived=False,
    falsy_equals_unset=True,
    negated_empty_pattern_finds_unset=False,
    every_field_checked=False,
    related_follows_caller=False,
    field_domain_narrows_any=True,
    negated_name_is_complement=True,
    relation_context_for_names=True,
    self_links_hierarchy_is_own=False,
    date_parts=_DATE_PARTS,
)
_19 = replace(
    _18,
    version="19",
    names=_18.names - {"time"},
    operators_ignore_case=True,
    in_accepts_scalar=True,
    python_accepts_diamond=True,
    negated_inequality_includes_null=True,
    negates_dotted_leaf=False,
    optional_equal_any_falsy=True,
    many2one_zero_is_unset=False,
    x2many_in_false_is_unset=True,
    one2many_unset_counts_archived=True,
    rule_lines_ignore_active_test=True,
    python_predicates=True,
    python_patterns_cross_lines=True,
    python_companies_tree=frozenset(),
    own_hierarchy_needs_path=True,
    python_dates_are_midnight=False,
    links_ask_for_right=True,
    relative_dates=True,
    equal_is_in=True,
    equality_cleans_html=False,
    not_includes_unknown=True,
    falsy_equals_unset=False,
    unsearchable_is_true=False,
    every_field_checked=True,
    related_unset_by_falsy=True,
    ids_follow_field_domain=True,
    archived_beyond_many2one=False,
    hierarchy_asks_access=True,
    hierarchy_fails_on_missing=False,
    time_by_second=True,
)
_NEXT = replace(_19, version="next", names=_19.names | {"time"})

_ROWS = {row.version: row for row in (_17, _18, _19, _NEXT)}
