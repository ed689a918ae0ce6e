"""A Policy's modules as if they had been read from source, so that others can be loaded on top of them.

This is how a snapshot takes the place of `--addons-path`: each of its modules becomes an extract whose definitions keep
the places they were first read at, down to each link between groups. What a policy doesn't hold is lost: which module
was the last to change a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ostiary.policy import MODES, Field, GroupLink, Implication, Model, Module, Origin, Policy
from ostiary.sources.addons import values
from ostiary.sources.addons.ops import (
    ClassDecl,
    DataFile,
    FieldDecl,
    ManifestInfo,
    ModuleExtract,
    RecordOp,
    ValueOp,
)
from ostiary.sources.addons.view_fields import marks_to_record

_CODE = values.code("a value that needs code")
_FIELD_ARGS = {
    "comodel": "comodel_name",
    "inverse": "inverse_name",
    "relation_table": "relation",
    "string": "string",
    "groups": "groups",
    "related": "related",
    "compute": "compute",
    "search": "search",
    "required": "required",
    "readonly": "readonly",
    "store": "store",
    "inherited": "inherited",
    "company_dependent": "company_dependent",
    "check_company": "check_company",
    "compute_sudo": "compute_sudo",
    "related_sudo": "related_sudo",
    "auto_join": "auto_join",
    "translate": "translate",
    "domain": "domain",
    "default": "default",
    "ondelete": "ondelete",
    "copy": "copy",
}
_ATTRIBUTES = {
    "description": "_description",
    "auto": "_auto",
    "table": "_table",
    "table_query": "_table_query",
    "rec_name": "_rec_name",
    "parent_name": "_parent_name",
    "parent_store": "_parent_store",
    "active_name": "_active_name",
    "order": "_order",
    "check_company_auto": "_check_company_auto",
    "log_access": "_log_access",
}


def extracts(policy: Policy, without: Iterable[str] = ()) -> dict[str, ModuleExtract]:
    """The modules of a policy as extracts, by name; those of `without`, and bundled summaries, are left out."""
    left = set(without)
    kept = {name: module for name, module in policy.modules.items() if not module.facts and name not in left}
    found = {name: ModuleExtract(manifest=_manifest(module)) for name, module in kept.items()}
    for model in policy.models.values():
        for module, decl in _classes(model, policy):
            if module in found:
                found[module].classes.append(decl)
    for module, path, op in _records(policy):
        if module in found:
            files = found[module].files
            if not files or files[-1].path != path:
                files.append(DataFile(path, []))
            files[-1].ops.append(op)
    return found


def _manifest(module: Module) -> ManifestInfo:
    return ManifestInfo(
        name=module.name,
        title=module.title,
        version=module.version,
        depends=list(module.depends),
        category=module.category,
        auto_install=list(module.triggers) or module.auto_install,
        countries=list(module.countries),
        application=module.application,
        path=module.origin.path,
    )


# -- models ----------------------------------------------------------------------------------------


def _classes(model: Model, policy: Policy) -> Iterable[tuple[str, ClassDecl]]:
    """A class for each place that defines or extends the model; the first carries its attributes."""
    first = model.modules[0] if model.modules else ""
    attributes: dict[str, Any] = {
        attribute: value
        for name, attribute in _ATTRIBUTES.items()
        if (value := getattr(model, name)) is not None
    }
    if model.names_search is not None:
        attributes["_rec_names_search"] = list(model.names_search) or True
    if model.inherits:
        attributes["_inherits"] = dict(model.inherits)
    if model.partial and not model.unresolved:
        attributes["_partial"] = True
    parents = _parents(model, policy, first)
    inherit = [*([model.name] if model.unresolved else []), *parents.pop(first, [])]
    places: dict[tuple[str, str], ClassDecl] = {}

    def place(module: str, path: str, line: int) -> ClassDecl:
        known = places.get((module, path))
        if known is None:
            main = not places
            known = places[module, path] = ClassDecl(
                class_name=model.name,
                kind=model.kind.value,
                name=model.name,
                inherit=inherit if main else [model.name],
                attributes=attributes if main else {},
                fields=[],
                methods={},
                path=path,
                line=line,
            )
        return known

    if first:
        place(first, model.origin.path, model.origin.line)
        for module in model.modules[1:]:
            place(module, "", 0).inherit += parents.get(module, [])
    for item in model.fields.values():
        if not _from_mixin(item, model, policy):
            module = item.origin.module if item.origin.module in model.modules else first
            decl = place(module, item.origin.path, item.origin.line)
            decl.fields.append(_field(item))
            if item.compute and item.depends:
                decl.depends[item.compute] = list(item.depends)
    methods = [(name, origin, False) for name, origin in model.overrides.items()]
    for method, origin, guards in [
        *methods,
        *((name, origin, True) for name, origin in model.guards.items()),
    ]:
        module = origin.module if origin.module in model.modules else first
        decl = place(module, origin.path, origin.line)
        (decl.guards if guards else decl.methods)[method] = origin.line
    return [(module, decl) for (module, _), decl in places.items()]


def _parents(model: Model, policy: Policy, first: str) -> dict[str, list[str]]:
    """The models it inherits from, by the module that can have added them: the first that knows of the parent."""
    found: dict[str, list[str]] = {}
    for parent in model.inherit:
        home = policy.models[parent].modules[:1] if parent in policy.models else ()
        able = (module for module in model.modules if not home or home[0] in _known_to(module, policy))
        found.setdefault(next(able, first), []).append(parent)
    return found


def _known_to(module: str, policy: Policy) -> set[str]:
    """A module and all it depends on."""
    found: set[str] = set()
    pending = [module]
    while pending:
        name = pending.pop()
        if name not in found and name in policy.modules:
            found.add(name)
            pending.extend(policy.modules[name].depends)
    return found


def _from_mixin(item: Field, model: Model, policy: Policy) -> bool:
    """Whether a field is just what one of the model's mixins gives it."""
    mixins = (policy.models.get(name) for name in model.inherit)
    return any(mixin is not None and mixin.fields.get(item.name) == item for mixin in mixins)


