"""What a test says: which guards hold where it is true, and which where it is false."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from msgspec.structs import replace

from ostiary.code.flow.names_held import within
from ostiary.code.flow.run import Run
from ostiary.code.flow.sinks import compared
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    CONSTANT,
    REQUEST,
    UNSET,
    Dict,
    Facts,
    Ident,
    Method,
    Plain,
    Records,
    Request,
    Seq,
    Value,
    inner_given,
    inner_sources,
    known,
    mixed,
    options,
)
from ostiary.code.flow.words import PUBLIC, PUBLISHED, SECRET, STATE
from ostiary.policy.code import Choice, Guard, GuardKind


@dataclass(frozen=True, slots=True)
class Test:
    """A test: `const` where its outcome is sure, and what holds in either case. `exits` holds where one side of a test
    on what a helper found does not go on."""

    const: bool | None
    yes: Facts
    no: Facts
    exits: Facts


def tested(run: Run, state: State, node: ast.expr) -> tuple[Test, Value]:
    """What a condition says, and its value."""
    value = truth(run, node, run.evaluate(state, node))
    return Test(
        _sure(run, node, value),
        value.yes,
        value.no,
        ((REQUEST, run.guard(GuardKind.AUTHENTICATED, node)),) if value.authenticates else (),
    ), value


def _sure(run: Run, node: ast.expr, value: Value) -> bool | None:
    """The outcome of a test, where it is written there or was given to the helper that is gone through."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(value, Plain) and value.always and isinstance(node, ast.Name):
        return True
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) else node
    constant = known(value)
    flag = isinstance(inner, ast.Name) and isinstance(constant, bool) and not value.given
    if flag and len(run.frames) > 1 and isinstance(inner, ast.Name):
        tree = run.frame.function.node
        arguments = tree.args if tree is not None else ast.arguments([], [], None, [], [], None, [])
        names = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        return constant if inner.id in names else None
    return None


# -- comparing ---------------------------------------------------------------------------------


_EQUAL = (ast.Eq, ast.Is)
_DIFFERENT = (ast.NotEq, ast.IsNot)


def compare(run: Run, state: State, node: ast.Compare, left: Value, right: Value, op: ast.cmpop) -> Value:
    """What `left op right` says."""
    found = mixed(left, right)
    plain = replace(found, number=True, loose=frozenset(), const=UNSET, sources=(), secret=False)
    plain = replace(plain, authenticates=left.authenticates or right.authenticates)
    if isinstance(op, (*_EQUAL, *_DIFFERENT, ast.In, ast.NotIn)):
        facts = _facts(run, state, node, left, right, isinstance(op, ast.In | ast.NotIn))
        if _is_nothing(left) or _is_nothing(right):
            # `x is None`, `x == False`: true where what was tested is false.
            other = right if _is_nothing(left) else left
            return _turned(plain, op, other.no, other.yes)
        return _turned(plain, op, facts, ())
    if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        states = _state_facts(run, node, left) + _state_facts(run, node, right)
        return replace(plain, yes=(*states, *within(run, node, op, left, right)), no=states)
    return plain


def _is_nothing(value: Value) -> bool:
    constant = known(value)
    return constant is None or constant is False or constant == ""


def _turned(value: Plain, op: ast.cmpop, yes: Facts, no: Facts) -> Plain:
    if isinstance(op, (*_DIFFERENT, ast.NotIn)):
        yes, no = no, yes
    return replace(value, yes=(*value.yes, *yes), no=(*value.no, *no))


def _facts(run: Run, state: State, node: ast.Compare, left: Value, right: Value, contained: bool) -> Facts:
    """What holds where both are equal, or the left one is in the right one."""
    found: list[tuple[Ident, Guard]] = []
    found += _owner(run, node, left, right)
    if not found:
        found += _owner(run, node, right, left)
    if not found:
        found += _member(run, state, node, left, right, contained)
    if not found:
        found += _token(run, state, node, left, right)
    if not found:
        found += _published(run, node, left) or _published(run, node, right)
        found += _state_facts(run, node, left) or _state_facts(run, node, right)
        found += _shape(run, node, left, right, contained)
    return tuple(found)


