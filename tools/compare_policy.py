"""Compare the Policy read from an addons tree with what a real server held after installing the same modules.

    python tools/compare_policy.py TREE... --oracle policy.json.xz [--show 20]

Some state of a server is no definition: a setting somebody switched on (a group that another group came to imply), a
right or rule that ships inactive and that code switched on, a field made by hand. Such a difference is *explained* when
its cause is named in the source: a `group_...` field of the settings, a line of Python that writes `implied_ids` or
looks the record up. Groups are compared after such links are applied, and the links are listed.

The oracle is a JSON file (xz) of one server's definitions: groups, access rights, record rules, models, fields, menus,
users. Prints per kind how many are equal, missing (the server has it, the policy does not), extra and different, and
each difference by name. Exits 1 where a kind is below its bound.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ostiary.policy import MODES, Implication, Policy, closure
from ostiary.sources import open_policy

BOUNDS = {"groups": 99.5, "access rights": 99.5, "record rules": 99.5, "models": 99.0, "fields": 99.0}

Facts = dict[str, dict[str, Any]]


def server_groups(oracle: Mapping[str, Any]) -> Facts:
    names = {group["id"]: group["xmlid"] for group in oracle["groups"]}
    return {
        group["xmlid"]: {
            "implied": sorted(names[item] for item in group["implied_ids"]),
            "closure": sorted({names[item] for item in group["trans_implied_ids"]} | {group["xmlid"]}),
            "share": group["share"],
        }
        for group in oracle["groups"]
    }


def read_groups(policy: Policy) -> Facts:
    return {
        xmlid: {
            "implied": sorted(link.group for link in group.implies),
            "closure": sorted(closure(policy, [xmlid])),
            "share": group.share,
        }
        for xmlid, group in policy.groups.items()
        if not group.unresolved
    }


def server_rights(oracle: Mapping[str, Any]) -> Facts:
    return {
        right["xmlid"]: {
            "model": right["model"],
            "group": right["group_xmlid"],
            "modes": [str(mode) for mode in MODES if right[f"perm_{mode}"]],
            "active": right["active"],
        }
        for right in oracle["ir_model_access"]
    }


def read_rights(policy: Policy) -> Facts:
    return {
        right.xmlid: {
            "model": right.model,
            "group": right.group,
            "modes": [str(mode) for mode in right.modes],
            "active": right.active,
        }
        for right in policy.rights
    }


def server_rules(oracle: Mapping[str, Any]) -> Facts:
    return {
        rule["xmlid"]: {
            "model": rule["model"],
            "groups": sorted(rule["group_xmlids"]),
            "domain": (rule["domain_force"] or "").strip(),
            "modes": [str(mode) for mode in MODES if rule[f"perm_{mode}"]],
            "active": rule["active"],
        }
        for rule in oracle["ir_rule"]
    }


def read_rules(policy: Policy) -> Facts:
    return {
        rule.xmlid: {
            "model": rule.model,
            "groups": sorted(rule.group_names),
            "domain": rule.domain_force.strip(),
            "modes": [str(mode) for mode in rule.modes],
            "active": rule.active,
        }
        for rule in policy.rules
    }


def server_models(oracle: Mapping[str, Any]) -> Facts:
    return {
        model["model"]: {
            "kind": "abstract" if model["abstract"] else "transient" if model["transient"] else "model",
            "table": model["table"],
            "inherits": model["inherits"],
            "parent_store": model["parent_store"],
            "active": model["active_name"],
            "rec_name": model["rec_name"],
            "check_company_auto": model["check_company_auto"],
        }
        for model in oracle["models"]
    }


def read_models(policy: Policy) -> Facts:
    return {
        model.name: {
            "kind": model.kind.value,
            "table": model.table,
            "inherits": model.inherits,
            "parent_store": model.parent_store,
            "active": model.active_name,
            "rec_name": model.rec_name,
            "check_company_auto": model.check_company_auto,
        }
        for model in policy.models.values()
        if not model.unresolved
    }


def server_fields(oracle: Mapping[str, Any]) -> Facts:
    return {
        f"{model['model']}.{field['name']}": {
            "type": field["type"],
            "comodel": field["relation"],
            "store": field["store"],
            "related": field["related"],
            "groups": field["groups"],
            "inherited": field["inherited"],
            "company_dependent": field["company_dependent"],
            "computed": bool(field["compute"]),
        }
        for model in oracle["models"]
        for field in model["fields"]
    }


def read_fields(policy: Policy) -> Facts:
    return {
        f"{model.name}.{field.name}": {
            "type": field.type,
            "comodel": field.comodel,
            "store": field.store,
            "related": field.related,
            "groups": field.groups,
            "inherited": field.inherited,
            "company_dependent": field.company_dependent,
            "computed": bool(field.compute or field.related),
        }
        for model in policy.models.values()
        if not model.unresolved
        for field in model.fields.values()
    }


def server_menus(oracle: Mapping[str, Any]) -> Facts:
    groups = {group["id"]: group["xmlid"] for group in oracle["groups"]}
    names = {menu["id"]: menu["xmlid"] for menu in oracle["menus"]}
    return {
        menu["xmlid"]: {
            "parent": names.get(menu["parent_id"]),
            "active": menu["active"],
            "groups": sorted(groups[item] for item in menu["groups_id"]),
            "action": bool(menu["action"]),
        }
        for menu in oracle["menus"]
        if menu["xmlid"]
    }


def read_menus(policy: Policy) -> Facts:
    return {
        menu.xmlid: {
            "parent": menu.parent,
            "active": menu.active,
            "groups": sorted(link.group for link in menu.groups),
            "action": bool(menu.action),
        }
        for menu in policy.menus.values()
    }


def server_users(oracle: Mapping[str, Any]) -> Facts:
    groups = {group["id"]: group["xmlid"] for group in oracle["groups"]}
    return {
        user["xmlid"]: {
            "login": user["login"],
            "active": user["active"],
            "groups": sorted(groups[item] for item in user["groups_id"]),
        }
        for user in oracle["users"]
        if user["xmlid"]
    }


def read_users(policy: Policy) -> Facts:
    return {
        user.xmlid: {
            "login": user.login,
            "active": user.active,
            "groups": sorted(closure(policy, [link.group for link in user.groups])),
        }
        for user in policy.users
    }


KINDS: dict[str, tuple[Callable[[Mapping[str, Any]], Facts], Callable[[Policy], Facts]]] = {
    "groups": (server_groups, read_groups),
    "access rights": (server_rights, read_rights),
    "record rules": (server_rules, read_rules),
    "models": (server_models, read_models),
    "fields": (server_fields, read_fields),
    "menus": (server_menus, read_menus),
    "users": (server_users, read_users),
}


def switched_on(policy: Policy, oracle: Mapping[str, Any]) -> list[tuple[str, Implication]]:
    """The links between groups that the server has and the definitions do not, where the source names their cause."""
    causes = {(group, toggle.implies): toggle.origin for toggle in policy.toggles for group in toggle.groups}
    by_code = {
        note.message.split()[0]: note.origin for note in policy.notes if note.kind == "implied-by-code"
    }
    server, read = server_groups(oracle), read_groups(policy)
    found = []
    for group in server.keys() & read.keys():
        for implied in sorted(set(server[group]["implied"]) - set(read[group]["implied"])):
            cause = causes.get((group, implied), by_code.get(implied))
            if cause is not None:
                found.append((group, Implication(group=implied, origin=cause)))
    return sorted(found, key=lambda item: item[0])


def with_links(policy: Policy, links: list[tuple[str, Implication]]) -> Policy:
    """The policy after a setting or code has made these links."""
    groups = dict(policy.groups)
    for name, link in links:
        groups[name] = msgspec.structs.replace(groups[name], implies=(*groups[name].implies, link))
    return msgspec.structs.replace(policy, groups=groups)


def explanation(policy: Policy, kind: str, name: str, wrong: list[str]) -> str:
    """Why a server differs from its definitions here, where the source says so; empty where it does not."""
    switches = {note.message.split()[0]: note.origin for note in policy.notes if note.kind == "switched"}
    if wrong == ["active"] and name in switches:
        return f"switched on by code: {switches[name]}"
    if kind == "fields" and name.rpartition(".")[2].startswith("x_"):
        return "a field made by hand or by code, in the database only"
    return ""


def compare(kind: str, policy: Policy, server: Facts, read: Facts) -> tuple[int, int, list[str]]:
    """How many are equal, how many differ for a named reason, and one line for each that is not equal."""
    lines = []
    explained = 0
    for name in sorted(server.keys() - read.keys()):
        why = explanation(policy, kind, name, [])
        explained += bool(why)
        lines.append(f"missing    {name}" + (f" ({why})" if why else ""))
    lines += [f"extra      {name}" for name in sorted(read.keys() - server.keys())]
    equal = 0
    for name in sorted(server.keys() & read.keys()):
        wrong = [key for key in server[name] if server[name][key] != read[name][key]]
        if not wrong:
            equal += 1
            continue
        why = explanation(policy, kind, name, wrong)
        explained += bool(why)
        for key in wrong:
            difference = f"different  {name}: {key} {server[name][key]!r} read as {read[name][key]!r}"
            lines.append(difference + (f" ({why})" if why else ""))
    return equal, explained, lines


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", nargs="+")
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--show", type=int, default=20, help="how many differences of each kind to print")
    options = parser.parse_args()
    with lzma.open(options.oracle) as file:
        oracle = json.load(file)
    modules = [module["name"] for module in oracle["modules"]]
    policy = open_policy(options.tree, modules=modules, demo=True)
    switched = switched_on(policy, oracle)
    adjusted = with_links(policy, switched)
    below = []
    columns = ("equal", 7), ("explained", 9), ("missing", 8), ("extra", 6), ("different", 9), ("equal %", 8)
    titles = " ".join(f"{title:>{width}}" for title, width in columns)
    print(f"{'kind':<14} {'server':>7} {titles} {'or explained %':>15}")
    details: list[str] = []
    for kind, (of_server, of_policy) in KINDS.items():
        server, read = of_server(oracle), of_policy(adjusted)
        equal, explained, lines = compare(kind, policy, server, read)
        missing, extra = len(server.keys() - read.keys()), len(read.keys() - server.keys())
        different = len(server.keys() & read.keys()) - equal
        total = max(1, len(server.keys() | read.keys()))
        share, named = 100 * equal / total, 100 * (equal + explained) / total
        row = f"{equal:>7} {explained:>9} {missing:>8} {extra:>6} {different:>9} {share:>8.2f} {named:>15.2f}"
        print(f"{kind:<14} {len(server):>7} {row}")
        if named < BOUNDS.get(kind, 0):
            below.append(kind)
        if lines:
            details += ["", f"{kind}:", *(f"  {line[:300]}" for line in lines[: options.show])]
            if len(lines) > options.show:
                details.append(f"  ... and {len(lines) - options.show} more (--show {len(lines)})")
    if switched:
        raw, _, _ = compare("groups", policy, server_groups(oracle), read_groups(policy))
        details += [
            "",
            f"links made by a setting or by code on the server (without them {raw} groups are equal):",
        ]
        details += [f"  {group} implies {link.group} ({link.origin})" for group, link in switched]
    print("\n".join(details))
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