def _field(item: Field) -> FieldDecl:
    args = {arg: value for name, arg in _FIELD_ARGS.items() if (value := getattr(item, name)) is not None}
    if item.relation_columns is not None:
        args["column1"], args["column2"] = item.relation_columns
    if not item.sanitize:
        args["sanitize"] = False
    elif not item.sanitize_usual:
        args["sanitize_overridable"] = True
    if item.selection:
        args["selection"] = list(item.selection)
    if item.active_test is not None:
        args["context"] = {"active_test": item.active_test}
    return FieldDecl(item.name, item.type, args, item.origin.line)


# -- records ---------------------------------------------------------------------------------------

_Placed = tuple[str, str, RecordOp]


def _records(policy: Policy) -> Iterable[_Placed]:
    """All records, each where it was first written, then the links to groups, each where it was made."""
    for company in policy.companies:
        found = {"name": company.name, "active": company.active, "parent_id": _ref(company.parent)}
        yield _record("res.company", company.xmlid, company.origin, found)
    for group in policy.groups.values():
        if not group.unresolved:
            found = {"name": group.name, "share": group.share, "category_id": _ref(group.category)}
            if group.uncertain:
                found["implied_ids"] = _CODE
            yield _record("res.groups", group.xmlid, group.origin, found, group.noupdate)
    for user in policy.users:
        found = {
            "login": user.login,
            "name": user.name,
            "active": user.active,
            "company_id": _ref(user.company),
            "company_ids": _set(user.companies),
            "partner_id": _ref(user.partner),
            "groups_id": _set(()),
        }
        yield _record(
            "res.users", user.xmlid or f"{user.origin.module}.user_{user.login}", user.origin, found
        )
        yield from _links("res.users", user.xmlid, "groups_id", user.groups)
    for group in policy.groups.values():
        yield from _links("res.groups", group.xmlid, "implied_ids", group.implies)
    for right in policy.rights:
        found = {"name": right.name, "active": right.active, **_modes(right.modes), **_about(right.model)}
        found["group_id"] = _ref(right.group)
        if right.uncertain:
            found["active"] = _CODE
        yield _record("ir.model.access", right.xmlid, right.origin, found, right.noupdate)
    for rule in policy.rules:
        found = {"name": rule.name, "active": rule.active, **_modes(rule.modes), **_about(rule.model)}
        if rule.uncertain:
            found["active"] = _CODE
        yield _record("ir.rule", rule.xmlid, rule.origin, found, rule.noupdate)
        at = rule.domain_origin or rule.origin
        yield _record("ir.rule", rule.xmlid, at, {"domain_force": rule.domain_force})
        yield from _links("ir.rule", rule.xmlid, "groups", rule.groups)
        if rule.groups_uncertain:
            yield _record("ir.rule", rule.xmlid, rule.origin, {"groups": _CODE})
    yield from _interface(policy)


def _interface(policy: Policy) -> Iterable[_Placed]:
    for action in policy.actions.values():
        found: dict[str, Any] = {
            "name": action.name,
            "domain": action.domain or "",
            "res_model": action.model or "",
        }
        if action.type == "ir.actions.server" and action.model:
            found |= _about(action.model)
        yield _record(action.type, action.xmlid, action.origin, found)
        yield from _links(action.type, action.xmlid, "groups_id", action.groups)
    for menu in policy.menus.values():
        found = {
            "name": menu.name,
            "active": menu.active,
            "sequence": menu.sequence,
            "parent_id": _ref(menu.parent),
            "action": _ref(menu.action),
        }
        yield _record("ir.ui.menu", menu.xmlid, menu.origin, found)
        yield from _links("ir.ui.menu", menu.xmlid, "groups_id", menu.groups)
    for view in policy.views.values():
        found = {"name": view.name, "type": view.type, "model": view.model or "", "active": view.active}
        found["inherit_id"] = _ref(view.inherit)
        found |= marks_to_record(view)
        yield _record("ir.ui.view", view.xmlid, view.origin, found)
        yield from _links("ir.ui.view", view.xmlid, "groups_id", view.groups)


def _record(model: str, xmlid: str, origin: Origin, found: dict[str, Any], noupdate: bool = False) -> _Placed:
    ops = [ValueOp(name, value, origin.line) for name, value in found.items()]
    return origin.module, origin.path, RecordOp(model, xmlid, ops, origin.line, noupdate, True)


def _links(model: str, xmlid: str, name: str, links: Sequence[GroupLink | Implication]) -> Iterable[_Placed]:
    for link in links:
        yield _record(model, xmlid, link.origin, {name: [[4, values.ref(link.group), 0]]})


def _ref(xmlid: str | None) -> Any:
    return values.ref(xmlid) if xmlid else False


def _set(xmlids: Iterable[str]) -> list[Any]:
    return [[6, 0, [values.ref(xmlid) for xmlid in xmlids]]]


def _modes(modes: Iterable[Any]) -> dict[str, bool]:
    given = set(modes)
    return {f"perm_{mode}": mode in given for mode in MODES}


def _about(model: str) -> dict[str, Any]:
    return {"model_id": values.search("ir.model", f"[('model', '=', '{model}')]", "id")}
