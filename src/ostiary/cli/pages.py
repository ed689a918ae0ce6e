"""`docs/cli.md`, written from the commands themselves: `python -m ostiary.cli.pages` (`--check` only compares)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer

from ostiary.cli.app import app, ostiary
from ostiary.cli.output import say

PAGE = Path("docs/cli.md")
_EXAMPLES = {
    "audit": (
        "ostiary audit my_addons --addons-path odoo/addons",
        "ostiary audit my_addons -o report.html --title 'Acme' --date 'May 2026'",
        "ostiary audit my_addons --format sarif -o ostiary.sarif --fail-on high",
        "ostiary audit postgresql://reader@localhost/odoo --addons-path odoo/addons",
    ),
    "prove": (
        "ostiary prove my_addons --addons-path odoo/addons",
        "ostiary prove my_addons -o proofs.html --title 'Acme'",
        "ostiary prove my_addons --question silo --as internal --as sales_team.group_sale_salesman",
        "ostiary prove my_addons --invariants promises.yaml --question separation",
        "ostiary prove my_addons --waste",
        "ostiary prove postgresql://reader@localhost/odoo --model 'sale.*' --witness",
    ),
    "diff": (
        "ostiary diff my_addons@origin/main my_addons --addons-path odoo/addons --fail-on-wider",
        "ostiary diff last-month.json postgresql://reader@localhost/odoo",
        "ostiary diff my_addons@v1.0 my_addons --format markdown -o change.md",
    ),
    "vet": (
        "ostiary vet downloads/their_module --addons-path odoo/addons -o vet.html",
        "ostiary vet their_module.whl --addons-path odoo/addons --without sale_management --fail-on look",
    ),
    "routes": (
        "ostiary routes my_addons --addons-path odoo/addons",
        "ostiary routes my_addons --audience public --changes",
        "ostiary routes my_addons --superuser --model 'sale.*' -o routes.html",
    ),
    "rpc": (
        "ostiary rpc my_addons --addons-path odoo/addons",
        "ostiary rpc my_addons --superuser --format json -o methods.json",
    ),
    "explain": (
        "ostiary explain my_addons --as portal --can 'read sale.order'",
        "ostiary explain my_addons --as portal --can 'write sale.order' --expect denied",
        "ostiary explain postgresql://reader@localhost/odoo --as ada --can 'read sale.order:42'",
    ),
    "who": (
        "ostiary who my_addons read sale.order",
        "ostiary who my_addons see sale.sale_menu_root",
        "ostiary who postgresql://reader@localhost/odoo write sale.order:42",
    ),
    "matrix": (
        "ostiary matrix my_addons --model 'sale.*'",
        "ostiary matrix my_addons --format csv -o access.csv",
        "ostiary matrix postgresql://reader@localhost/odoo --as ada --as ben --model 'sale.*'",
    ),
    "decisions": (
        "ostiary decisions postgresql://reader@localhost/odoo -o decisions.jsonl",
        "ostiary decisions postgresql://reader@localhost/odoo --user ada --model 'sale.*' --mode read",
    ),
    "test": (
        "ostiary test my_addons",
        "ostiary test my_addons -k 'anna cannot' --watch",
        "ostiary test my_addons --coverage --mutate --addons-path odoo/addons",
        "ostiary test my_addons --junit report.xml --database postgresql://localhost/postgres",
    ),
    "shell": (
        "ostiary shell my_addons --as portal",
        "ostiary shell my_addons --as anna --records my_addons/access/orders.access.yaml",
        "ostiary shell my_addons --as portal -c 'env[\"sale.order\"].search([])'",
    ),
    "rls": (
        "ostiary rls my_addons --addons-path odoo/addons --model 'sale.*' -o rules.sql",
        "ostiary rls my_addons --drop -o away.sql",
    ),
    "snapshot": ("ostiary snapshot my_addons -o access.json", "ostiary audit access.json"),
    "checks": ("ostiary checks", "ostiary checks rule-company-only"),
}
_INTRODUCTION = """\
# The command line

This page is written from the commands themselves by `python -m ostiary.cli.pages`.

## Exit codes

| code | meaning |
|---|---|
| 0 | `audit` and `prove` found nothing that `--fail-on` names, `test` every expectation met; for the other commands, the question was answered |
| 1 | there is what `--fail-on` names (`audit`, `prove`) or `--fail-on-wider` (`diff`), a verdict that `--fail-on` names (`vet`), or not what `--expect` names; an expectation is not met (`test`), the code was refused (`shell`), a rule can't be expressed (`rls`) |
| 2 | wrong usage, a target that can't be read, or a file that can't be written |
| 130 | interrupted |
| 141 | whoever read the output has gone away, as `head` does |
| 143 | terminated |

An error is one sentence on the error output: what is wrong, where, and what to do. With the variable `OSTIARY_DEBUG`
set, an error that Ostiary did not expect shows its traceback. Colours follow `NO_COLOR` and are left out where the
output is no terminal.

