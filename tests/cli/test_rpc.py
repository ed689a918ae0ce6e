"""`ostiary rpc`: the methods that anybody who is logged in may call."""

from __future__ import annotations

import msgspec
import pytest

from cli.test_prove import Ask
from cli.test_routes import SCHEMA, ask, found_in, kept, policy
from ostiary.policy import Policy
from ostiary.policy.code import EntryKind
from ostiary.report import routes_said, routes_terminal
from report.test_proofs_formats import valid

__all__ = ["ask", "kept", "policy"]


def test_a_method_that_writes_as_superuser_is_first(ask: Ask) -> None:
    ran = ask("rpc", "addons", "--no-progress", "-f", "json")
    assert (ran.code, ran.err) == (0, "")
    document = valid(ran.out, SCHEMA)
    first, second = document["entries"]
    assert (first["name"], first["ease"], first["changes"]) == (
        "clinic.visit.action_cancel",
        "unchecked",
        True,
    )
    assert first["parameters"] == ["reason"]
    (reach,) = first["reaches"]
    assert (reach["does"], reach["rights"], reach["choices"]) == (["write"], "superuser", ["self"])
    assert (second["method"], second["ease"]) == ("action_print", "own-rights")
    assert ask("rpc", "addons", "--method", "action_print", "--no-progress").out.count("action_cancel") == 0
    assert ask("rpc", "addons", "--method", "no_such", "--no-progress").code == 2


def test_those_with_their_callers_rights_are_only_named(policy: Policy) -> None:
    text = routes_terminal.as_text(found_in(policy, EntryKind.RPC), policy, width=100)
    assert "clinic.visit  Visit · 3 methods" in text
    assert "● action_cancel(reason)" in text
    assert "· With the caller's own rights: action_print, get_defaults" in text


def test_whose_methods_a_model_has_besides(policy: Policy) -> None:
    model = policy.models["clinic.visit"]
    models = {**policy.models, "clinic.visit": msgspec.structs.replace(model, inherit=("portal.mixin",))}
    held = msgspec.structs.replace(policy, models=models)
    assert "It also has the methods of portal.mixin." in routes_terminal.as_text(
        found_in(held, EntryKind.RPC), held
    )


@pytest.mark.parametrize("kind", EntryKind)
def test_nothing_to_list(policy: Policy, kind: EntryKind) -> None:
    code = policy.code
    assert code is not None
    held = msgspec.structs.replace(policy, code=msgspec.structs.replace(code, entries=[]))
    (said,) = routes_said.summary(found_in(held, kind))
    assert said.startswith("There is no ")
