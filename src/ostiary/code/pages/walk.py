"""What a page shows: its tree gone through with what is known of its values, as QWeb goes through it.

Follows `ir.qweb` (`_directives_eval_order` and what each directive does) of 17.0 to 19.0. Both sides of a condition are
gone through, and a loop once.
"""

from __future__ import annotations

from ostiary.code.pages import who
from ostiary.code.pages.called import World
from ostiary.code.pages.expressions import Evaluator, names_in
from ostiary.code.pages.found import MAX_FOUND, Found, Gathered, Shared
from ostiary.code.pages.live import CALLS, EVERY, FORMAT, Body, Live, body_of
from ostiary.code.pages.output import HANDLERS, raw_of, widget_of
from ostiary.code.pages.templates import Templates, Tree
from ostiary.code.pages.values import (
    ANY,
    GLOBALS,
    PLAIN,
    Scope,
    Sort,
    Value,
    Values,
    environment,
    few,
    made,
    other,
    read,
)
from ostiary.policy.code import Raw, Shown

_OUTPUT = ("t-field", "t-out", "t-esc", "t-raw")
_SLOT = "0"
_NEVER = frozenset({"False", "0", "None", "false"})
_LOOP = ("_index", "_size", "_first", "_last", "_odd", "_even", "_parity")
_TELLING = frozenset({Sort.RECORDS, Sort.FIELD, Sort.GIVEN})
_MAX_DEPTH = 220
_MAX_CALLS = 25
_MAX_ELEMENTS = 100_000
_MAX_TOTAL = 1_000_000
_MAX_KEPT = 50_000


class Walker:
    """Goes through the templates of a policy; what one shows for the same values is found once."""

    def __init__(self, world: World, templates: Templates) -> None:
        self.world = world
        self.policy = policy = world.policy
        self.templates = templates
        self.everywhere = environment(policy)
        self.left = _MAX_ELEMENTS
        self.total = _MAX_TOTAL
        self._memo: dict[object, Found] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._evaluated: dict[object, tuple[Values, list[Value], bool]] = {}
        self._bodies: dict[str, Body | None] = {}
        self._active: set[object] = set()

    def page(self, xmlid: str, given: Scope) -> Found:
        """What a template shows that is rendered with some values."""
        self.total -= _MAX_ELEMENTS - self.left
        self.left = min(_MAX_ELEMENTS, max(self.total, 0))
        scope = {**self.everywhere, **given}
        # What the page can't change, whatever it is given.
        scope.update({name: self.everywhere[name] for name in ("request", "env")})
        return self.called(xmlid, scope, 0)

    def called(self, xmlid: str, scope: Scope, depth: int) -> Found:
        """What a template shows in a scope, of which only the names count that it, or one it calls, uses."""
        key = (xmlid, frozenset((name, scope[name]) for name in self.used(xmlid, scope)))
        if key in self._memo:
            return self._memo[key]
        # A template that calls itself for the records below shows the same of those.
        shape = (xmlid, frozenset((name, _sorts(values)) for name, values in key[1]))
        if shape in self._active:
            return Found()
        if depth > _MAX_CALLS:
            return Found(unread=(f"{xmlid} and what it calls, since too many templates call each other",))
        self._active.add(shape)
        found = _Pass(self, self.templates.tree(xmlid), depth).run(self.body(xmlid), dict(scope))
        self._active.discard(shape)
        self._memo[key] = found
        return found

    def alone(self, tree: Tree) -> Found:
        """What a part of a page shows that nothing is known to render."""
        body = None if tree.root is None else body_of(tree.root)
        return _Pass(self, tree, _MAX_CALLS, alone=True).run(body, dict(self.everywhere))

    def same_everywhere(self, xmlid: str, scope: Scope) -> Shared | None:
        """A template as it is on every page; None where something goes into it that the page was given, or found."""
        plain: set[str] = set()
        unknown: set[str] = set()
        for name in self.used(xmlid, scope):
            values = scope[name]
            if values == self.everywhere.get(name):
                continue
            if any(
                one.sort in _TELLING or one.raw or one.yes or one.no or one.const or one.items
                for one in values
            ):
                return None
            (plain if values == (PLAIN,) else unknown).add(name)
        return Shared(xmlid, frozenset(plain), frozenset(unknown))

    def used(self, xmlid: str, scope: Scope) -> list[str]:
        """The names of a scope that count for a template."""
        names = self.names(xmlid)
        return list(scope) if EVERY in names else [name for name in scope if name in names or name == ANY]

    def names(self, xmlid: str) -> frozenset[str]:
        """The names that a template uses, and those it calls."""
        known = self._names.get(xmlid)
        if known is not None:
            return known
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [xmlid]
        while waiting and len(seen) < 500:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            if here in self._names:
                found |= self._names[here]
                continue
            body = self.body(here)
            if body is not None:
                found |= body.names
                waiting += [other_one for name in body.calls if (other_one := self.templates.known(name))]
        self._names[xmlid] = frozenset(found)
        return self._names[xmlid]

    def eval(self, text: str, scope: Scope) -> tuple[Values, list[Value], bool]:
        """The values of an expression, what it looked at, and whether it could not be followed; the same for the same
        values of the names in it."""
        key = (text, scope.get(ANY), *(scope.get(name) for name in names_in(text)))
        known = self._evaluated.get(key)
        if known is None:
            evaluator = Evaluator(self.world, scope)
            known = (evaluator.text(text), evaluator.reads, evaluator.cut)
            if len(self._evaluated) < _MAX_KEPT:
                self._evaluated[key] = known
        return known

    def body(self, xmlid: str) -> Body | None:
        """What a template does; None where it could not be read."""
        if xmlid not in self._bodies:
            root = self.templates.tree(xmlid).root
            self._bodies[xmlid] = None if root is None else body_of(root)
        return self._bodies[xmlid]


