"""`holder.name`: fields of records, parts of the request, methods that are not called yet."""

from __future__ import annotations

import ast

from ostiary.code.flow.requests import request_part
from ostiary.code.flow.run import Run
from ostiary.code.flow.state import State
from ostiary.code.flow.values import (
    UNKNOWN,
    Bound,
    Class,
    Controller,
    Dict,
    Either,
    Env,
    External,
    Method,
    Plain,
    Records,
    Request,
    Super,
    Value,
    constant,
    inner_given,
    text_of,
)
from ostiary.code.flow.words import HARMLESS_READ, SECRET
from ostiary.code.program import Constant, Function, PyClass
from ostiary.policy.code import Actor, Choice, Given, GuardKind
from ostiary.policy.definitions import Field
from ostiary.policy.origin import Origin

_KEPT = frozenset({Choice.OWN, Choice.SESSION, Choice.TOKEN, Choice.FIXED, Choice.NEW})
_NEST = 6


def attribute(run: Run, state: State, node: ast.Attribute, holder: Value) -> Value:
    """What `holder.name` is."""
    name = node.attr
    match holder:
        case Records():
            return _of_records(run, state, node, holder, name)
        case Env():
            return of_env(run, node, holder, name)
        case Request():
            return request_part(run, state, node, holder, name)
        case Controller():
            return of_controller(run, node, holder, name)
        case Either(options=choices):
            found = [attribute(run, state, node, one) for one in choices]
            kept = tuple(dict.fromkeys(map(id, found)))
            values = tuple(one for one in found if id(one) in kept)
            return Either(
                options=values,
                given=frozenset[Given]().union(*(one.given for one in values)),
                own=all(one.own for one in values),
                sources=tuple(source for one in values for source in one.sources)[:12],
                secret=any(one.secret for one in values),
            )
        case Class(cls=cls):
            return of_class(run, cls, name)
        case External(name=outer):
            return imported(run, f"{outer}.{name}")
        case Super() | Dict():
            return Method(target=holder, name=name)
        case Plain() if holder.of is not None and name == "ids":
            return holder
    return Method(
        target=holder,
        name=name,
        given=inner_given(holder),
        own=holder.own,
        sources=holder.sources,
        secret=holder.secret or (bool(SECRET.search(name)) and not holder.given),
        key=holder.key and ("attr", holder.key, name),
        authenticates=holder.authenticates,
        random=holder.random,
    )


def imported(run: Run, name: str) -> Value:
    """What a dotted name of something imported stands for."""
    if name in ("odoo.http.request", "openerp.http.request"):
        return Request()
    if name.startswith("odoo.addons."):
        found = run.program.resolve_dotted(name)
        if isinstance(found, Function):
            return Bound(chain=(found,))
        if isinstance(found, Constant):
            from ostiary.code.flow.expressions import of_python

            return of_python(found.value)
    return External(name=name)


# -- environments ------------------------------------------------------------------------------


def of_env(run: Run, node: ast.AST, env: Env, name: str) -> Value:
    """A part of an environment."""
    match name:
        case "user":
            actor = env.actor if env.actor is not Actor.SUPERUSER else Actor.SUPERUSER
            return user(run, node, actor)
        case "uid":
            return Plain(own=True, number=True, key=("uid",), of=user(run, node, env.actor))
        case "company" | "companies":
            return Records(
                model="res.company",
                actor=env.actor,
                choice=Choice.FIXED,
                ident=("company",),
                at=run.origin(node),
            )
        case "context":
            return Dict(rest=UNKNOWN)
        case "su":
            return UNKNOWN
        case "cr" | "registry" | "lang" | "transaction" | "cache" | "all":
            return External(name=f"env.{name}")
    return Method(target=env, name=name)


def user(run: Run, node: ast.AST, actor: Actor) -> Records:
    """Who asks. Odoo gives `env.user` as superuser, so that its fields can always be read."""
    return Records(
        model="res.users",
        actor=actor if actor is Actor.OTHER else Actor.SUPERUSER,
        choice=Choice.OWN,
        ident=("user",),
        own=True,
        at=run.origin(node),
        text="request.env.user" if run.is_route else "self.env.user",
    )


def model_of(run: Run, node: ast.AST, env: Env, key: Value) -> Records:
    """`env['model']`: no records yet."""
    name = text_of(key)
    given = inner_given(key)
    model = name if name is not None else ("*" if given else "")
    return Records(
        model=model, actor=env.actor, choice=Choice.UNKNOWN, ident=("model", model), given=given, empty=True,
        at=run.origin(node), text=run.text(node),
    )  # fmt: skip


def of_class(run: Run, cls: PyClass, name: str) -> Value:
    """`Class.name`: a method of it, called as it is."""
    chain = run.program.controller_method(cls, name)
    if not chain:
        return External(name=f"{cls.name}.{name}")
    unbound = "staticmethod" in chain[0].decorators or chain[0].parameters[:1] == ("self",)
    return Bound(chain=chain, bound=None if unbound else Controller(cls=cls))


