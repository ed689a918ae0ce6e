"""From Python's syntax tree to values and tests. Nothing is evaluated; only constants are folded."""

from __future__ import annotations

import ast

from .fold_constants import calculate, percent_format, str_format
from .read_conditions import ConditionReader
from .shapes import is_boolean, mapped_path, split_path, truth_of, without_sudo
from .values import (
    Call,
    Choice,
    Concat,
    Each,
    Literal,
    OpaqueValue,
    Sequence,
    Symbol,
    Test,
    Value,
    concat,
)
from .walk import opaques

_AS_THEY_ARE = frozenset({"list", "tuple", "set", "sorted"})


class Reader(ConditionReader):
    """Reads the values and tests of one text."""

    def value(self, node: ast.expr) -> Value:
        """The value that ``node`` stands for; what cannot be known becomes an :class:`OpaqueValue`.

        Raises :class:`TooComplex` beyond the limits.
        """
        self.enter()
        try:
            return self._value(node)
        finally:
            self.leave()

    def _value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name | ast.Attribute):
            return self.symbol(node)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._list(node)
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        return self._rarer(node)

    def _rarer(self, node: ast.expr) -> Value:
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.IfExp):
            return self._choice(self.test(node.test), node.body, node.orelse)
        if isinstance(node, ast.BoolOp):
            return self._either(node)
        if isinstance(node, ast.Compare):
            return self._as_value(self.test(node))
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return self._comprehension(node)
        if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
            return Literal("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))
        return self.opaque(node)

    def _list(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return self.opaque(node, "a list with unpacked values is only known by running it")
        return Sequence(tuple([self.value(item) for item in node.elts]))

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if value is None or isinstance(value, bool | int | float | str):
            return Literal(value)
        return self.opaque(node, "this sort of constant has no meaning in a domain")

    def _binary(self, node: ast.BinOp) -> Value:
        if not isinstance(node.op, ast.Add):
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(node.op, ast.Mod) and isinstance(left, Literal) and isinstance(left.value, str):
                return percent_format(left.value, right) or self.opaque(node)
            return calculate(node.op, left, right) or self.opaque(node)
        operands: list[ast.expr] = [node.right]
        at = node.left
        while isinstance(at, ast.BinOp) and isinstance(at.op, ast.Add):  # a long sum leans to the left
            operands.append(at.right)
            at = at.left
        total = self.value(at)
        for operand in reversed(operands):
            other = self.value(operand)
            total = calculate(node.op, total, other) or concat([total, other])
        return total

    def _unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return self._as_value(self.test(node))
        operand = self.value(node.operand)
        if isinstance(operand, Literal) and isinstance(operand.value, bool | int | float):
            if isinstance(node.op, ast.USub):
                return Literal(-operand.value)
            if isinstance(node.op, ast.UAdd):
                return Literal(+operand.value)
        return self.opaque(node)

    def _choice(self, test: Test | bool, then: ast.expr, otherwise: ast.expr) -> Value:
        if isinstance(test, bool):
            return self.value(then if test else otherwise)
        return Choice(test, self.value(then), self.value(otherwise))

    def _either(self, node: ast.BoolOp) -> Value:
        """``a or b`` and ``a and b``, which give one of their operands."""
        *firsts, last = node.values
        result = self.value(last)
        for first in reversed(firsts):
            value = self.value(first)
            if isinstance(value, Choice | Concat | Each | OpaqueValue) and not is_boolean(value):
                return self.opaque(node)  # it would have to be written twice, and grow with every level
            test = value.test if isinstance(value, Choice) else truth_of(value)
            if isinstance(test, bool):
                result = result if test is isinstance(node.op, ast.And) else value
            elif isinstance(node.op, ast.And):
                result = Choice(test, result, value if not isinstance(value, Choice) else Literal(False))
            else:
                result = Choice(test, value if not isinstance(value, Choice) else Literal(True), result)
        return result

    @staticmethod
    def _as_value(test: Test | bool) -> Value:
        return Literal(test) if isinstance(test, bool) else Choice(test, Literal(True), Literal(False))

    def _call(self, node: ast.Call) -> Value:
        if mapped_path(node) is not None or without_sudo(node) is not None:
            return self._path_call(node)
        groups = self.groups_asked(node)
        if groups is not None:
            return self._as_value(groups)
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(
            not word.arg for word in node.keywords
        ):
            return self.opaque(node)
        if isinstance(node.func, ast.Name | ast.Attribute):
            function = self.symbol(node.func)
            if isinstance(function, Symbol):
                return self._named_call(node, function)
            return self._formatted(node)
        return self.opaque(node)

    def _named_call(self, node: ast.Call, function: Symbol) -> Value:
        args = [self.value(arg) for arg in node.args]
        if not node.keywords and len(args) <= 1:
            if not function.path and function.root in _AS_THEY_ARE:
                if not args:
                    return Sequence(())
                if isinstance(args[0], Symbol | Sequence | Concat | Each):
                    return args[0]
            if function.path[-1:] == ("mapped",) and args and isinstance(args[0], Literal):
                names = split_path(args[0].value)  # a path put together from constants
                if names is not None:
                    return Symbol(function.root, (*function.path[:-1], *names))
        kwargs = tuple([(str(word.arg), self.value(word.value)) for word in node.keywords])
        return Call(function, tuple(args), kwargs)

    def _formatted(self, node: ast.Call) -> Value:
        """``'{} {}'.format(1, 2)`` of constants."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format" and not node.keywords:
            pattern = self.value(node.func.value)
            if isinstance(pattern, Literal) and isinstance(pattern.value, str):
                return str_format(pattern.value, [self.value(arg) for arg in node.args]) or self.opaque(node)
        return self.opaque(node)

    def _path_call(self, node: ast.Call) -> Value:
        """``x.mapped('a.b')`` or ``x.sudo()`` at the end of a path."""
        hop = mapped_path(node)
        if hop is None:
            inner = without_sudo(node)
            return self.value(inner) if inner is not None else self.opaque(node)
        base = self.value(hop[0])
        if not isinstance(base, Symbol):
            return self.opaque(node)
        return Symbol(base.root, base.path + hop[1])

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.is_async or not isinstance(generator.target, ast.Name):
            return self.opaque(node)
        variable = generator.target.id
        source = self.value(generator.iter)
        if isinstance(source, Sequence):
            return self._unrolled(node, variable, source)
        if not isinstance(source, Symbol | Concat | Each | Choice | Call):
            return self.opaque(node)
        outer, self.bound = self.bound, {**self.bound, variable: Symbol(variable)}
        try:
            element = self.value(node.elt)
            condition = self._all([self.test(test) for test in generator.ifs])
        finally:
            self.bound = outer
        unreadable = next(opaques(element), None)
        if unreadable is None and not isinstance(condition, bool):
            unreadable = next(opaques(condition), None)
        if unreadable is not None:
            return self.opaque(node)  # the unreadable part may use the variable
        if condition is False:
            return Sequence(())
        if condition is True:
            if element == Symbol(variable):
                return source
            if element == Symbol(variable, ("id",)) and isinstance(source, Symbol):
                return Symbol(source.root, (*source.path, "ids"))
        return Each(element, variable, source, None if condition is True else condition)

    def _unrolled(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, variable: str, source: Sequence
    ) -> Value:
        items: list[Value] = []
        outer = self.bound
        for item in source.items:
            self.bound = {**outer, variable: item}
            try:
                kept = self._all([self.test(test) for test in node.generators[0].ifs])
                if not isinstance(kept, bool):
                    return self.opaque(node)
                if kept:
                    items.append(self.value(node.elt))
            finally:
                self.bound = outer
        result = Sequence(tuple(items))
        return self.opaque(node) if next(opaques(result), None) else result
