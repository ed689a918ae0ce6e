"""Asking z3 about a world, and reading its model; asking cvc5 the same where two are to agree.

A question is put once, as text; every check of it assumes some of its named parts, so that a solver learns from one
check for the next.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import z3
from z3.z3core import Z3_solver_check_assumptions

from ostiary.prove.encode import World

EFFORT = 3_000_000
"""How much z3 may do for one check (its `rlimit`): some twenty times what the largest question about Odoo's own modules
takes. A count, so that the same question always ends the same way."""

LIMIT_MS = 4_000
"""How long z3 may take for one check all the same: on texts its `rlimit` hardly counts."""

_SECOND_LIMIT_MS = 20_000
_PIECE = re.compile(r"[()]|[^\s()]+")


class Disagreement(Exception):
    """Two solvers answered one question differently: one of them, or Ostiary, is wrong."""


class Solver:
    """One world, ready to be asked. `second`: cvc5 is asked too, and has to agree."""

    def __init__(self, world: World, *, second: bool = False) -> None:
        self.world = world
        self.text = world.script.text()
        self.second = second
        self.checks = 0
        # The solver without tactics before it, and the older arithmetic: a question is small and is asked many times.
        # A context of its own: in a shared one, an answer depends on what was asked before.
        self._context = z3.Context()
        self._solver = z3.SimpleSolver(ctx=self._context)
        self._solver.set("rlimit", EFFORT)
        self._solver.set("timeout", LIMIT_MS)
        self._solver.set("arith.solver", 2)
        self._solver.set("core.minimize", True)  # a proof names no assumption that it can do without
        self._solver.from_string(self.text)
        self._told = len(world.script)
        self._guards = {name: sentence for sentence, name in world.assumed.items()}
        self._named: dict[str, z3.BoolRef] = {}
        self._spent = 0

    def extend(self) -> None:
        """Take in what was added to the world since."""
        self._solver.from_string(self.world.script.text(self._told))
        self._told = len(self.world.script)
        self._guards = {name: sentence for sentence, name in self.world.assumed.items()}
        self.text = self.world.script.text()

    def check(self, parts: Iterable[str], *, guess: bool = False) -> bool | None:
        """Whether all the named parts can be so at once; None where z3 gives up.

        `guess`: parts that can't be read may be whatever helps; otherwise they hold nowhere and fail nowhere.
        """
        assumed = [*self._guards, *dict.fromkeys(parts)]
        guesses = [opaque.guess for opaque in self.world.opaques.values()]
        terms = [self._term(name) for name in assumed]
        terms += [self._term(name, guess) for name in guesses]
        self.checks += 1
        started = time.monotonic()
        found = self._asked(terms)
        answer = True if found == z3.sat else False if found == z3.unsat else None
        if answer is None and self._interrupted(time.monotonic() - started):
            raise KeyboardInterrupt
        if self.second and answer is not None:
            _agree(self.text, assumed, [(name, guess) for name in guesses], answer)
        return answer

    def _asked(self, terms: Sequence[z3.BoolRef]) -> z3.CheckSatResult:
        """As `z3.Solver.check`, which first has each term looked at anew: a good tenth of all that proofs take."""
        given = (z3.Ast * len(terms))(*(term.ast for term in terms))
        context, solver = self._context.ref(), self._solver.solver
        return z3.CheckSatResult(Z3_solver_check_assumptions(context, solver, len(terms), given))

    def _interrupted(self, seconds: float) -> bool:
        """Whether z3, which takes the signal for itself, gave up because of one and not for having done enough."""
        spent = self._solver.statistics().get_key_value("rlimit count") - self._spent
        self._spent += spent
        signal = self._solver.reason_unknown() in ("canceled", "interrupted from keyboard")
        return signal and spent < EFFORT and seconds * 1000 < 0.95 * LIMIT_MS

    def _term(self, name: str, positive: bool = True) -> z3.BoolRef:
        if not positive:
            return z3.Not(self._term(name))
        if name not in self._named:
            self._named[name] = z3.Bool(name, self._context)
        return self._named[name]

    def core(self) -> tuple[str, ...]:
        """The names that the last "no" rests on."""
        found = []
        for term in self._solver.unsat_core():
            name = term
            while z3.is_not(name):
                name = name.arg(0)
            found.append(str(name))
        return tuple(found)

    def assumptions(self) -> tuple[str, ...]:
        """What the last "no" takes for granted, one sentence each."""
        return tuple(sorted(self._guards[name] for name in self.core() if name in self._guards))

    def model(self) -> Model:
        """What the last "yes" looks like."""
        return Model(self._solver.model())


class Model:
    """An answer "yes": what each term comes to."""

    def __init__(self, model: z3.ModelRef) -> None:
        self._functions: dict[str, z3.FuncDeclRef] = {one.name(): one for one in model.decls()}
        self._model = model
        self._tables: dict[str, tuple[Mapping[tuple[object, ...], object], object]] = {}
        self._known: dict[str, object] = {}

    def value(self, term: str) -> object:
        """What a term comes to: an int, a bool, a Fraction or a str; None where the answer doesn't hang on it."""
        if term not in self._known:
            self._known[term] = self._value(_parsed(term))
        return self._known[term]

    def _value(self, term: Sequence[object] | str) -> object:
        if isinstance(term, str):
            if term.isdigit():
                return int(term)
            if term in ("true", "false"):
                return term == "true"
            return self._applied(term, ())
        name, *arguments = term
        if name == "-":
            inner = self._value(arguments[0])  # type: ignore[arg-type]
            return -inner if isinstance(inner, int | Fraction) else inner
        return self._applied(str(name), tuple(self._value(one) for one in arguments))  # type: ignore[arg-type]

    def _applied(self, name: str, arguments: tuple[object, ...]) -> object:
        function = self._functions.get(name)
        if function is None:
            return None
        if name not in self._tables:
            self._tables[name] = self._table(function)
        entries, otherwise = self._tables[name]
        return entries.get(tuple(0 if one is None else one for one in arguments), otherwise)

    def _table(self, function: z3.FuncDeclRef) -> tuple[Mapping[tuple[object, ...], object], object]:
        found = self._model[function]
        entries: dict[tuple[object, ...], object] = {}
        if not isinstance(found, z3.FuncInterp):
            return entries, _plain(found)
        for place in range(found.num_entries()):
            entry = found.entry(place)
            key = tuple(_plain(entry.arg_value(index)) for index in range(entry.num_args()))
            entries[key] = _plain(entry.value())
        return entries, _plain(found.else_value())