## Reports

`--format terminal` is for reading, `json` for programs, `sarif` for code scanning, `html` for people: one file that
needs no network. Each is the same from run to run for the same definitions. In SARIF, critical and high are errors,
medium is a warning, low and info are notes; paths are relative to the folder Ostiary was started in.

What `prove` and `diff` write as JSON is described by [prove.schema.json](prove.schema.json),
[waste.schema.json](waste.schema.json) (with `--waste`) and [diff.schema.json](diff.schema.json).
[Proofs](prove.md) says what their verdicts mean. [routes.schema.json](routes.schema.json) describes what `routes` and
`rpc` write, [vet.schema.json](vet.schema.json) what `vet` does.

## An Odoo database

`postgresql://USER@HOST:PORT/DATABASE` (or `postgres://`) is a target of every command: the database of an Odoo 17.0,
18.0 or 19.0. It is read in one read-only transaction that sees everything as of one moment and holds up nobody; Odoo
may go on working. While modules are installed or upgraded it is not read.

- Give the password in the variable `PGPASSWORD` or in `.pgpass`: one in the URL can be seen by others on the same
  machine. Ostiary never shows it: a database is shown as `postgresql://HOST:PORT/DATABASE`.
- A user with `SELECT` is enough, on `res_users` and `res_partner` for a few columns only. Where something may not be
  read, the error says which `GRANT` is missing. The days of logins, the companies of users' contacts and a fixed
  list of settings, none of them secret, are only read for some checks: where they may not be, a note says so and the
  rest goes on.
- A database does not hold the groups of fields, nor what is overridden in Python. Both are *not known* unless the
  modules' source is given as `--addons-path`; groups, access rights, record rules and users are always the database's.
- `--modules` says which modules an audit reports on; decisions always count all that are installed.
- Questions about records (`explain` and `who` with `MODEL:ID`, `matrix --as LOGIN`, `decisions`) read the columns
  that rules ask for, so the database user needs `SELECT` on those too. Users are asked about without a choice of
  companies, that is in all of theirs, unless `--company` chooses. Rules are evaluated as Odoo evaluates them, by SQL
  for reading and searching and in Python for the rest; where the two differ on a record, `explain` says so.
- What is decided by Python that is not described in Ostiary *cannot be decided*, and says what stands in the way.
  Values of records are shown to whoever runs the command, since they may look at the database anyway.
"""  # noqa: E501 (a table has no shorter lines)


def page() -> str:
    """The whole page."""
    group: Any = typer.main.get_command(app)
    parts = [_INTRODUCTION, "## `ostiary`\n", _paragraphs(group.help), _table(group, ostiary)]
    functions = {each.callback.__name__: each.callback for each in app.registered_commands if each.callback}
    for name, command in group.commands.items():
        parts += [
            f"## `ostiary {name}`\n",
            "```text\n" + _usage(name, command) + "\n```\n",
            _paragraphs(command.help),
        ]
        parts += [_table(command, functions[name]), "```sh\n" + "\n".join(_EXAMPLES[name]) + "\n```\n"]
    return "\n".join(part for part in parts if part)


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(" ".join(each.split()) for each in (text or "").split("\n\n")).strip() + "\n"


def _usage(name: str, command: Any) -> str:
    words = [
        each.metavar or each.name.upper() for each in command.params if each.param_type_name == "argument"
    ]
    return " ".join(["ostiary", name, *words, "[OPTIONS]"])


def _table(command: Any, function: Callable[..., Any]) -> str:
    rows = list(_rows(command, get_type_hints(function)))
    return "\n".join(["| argument or option | meaning |", "|---|---|", *rows]) + "\n" if rows else ""


def _rows(command: Any, types: Mapping[str, Any]) -> Iterator[str]:
    for each in command.params:
        if each.param_type_name == "argument":
            yield f"| `{each.metavar or each.name.upper()}` | {_cell(each.help)} |"
            continue
        names = ", ".join(f"`{name}`" for name in each.opts)
        choices = _choices(types.get(each.name))
        if choices:
            value = " " + " or ".join(f"`{choice}`" for choice in choices)
        else:
            value = f" `{each.metavar}`" if each.metavar else ""
        default = getattr(each.default, "value", each.default)
        shown = each.show_default and default not in (None, False, "", [])
        said = _cell(each.help) + (" Required." if each.required else "")
        yield f"| {names}{value} | {said}{f' Default: `{default}`.' if shown else ''} |"


def _choices(hint: Any) -> list[str]:
    """The words that an option's type accepts, where it is a choice."""
    kinds = [hint, *get_args(hint)]
    return [
        str(choice.value)
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, Enum)
        for choice in kind
    ]


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def main() -> int:
    """Write the page, or, with `--check`, say whether it is current."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        say(f"{PAGE} is not current: run 'python -m ostiary.cli.pages'.", error=True)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