class _Pass:
    """One pass through a tree; through nothing that it calls, where it stands `alone`."""

    def __init__(self, walker: Walker, tree: Tree, depth: int, *, alone: bool = False) -> None:
        self.walker = walker
        self.policy = walker.policy
        self.templates = walker.templates
        self.tree = tree
        self.depth = depth
        self.alone = alone
        self.level = 0
        self.uncertain = 0
        self.found = Gathered()

    def run(self, body: Body | None, scope: Scope) -> Found:
        """Go through the whole tree."""
        self.found.unread.update(dict.fromkeys(self.tree.unread))
        self.found.trees.add(self.tree.xmlid)
        if body is not None:
            self.element(body.root, scope, self.templates.groups(self.tree.xmlid))
        return self.found.done()

    def element(self, node: Live, scope: Scope, groups: str) -> None:
        """An element, directive by directive in the order in which QWeb takes them."""
        self.walker.left -= 1
        if self.walker.left < 0 or self.level > _MAX_DEPTH:
            self.unread("the page is too large, or too deep, to go through")
            return
        self.level += 1
        uncertain = self.uncertain
        if spec := node.get("t-groups") or node.get("groups"):
            groups = who.joined(groups, spec)
        if (loop := node.get("t-foreach")) is not None:
            self.loop(node, loop, scope, groups)
        condition = node.get("t-if") or node.get("t-elif")
        if condition is not None or node.get("t-else") is not None:
            self.uncertain += 1
        if condition is None or condition.strip() not in _NEVER:
            if condition is not None:
                groups = who.joined(groups, self.condition(node, condition, scope, groups))
            self.content(node, scope, groups)
        self.uncertain = uncertain
        self.level -= 1

    def children(self, node: Live, scope: Scope, groups: str) -> None:
        """What stands in an element; `t-else` is for those whom the condition before it does not hold for."""
        refused, condition = "", None
        for child in node.children:
            otherwise = child.get("t-elif") is not None or child.get("t-else") is not None
            if not otherwise:
                refused = ""
            elif condition:
                refused = who.joined(refused, who.fails(self.eval(condition, scope)[0]))
            self.element(child, scope, who.joined(groups, refused))
            condition = child.get("t-if") or child.get("t-elif")

    def content(self, node: Live, scope: Scope, groups: str) -> None:
        self.attributes(node, scope, groups)
        called = next((node.said[name] for name in CALLS if name in node.said), None)
        output = next((name for name in _OUTPUT if name in node.said), None)
        if called is not None:
            self.call(node, called, scope, groups)
        elif (name := node.get("t-set")) is not None:
            self.set(node, name, scope, groups)
        elif output is None:
            self.children(node, scope, groups)
        elif node.said[output].strip() != _SLOT:
            self.output(node, output, scope, groups)
            self.children(node, scope, groups)

    def eval(self, text: str, scope: Scope) -> tuple[Values, list[Value]]:
        """The values of an expression, and what it looked at on the way."""
        values, reads, cut = self.walker.eval(text, scope)
        if cut:
            self.unread(f"it has an expression that can't be followed ({' '.join(text.split())[:60]})")
        return values, reads

    def condition(self, node: Live, text: str, scope: Scope, groups: str) -> str:
        """Note what a condition looks at; the groups of whoever it holds for."""
        values, reads = self.eval(text, scope)
        name = "t-if" if node.get("t-if") is not None else "t-elif"
        for one in (*values, *reads):
            self.show(node, name, one, "condition", groups)
        return who.holds(tuple(one for one in values if one.sort is Sort.TEST))

    def loop(self, node: Live, text: str, scope: Scope, groups: str) -> None:
        """Bind what a loop gives its name to."""
        self.uncertain += 1
        values, reads = self.eval(text, scope)
        for one in values:
            self.show(node, "t-foreach", one, "foreach", groups)
        for one in reads:
            self.show(node, "t-foreach", one, "condition", groups)
        values = few(other(one.root, one.path) if one.sort is Sort.GIVEN else one for one in values)
        name = node.get("t-as") or ""
        scope[name] = scope[f"{name}_value"] = values
        scope.update({name + suffix: (PLAIN,) for suffix in _LOOP})

    def set(self, node: Live, name: str, scope: Scope, groups: str) -> None:
        """`t-set`: a value, a text with values in it, or what is rendered inside."""
        if (text := node.get("t-value")) is not None:
            values, reads = self.eval(text, scope)
            for one in reads:
                self.show(node, "t-value", one, "condition", groups)
        elif (text := node.get("t-valuef")) is not None:
            values = made(one for part in self.parts(text, scope) for one in part)
        else:
            self.children(node, scope, groups)
            values = (PLAIN,)
        before = scope.get(name, ()) if self.uncertain else ()
        scope[name] = few((*before, *values))

    def call(self, node: Live, text: str, scope: Scope, groups: str) -> None:
        """`t-call`: what stands in it is rendered first, and what it sets is for the template that is called."""
        inner = dict(scope)
        self.children(node, inner, groups)
        if self.alone:
            return
        if node.node.tag == "t":
            # From 19 on, the other attributes are values for the template.
            for name, value in node.said.items():
                if not name.startswith(("t-", "ostiary-")) and name != "groups" and name.isidentifier():
                    inner[name] = self.eval(value, scope)[0]
        for xmlid in self.callees(text, scope):
            shared = None if groups else self.walker.same_everywhere(xmlid, inner)
            if shared is not None:
                self.found.shared.add(shared)
            else:
                self.found.take(self.walker.called(xmlid, inner, self.depth + 1), groups)

    def callees(self, text: str, scope: Scope) -> list[str]:
        """The templates that a `t-call` may call; what is not known of them is noted."""
        made = FORMAT.findall(text)
        if not made:
            xmlid = self.templates.known(text.strip())
            if not xmlid:
                self.unread(f"it calls {text[:80]}, which was not read")
            return [xmlid] if xmlid else []
        whole = FORMAT.fullmatch(text.strip()) is not None
        values = [one for part in self.parts(text, scope) for one in part] if whole else []
        found = [xmlid for one in values if one.const and (xmlid := self.templates.known(one.const))]
        if not found and not whole:
            first, *_, last = FORMAT.sub("\0", text.strip()).split("\0")
            found = self.templates.named_like(first, last)
        if not found:
            self.unread(f"it calls a template whose name is made at run time ({text[:60]})")
        return found

    def output(self, node: Live, directive: str, scope: Scope, groups: str) -> None:
        """`t-field`, `t-out`, `t-esc` and `t-raw`."""
        text = node.said[directive]
        if directive == "t-field":
            above, _, name = text.rpartition(".")
            records, reads = self.eval(above, scope) if above else ((), [])
            values = few(read(self.policy, one, name.strip()) for one in records if one.sort is Sort.RECORDS)
        else:
            values, reads = self.eval(text, scope)
        widget = widget_of(node)
        for one in values:
            how = raw_of(self.policy, one, directive, widget)
            self.show(
                node, directive, one, "field" if directive == "t-field" else "out", groups, raw=bool(how)
            )
            if how:
                self.raw(node, directive, one, how, text)
        for one in reads:
            self.show(node, directive, one, "condition", groups)

    def attributes(self, node: Live, scope: Scope, groups: str) -> None:
        """`t-att`, `t-att-...` and `t-attf-...`; what is put into an event handler is code for the browser."""
        for name, text in node.made:
            if name == "t-att" or name.startswith("t-att-"):
                values, reads = self.eval(text, scope)
            elif name.startswith("t-attf-"):
                values, reads = few(one for part in self.parts(text, scope) for one in part), []
            else:
                continue
            code = HANDLERS.fullmatch(name)
            for one in values:
                self.show(node, name, one, "attribute", groups)
                how = raw_of(self.policy, one, "t-raw", "") if code else ""
                if how:
                    self.raw(node, name, one, how.replace("t-raw", name), text)
            for one in reads:
                self.show(node, name, one, "condition", groups)

    def parts(self, text: str, scope: Scope) -> list[Values]:
        """The values of the expressions in a text."""
        return [self.eval(first or second, scope)[0] for first, second in FORMAT.findall(text)]

    def show(
        self, node: Live, attribute: str, value: Value, how: str, groups: str, *, raw: bool = False
    ) -> None:
        """Note a field that is shown."""
        if not value.field or len(self.found.shown) >= MAX_FOUND:
            return
        through = value.through[:-1] if value.sort is Sort.RECORDS else value.through
        one = Shown(
            origin=self.templates.origin(self.tree, node.node, attribute),
            path=value.path,
            model=value.owner,
            field=value.field,
            root=value.root,
            as_=how,
            raw=raw,
            through=through,
            groups=groups,
        )
        self.found.shown[one] = None

    def raw(self, node: Live, attribute: str, value: Value, how: str, text: str) -> None:
        """Note something that is put out without escaping."""
        one = Raw(
            origin=self.templates.origin(self.tree, node.node, attribute),
            text=" ".join(text.split())[:160],
            how=how,
            root="" if value.root in GLOBALS and value.sort is not Sort.GIVEN else value.root,
            model=value.owner,
            field=value.field,
            given=value.given,
        )
        if len(self.found.raw) < MAX_FOUND:
            self.found.raw[one] = None

    def unread(self, said: str) -> None:
        self.found.unread[said] = None


def _sorts(values: Values) -> frozenset[object]:
    """What sort of values these are, whatever way they came."""
    return frozenset((one.sort, one.model, bool(one.field)) for one in values)