def roots(value: Value) -> tuple[Records, ...]:
    """The records that a value is, or was read from."""
    found: dict[object, Records] = {}
    for one in options(value):
        if isinstance(one, Records):
            found[one.ident] = one
        elif isinstance(one, Plain) and one.of is not None:
            found[one.of.ident] = one.of
        for records, _ in inner_sources(one):
            found.setdefault(records.ident, records)
    return tuple(found.values())


def idents(records: Records) -> tuple[Ident, ...]:
    """These records, and those that they were reached from: an order, where this is the partner of it."""
    found = [records.ident]
    ident = records.ident
    while ident[0] == "rel" and len(found) < 8:
        ident = ident[1]  # type: ignore[assignment]
        found.append(ident)
    return tuple(found)


def _owner(run: Run, node: ast.AST, mine: Value, other: Value) -> Facts:
    """What belongs to a record is compared with who asks, or a value with what is theirs."""
    if not mine.own or other.own:
        return ()
    guard = run.guard(GuardKind.OWNER, node)
    facts: dict[tuple[Ident, Guard], None] = {}
    for records in roots(other):
        for ident in idents(records):
            facts[ident, guard] = None
        if records.ident[0] == "browse" and isinstance(records.ident[2], tuple):
            facts[records.ident[2], guard] = None
    if not facts and other.key is not None and inner_given(other):
        facts[other.key, guard] = None
    return tuple(facts)


def _member(run: Run, state: State, node: ast.AST, left: Value, right: Value, contained: bool) -> Facts:
    """The record, or its id, is one of those of a record that passed: `line in order.lines`, `line.order == order`."""
    for inner, outer in ((left, right), (right, left)):
        for container in roots(outer):
            guards = tuple(guard for guard in state.guards(container) if guard.kind in _PASSED)
            passed = bool(guards) or container.choice in _TRUSTED
            if not passed:
                continue
            facts: list[tuple[Ident, Guard]] = []
            guard = run.guard(GuardKind.MEMBER, node, container.model)
            for records in roots(inner):
                if records.ident != container.ident and not (set(idents(records)) & set(container.up)):
                    facts += [(ident, guard) for ident in idents(records)]
            if not facts and inner.key is not None and inner_given(inner):
                facts.append((inner.key, guard))
            if facts:
                return tuple(facts)
        if contained:
            break
    return ()


_PASSED = frozenset({
    GuardKind.ACCESS, GuardKind.READ, GuardKind.DOCUMENT, GuardKind.OWNER, GuardKind.TOKEN, GuardKind.TOKEN_UNSAFE,
    GuardKind.MEMBER, GuardKind.PUBLISHED,
})  # fmt: skip
_TRUSTED = frozenset({"own", "session", "token", "converter"})


def _token(run: Run, state: State, node: ast.AST, left: Value, right: Value) -> Facts:
    """Something that was sent is compared with a secret, by an operator."""
    for sent, kept in ((left, right), (right, left)):
        if inner_given(sent) and kept.secret and not inner_given(kept) - inner_given(sent):
            compared(run, state, node, sent, kept, safe=False)
            return token_facts(run, node, kept, sent, GuardKind.TOKEN_UNSAFE)
    return ()


def token_facts(run: Run, node: ast.AST, kept: Value, sent: Value, kind: GuardKind) -> Facts:
    """The guards that comparing something sent with a secret is: of the record whose it is, or of the request."""
    found: list[tuple[Ident, Guard]] = []
    for records, name in inner_sources(kept):
        if records.model == "ir.config_parameter" or (records.choice in _TRUSTED and records.own):
            continue
        if SECRET.search(name) or kept.secret:
            guard = run.guard(kind, node, records.model)
            found += [(ident, guard) for ident in idents(records)]
            found += [(up, guard) for up in records.up]
    if not found:
        found.append((REQUEST, run.guard(GuardKind.AUTHENTICATED, node)))
        if sent.key is not None:
            found.append((sent.key, run.guard(GuardKind.AUTHENTICATED, node)))
        # What the secret was worked out from is held to what was sent as well: `hmac(id) == signature`.
    for given_key in _keys(kept):
        found.append((given_key, run.guard(GuardKind.TOKEN, node)))
    return tuple(found)