def _plain(value: object) -> object:
    if isinstance(value, z3.IntNumRef):
        return value.as_long()
    if isinstance(value, z3.RatNumRef):
        return Fraction(value.numerator_as_long(), value.denominator_as_long())
    if z3.is_true(value) or z3.is_false(value):
        return bool(z3.is_true(value))
    if z3.is_string_value(value):
        escaped = value.as_string()  # type: ignore[attr-defined]
        return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), escaped)
    return None


def _parsed(term: str) -> Sequence[object] | str:
    stack: list[list[object]] = [[]]
    for piece in _PIECE.findall(term):
        if piece == "(":
            stack.append([])
        elif piece == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(piece)
    return stack[0][0]  # type: ignore[return-value]


def _agree(text: str, assumed: Sequence[str], guesses: Sequence[tuple[str, bool]], answer: bool) -> None:
    """Raises Disagreement where cvc5 answers otherwise. Where it gives up, nothing is said."""
    import cvc5

    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(_SECOND_LIMIT_MS))
    solver.setLogic("ALL")
    parser = cvc5.InputParser(solver)
    said = [f"(assert {name})" for name in assumed]
    said += [f"(assert {name})" if value else f"(assert (not {name}))" for name, value in guesses]
    whole = "\n".join([text, *said])
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, whole, "question")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    found = solver.checkSat()
    if (found.isSat() and not answer) or (found.isUnsat() and answer):
        raise Disagreement(f"z3 answers {'sat' if answer else 'unsat'} and cvc5 the opposite")
