"""The domain language of Odoo: read without running anything, simplified, folded, printed and put into
English.

A domain selects records by a prefix list of terms: ``['|', ('user_id', '=', user.id), ('user_id', '=',
False)]``. :func:`parse` makes a tree of its text, :func:`from_python` of lists already evaluated. Everything
else takes and gives that tree. Meaning that differs between Odoo versions is in :class:`DomainSemantics`.
"""

from .english import to_english
from .english_values import test_to_english, value_to_english
from .fold import fold, fold_test, fold_value
from .from_python import from_python
from .nodes import FALSE, TRUE, And, Constant, Domain, IfElse, Not, Opaque, Or, Term, conjunction, disjunction
from .normal import canonical, normalize, truth
from .odoo_text import term_to_odoo, test_to_odoo, to_odoo, value_to_odoo
from .operators import OPERATORS, Operator, find_operator
from .parse import parse
from .problems import Problem, problems
from .rewrite import distribute_not
from .semantics import DomainSemantics
from .source import line_and_column
from .values import (
    AllOf,
    AnyOf,
    Call,
    Choice,
    Compare,
    Concat,
    Each,
    HasGroup,
    Literal,
    Negated,
    OpaqueValue,
    Scalar,
    Sequence,
    Subdomain,
    Symbol,
    Test,
    Truthy,
    Value,
    concat,
)
from .walk import SymbolUse, children, nodes, opaques, paths, symbol_uses, symbols, terms

__all__ = [
    "FALSE", "OPERATORS", "TRUE", "AllOf", "And", "AnyOf", "Call", "Choice", "Compare", "Concat", "Constant",
    "Domain", "DomainSemantics", "Each", "HasGroup", "IfElse", "Literal", "Negated", "Not", "Opaque",
    "OpaqueValue",
    "Operator", "Or", "Problem", "Scalar", "Sequence", "Subdomain", "Symbol", "SymbolUse", "Term", "Test",
    "Truthy",
    "Value", "canonical", "children", "concat", "conjunction", "disjunction", "distribute_not",
    "find_operator",
    "fold", "fold_test", "fold_value", "from_python", "line_and_column", "nodes", "normalize", "opaques",
    "parse",
    "paths", "problems", "symbol_uses", "symbols", "term_to_odoo", "terms", "test_to_english", "test_to_odoo",
    "to_english", "to_odoo", "truth", "value_to_english", "value_to_odoo",
]  # fmt: skip
