"""A policy in which nothing but what was read exists, so that something can be proved about it.

An addon is often audited without the modules it builds on: their models are mentioned, and their fields not known. What
rules say about such a model tells what most of its fields are (a `partner_id` that is compared with the user's contact
links to contacts). A proof on that is as good as the guess: findings that rest on one have low confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ostiary.domain import Domain, Literal, Subdomain, Term, Value, nodes, symbols
from ostiary.policy.definitions import Field, Model, Module
from ostiary.policy.memo import remembered
from ostiary.policy.origin import Origin
from ostiary.policy.paths import field_of, known_in_full
from ostiary.policy.policy import Policy
from ostiary.policy.rights import model_unread, summary_of

_USER = "res.users"
_ROOTS = {"company_id": "res.company", "company_ids": "res.company", "user": _USER, "website": "website"}
_CALLED = {"company": "res.company", "partner": "res.partner", "user": _USER, "website": "website"}
_PLAIN = {bool: "boolean", int: "integer", float: "float", str: "char"}
_MANY = ("ids",)
_DEEPEST = 8


def as_read(policy: Policy) -> Policy:
    """The policy with what was not read made of what rules say of it; the same where all was read."""
    return remembered(policy, ("audit as read",), lambda: _as_read(policy))


def _as_read(policy: Policy) -> Policy:
    named = [*(rule.model for rule in policy.rules), *(right.model for right in policy.rights)]
    unread = dict.fromkeys(name for name in named if model_unread(policy, name))
    summarized = [name for name in policy.models if summary_of(policy, name)]
    guess = _Guess(policy, (*unread, *summarized))
    for rule in policy.rules:
        if rule.active:
            guess.domain(rule.model, rule.domain, 0)
    if not guess.found and not any(group.unresolved for group in policy.groups.values()):
        return policy
    modules = {name: _whole(module) for name, module in policy.modules.items()}
    groups = {
        name: msgspec.structs.replace(group, unresolved=False) if group.unresolved else group
        for name, group in policy.groups.items()
    }
    return msgspec.structs.replace(policy, models=guess.models(), modules=modules, groups=groups)


def _whole(module: Module) -> Module:
    """A module that is taken to have no more rights and rules than its summary says."""
    return msgspec.structs.replace(module, facts=False) if module.facts else module


class _Guess:
    """The fields that rules speak of, on models of which not all was read."""

    def __init__(self, policy: Policy, unread: Iterable[str]) -> None:
        self.policy = policy
        self.found: dict[str, dict[str, Field]] = {name: {} for name in unread}

    def models(self) -> dict[str, Model]:
        """All models. Those that are guessed stay `partial`: they may have more fields."""
        models = dict(self.policy.models)
        for name, fields in self.found.items():
            known = models.get(name) or Model(origin=Origin("", 0), name=name)
            models[name] = msgspec.structs.replace(
                known, fields={**fields, **known.fields}, unresolved=False, partial=True
            )
        return models

    def domain(self, model: str, domain: Domain, depth: int) -> None:
        """Note what a domain on records of a model says of fields. Subdomains are about the model they lead to."""
        inner: set[int] = set()
        for node in nodes(domain):
            if not isinstance(node, Term) or id(node) in inner or depth > _DEEPEST:
                continue
            if isinstance(node.value, Subdomain):
                inner.update(id(one) for one in nodes(node.value.domain))
                comodel = self._path(model, node.path.split("."), None, "")
                if comodel:
                    self.domain(comodel, node.value.domain, depth + 1)
            else:
                self._term(model, node)

    def _term(self, model: str, term: Term) -> None:
        names = term.path.split(".")
        symbol = next((one for one in symbols(term.value) if one.root in _ROOTS), None)
        if symbol is None:
            self._path(model, names, None, _plain(term.value))
            return
        hops = [hop for hop in symbol.path if hop not in ("id", "ids")]
        theirs = self._path(
            _ROOTS[symbol.root], hops, self._end(model, names), "", many=symbol.path[-1:] == _MANY
        )
        linked = symbol.path[-1:] in (("id",), ("ids",)) or symbol.root != "user"
        self._path(model, names, theirs if linked else None, "" if linked else "char")

    def _end(self, model: str, names: Sequence[str]) -> str | None:
        """The model a known path leads to, or the one that its last name speaks of."""
        here: str | None = model
        for name in names:
            field = field_of(self.policy, here, name) if here else None
            here = field.comodel if field is not None else _called(name)
        return model if list(names) == ["id"] else here

    def _path(
        self, model: str, names: Sequence[str], comodel: str | None, plain: str, *, many: bool = False
    ) -> str | None:
        """Note the fields of a path, of which the last links to `comodel` or is `plain`; the model it leads to."""
        here = model
        for place, name in enumerate(names):
            last = place == len(names) - 1
            if name == "id":
                return here
            field = field_of(self.policy, here, name) or self.found.get(here, {}).get(name)
            if field is None:
                if here not in self.found and known_in_full(self.policy, here):
                    return None
                field = self._field(
                    here, name, comodel if last else None, plain if last else "", many and last
                )
            if field.comodel is None:
                return None
            here = field.comodel
        return here

    def _field(self, model: str, name: str, comodel: str | None, plain: str, many: bool) -> Field:
        known = self.policy.models.get(model)
        origin = known.origin if known else Origin("", 0)
        if plain and not name.endswith(("_id", "_ids")):
            field = Field(origin=origin, name=name, type=plain)
        else:
            comodel = comodel or _called(name) or f"{model}.{name}"
            if comodel not in self.policy.models:
                self.found.setdefault(comodel, {})
            kind = "many2many" if many or name.endswith("_ids") else "many2one"
            field = Field(origin=origin, name=name, type=kind, comodel=comodel)
        self.found.setdefault(model, {})[name] = field
        return field


def _called(name: str) -> str | None:
    """The model that a field's name speaks of: `partner_id`, `reviewer_partner_ids`."""
    for end in ("_ids", "_id"):
        if name.endswith(end):
            return _CALLED.get(name.removesuffix(end).rpartition("_")[2])
    return None


def _plain(value: Value) -> str:
    return next(_types(value), "char")


def _types(value: Value) -> Iterator[str]:
    for node in nodes(value):
        if isinstance(node, Literal) and node.value is not None:
            yield _PLAIN[type(node.value)]
