"""From Python's syntax tree to the tests of conditional expressions."""

from __future__ import annotations

import ast
from typing import Final

from .read_base import ReaderBase
from .shapes import join_tests, truth_of
from .values import Compare, HasGroup, Literal, Negated, Symbol, Test, Value

_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


class ConditionReader(ReaderBase):
    """Reads what conditionals ask. Values are read by the class below it."""

    def value(self, node: ast.expr) -> Value:
        """The value that ``node`` stands for."""
        raise NotImplementedError

    def test(self, node: ast.expr) -> Test | bool:
        """What a conditional asks, or its answer when that is constant."""
        self.enter()
        try:
            if isinstance(node, ast.BoolOp):
                tests = [self.test(item) for item in node.values]
                return self._all(tests) if isinstance(node.op, ast.And) else self._any(tests)
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
                inner = self.test(node.operand)
                return not inner if isinstance(inner, bool) else Negated(inner)
            if isinstance(node, ast.Compare):
                return self._compare(node)
            if isinstance(node, ast.Call):
                groups = self.groups_asked(node)
                if groups is not None:
                    return groups
            return truth_of(self.value(node))
        finally:
            self.leave()

    def _compare(self, node: ast.Compare) -> Test | bool:
        operands = [self.value(node.left), *[self.value(item) for item in node.comparators]]
        tests: list[Test | bool] = []
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            name = _COMPARISONS[type(op)]
            if name in ("==", "!=") and isinstance(left, Literal) and isinstance(right, Literal):
                tests.append((left.value == right.value) is (name == "=="))
            else:
                tests.append(Compare(name, left, right))
        return self._all(tests)

    def groups_asked(self, node: ast.Call) -> Test | bool | None:
        """``user.has_group('x')``, and ``user.has_groups('x,!y')`` which is several of them."""
        func = node.func
        if not isinstance(func, ast.Attribute) or func.attr not in (
            "has_group",
            "has_groups",
            "user_has_groups",
        ):
            return None
        if "user" in self.bound:
            return None
        who = self.symbol(func)
        if who not in (Symbol("user", (func.attr,)), Symbol("user", ("env", "user", func.attr))):
            return None
        if len(node.args) != 1 or node.keywords:
            return None
        asked = self.value(node.args[0])
        if not isinstance(asked, Literal) or not isinstance(asked.value, str):
            return None
        names = asked.value
        if func.attr == "has_group":
            return HasGroup(names)
        listed = [name.strip() for name in names.split(",")]
        refused: list[Test | bool] = [Negated(HasGroup(name[1:])) for name in listed if name.startswith("!")]
        wanted: list[Test | bool] = [HasGroup(name) for name in listed if not name.startswith("!")]
        return self._all([*refused, self._any(wanted)] if wanted else refused)

    @staticmethod
    def _all(tests: list[Test | bool]) -> Test | bool:
        return join_tests(tests, every=True)

    @staticmethod
    def _any(tests: list[Test | bool]) -> Test | bool:
        return join_tests(tests, every=False)