def of_controller(run: Run, node: ast.AST, holder: Controller, name: str) -> Value:
    """A method of the controller, or a constant of its class."""
    chain = run.program.controller_method(holder.cls, name)
    if chain:
        return Bound(chain=chain, bound=holder)
    if name == "env":
        return Env()
    constants = holder.cls.constants
    if name in constants:
        from ostiary.code.flow.expressions import of_python

        return of_python(constants[name])
    return Method(target=holder, name=name)


# -- records -----------------------------------------------------------------------------------


def _of_records(run: Run, state: State, node: ast.AST, records: Records, name: str) -> Value:
    match name:
        case "id" | "ids" | "_ids" | "_origin":
            if name == "_origin":
                return records
            return Plain(
                given=records.given,
                own=records.own,
                sources=((records, "id"),),
                number=True,
                of=records,
                key=("id", records.ident),
            )
        case "env":
            return Env(actor=records.actor)
        case "_cr" | "_context" | "_uid" | "pool" | "_registry":
            if name == "_uid":
                return of_env(run, node, Env(actor=records.actor), "uid")
            return External(name=f"env.{name.strip('_')}") if name != "_context" else Dict(rest=UNKNOWN)
        case "_name" | "_table" | "_description" | "_rec_name" | "_order" | "_fields" | "_inherit":
            if name == "_name" and records.model not in ("", "*"):
                return constant(records.model)
            return Plain(given=records.given if records.model == "*" else frozenset())
    known = known_field(run, records.model, name)
    if known is None and (run.program.model_method(records.model, name) if records.model else ()):
        return _uncalled(records, name)
    if known is None and not _looks_like_field(run, records.model, name):
        return _uncalled(records, name)
    return field_of(run, state, node, records, name)


def _uncalled(records: Records, name: str) -> Method:
    """A method that is not called yet, or a field that was not read."""
    return Method(
        target=records,
        name=name,
        own=records.own,
        sources=((records, name),),
        secret=bool(SECRET.search(name)),
    )


def known_field(run: Run, model: str, name: str) -> Field | None:
    """A field of a model, also of one it delegates to."""
    found = run.policy.models.get(model)
    if found is None:
        return None
    field = found.fields.get(name)
    if field is None and name in ("create_uid", "write_uid"):
        return Field(origin=Origin(""), name=name, type="many2one", comodel="res.users")
    return field


def _looks_like_field(run: Run, model: str, name: str) -> bool:
    """Whether a name of a model that was not read is one of a relation, or of a field rather than a method."""
    found = run.policy.models.get(model)
    unread = found is None or found.partial or found.unresolved or name.endswith(("_id", "_ids"))
    return unread and not name.startswith("_") and name not in _METHODS


_METHODS = frozenset({
    "sudo", "browse", "search", "search_count", "search_read", "read", "write", "create", "unlink", "copy", "filtered",
    "mapped", "sorted", "exists", "ensure_one", "with_context", "with_user", "with_company", "with_env", "check_access",
    "check_access_rights", "check_access_rule", "has_access", "ref", "get_param", "set_param", "message_post",
})  # fmt: skip


def field_of(run: Run, state: State, node: ast.AST, records: Records, name: str) -> Value:
    """The value of a field. To read one as the caller raises where they may not read the record."""
    field = known_field(run, records.model, name)
    stored = field is None or field.store or field.related is not None
    if records.actor is Actor.CALLER and not records.empty and name not in HARMLESS_READ and stored:
        run.learn(state, ((records.ident, run.guard(GuardKind.READ, node, records.model, "read")),))
    comodel = field.comodel if field is not None else None
    relational = (
        comodel is not None and field is not None and field.type in ("many2one", "one2many", "many2many")
    )
    if (
        not relational
        and field is None
        and name.endswith(("_id", "_ids"))
        and records.model != "ir.config_parameter"
    ):
        relational, comodel = True, _guessed(name)
    if relational:
        deep = _depth(records.ident)
        return Records(
            model=comodel or "",
            actor=records.actor,
            choice=records.choice if records.choice in _KEPT else Choice.RELATED,
            ident=("rel", records.ident, name) if deep < _NEST else ("far", records.ident[0], name),
            up=(records.ident, *records.up)[:_NEST],
            parent=records.parent if records.choice is Choice.RELATED and records.parent else records.model,
            own=records.own,
            given=records.given,
            held=records.held,
            at=records.at,
            text=records.text,
            sources=(),
        )
    return Plain(
        given=frozenset(),
        own=records.own,
        sources=((records, name),),
        secret=bool(SECRET.search(name)),
        key=("field", records.ident, name),
        number=field is not None and field.type in ("integer", "float", "monetary", "boolean"),
    )


def _guessed(name: str) -> str:
    """The model that fields of these names have everywhere, where the model itself was not read."""
    return {
        "partner_id": "res.partner", "user_id": "res.users", "company_id": "res.company", "partner_ids": "res.partner",
        "commercial_partner_id": "res.partner", "create_uid": "res.users", "product_id": "product.product",
        "currency_id": "res.currency", "country_id": "res.country", "attachment_ids": "ir.attachment",
    }.get(name, "")  # fmt: skip


def _depth(ident: object) -> int:
    found = 0
    while isinstance(ident, tuple) and ident and ident[0] == "rel" and found < 20:
        ident = ident[1]
        found += 1
    return found