def _keys(value: Value) -> tuple[Ident, ...]:
    key = value.key
    if key is None or key[0] != "made-of":
        return ()
    return tuple(one for one in key[1:] if isinstance(one, tuple))


def _published(run: Run, node: ast.AST, value: Value) -> Facts:
    found: list[tuple[Ident, Guard]] = []
    for records, name in value.sources:
        if name in PUBLISHED or PUBLIC.search(name):
            guard = run.guard(GuardKind.PUBLISHED, node, records.model)
            found += [(ident, guard) for ident in idents(records)]
    return tuple(found)


_SAYS_WHO = re.compile(
    r"^(?:user_)?(?:can|may)_|is_allowed|has_access|current_user|is_(?:mine|author|owner|member|follower)|_author$|accessible"
)


def _allowed(run: Run, node: ast.AST, value: Value) -> Facts:
    """A field named `can_...` says what this user may do with the record; how it is computed was not followed."""
    found: list[tuple[Ident, Guard]] = []
    for records, name in value.sources:
        if _SAYS_WHO.search(name):
            guard = run.guard(GuardKind.HELPER, node, records.model)
            found += [(ident, guard) for ident in idents(records)]
    return tuple(found)


def _state_facts(run: Run, node: ast.AST, value: Value) -> Facts:
    found: list[tuple[Ident, Guard]] = []
    for records, name in value.sources:
        if STATE.search(name):
            guard = run.guard(GuardKind.STATE, node, records.model)
            found.append((records.ident, guard))
    return tuple(found)


def _shape(run: Run, node: ast.AST, left: Value, right: Value, contained: bool) -> Facts:
    """What was sent is one of a few constants: it is no longer anything."""
    if contained and left.key is not None and inner_given(left) and not inner_given(right):
        listed = isinstance(right, Dict) or (isinstance(right, Seq) and right.rest is None)
        return ((left.key, run.guard(GuardKind.STATE, node, mode=CONSTANT if listed else "")),)
    for sent, constant in ((left, right), (right, left)):
        if (
            not contained
            and sent.key is not None
            and inner_given(sent)
            and known(constant) not in (UNSET, None, False)
        ):
            facts = ((sent.key, run.guard(GuardKind.STATE, node, mode=CONSTANT)),)
            by_header = any(one.source == "header" for one in inner_given(sent))
            return (*facts, (REQUEST, run.guard(GuardKind.STATE, node))) if by_header else facts
        if isinstance(sent, Method) and sent.target == Request(part="httprequest") and sent.name == "method":
            return ((REQUEST, run.guard(GuardKind.STATE, node)),)
    return ()


# -- truth ------------------------------------------------------------------------------------


def truth(run: Run, node: ast.AST, value: Value) -> Value:
    """A value as a test takes it: `record.website_published` says that it is published."""
    facts: Facts = ()
    if isinstance(value, Plain) and any(name == "share" and one.own for one, name in value.sources):
        return replace(value, no=(*value.no, (REQUEST, run.guard(GuardKind.GROUP, node, text="internal"))))
    if isinstance(value, Plain) and value.sources and not value.yes:
        facts = _published(run, node, value) or _allowed(run, node, value)
        states = _state_facts(run, node, value)
        return replace(value, yes=(*value.yes, *facts, *states), no=(*value.no, *states))
    if isinstance(value, Records) and value.choice is Choice.TOKEN and _ACCOUNT.search(value.model):
        # Who asks has been found by a key of theirs.
        return replace(
            value, yes=(*value.yes, (REQUEST, run.guard(GuardKind.AUTHENTICATED, node, value.model)))
        )
    return value


_ACCOUNT = re.compile(
    r"res\.users|(?:^|[._])(?:api|key|client|application|app|device|integration|credential)s?(?:$|[._])"
)


def negated(value: Value) -> Value:
    """`not value`."""
    found = mixed(value)
    constant = known(value)
    return replace(
        found,
        const=(not constant) if constant is not UNSET and not value.given else UNSET,
        yes=value.no,
        no=value.yes,
        number=True,
        loose=frozenset(),
        sources=(),
        authenticates=value.authenticates,
    )
