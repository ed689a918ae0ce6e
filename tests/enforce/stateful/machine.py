"""Random operations on a database, each held against the oracle: what is given, what is refused, what every table
holds afterwards."""

from __future__ import annotations

from random import Random
from typing import Any

import sqlalchemy as sa

from enforce.stateful import generate
from enforce.stateful.oracle import CAR, COLUMNS, DOC, LENT, MODELS, Denied, Oracle, Who
from ostiary.enforce import EnforceError, Environment, install

TABLES = {name: name.replace(".", "_") for name in MODELS}
_LINK = {"node_id", "parent_id", "doc_id", "owner_id", "company_id"}


class Mismatch(AssertionError):
    """Ostiary and the oracle disagree; the text holds what led there."""


class _Undo(Exception):
    pass


class Machine:
    """One policy, one database, and a sequence of operations by its users. Everything follows from the seed."""

    def __init__(self, engine: sa.Engine, seed: int) -> None:
        self.random = Random(seed)
        self.series = self.random.choice([18, 18, 19])
        self.strict = self.random.random() < 0.7
        self.seed = seed
        self.engine = engine
        self.world = generate.world(self.random, str(self.series))
        self.policy = install(engine, self.world.policy)
        self.users = {user.login: user.id for user in self.policy.users}
        self.companies = {one.xmlid: one.id for one in self.policy.companies}
        world = self.world
        self.oracle = Oracle(world.rights, world.rules, world.secret, self.strict, self.series, self.next_id)
        self.counters: dict[str, int] = {}
        self.said: list[str] = []
        self.counts = {"allowed": 0, "refused": 0, "found": 0}
        self.env = self.opened()
        self.acting = self.env

    def opened(self) -> Environment:
        return Environment(self.engine, self.policy, user=None, strict=self.strict)

    # -- ids, as the database gives them -------------------------------------------------------------------

    def next_id(self, model: str) -> int:
        if self.engine.dialect.name == "sqlite":
            return max(self.oracle.rows[model], default=0) + 1
        self.counters[model] += 1
        return self.counters[model]

    def read_counters(self) -> None:
        if self.engine.dialect.name == "sqlite":
            return
        for model, table in TABLES.items():
            asked = sa.text(f"SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {table}_id_seq")
            self.counters[model] = self.env.transaction.connection.execute(asked).scalar_one()

    # -- what is there -------------------------------------------------------------------------------------

    def dump(self) -> tuple[dict[str, dict[int, dict[str, Any]]], set[tuple[int, int]]]:
        """All rows, read past Ostiary."""
        connection = self.env.transaction.connection
        rows = {}
        for model, table in TABLES.items():
            names = ("id", *COLUMNS[model])
            asked = sa.text(f"SELECT {', '.join(names)} FROM {table}")
            rows[model] = {
                row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in connection.execute(asked)
            }
        for row in rows[DOC].values():
            row["active"] = bool(row["active"])
        links = {
            (row[0], row[1]) for row in connection.execute(sa.text("SELECT doc_id, tag_id FROM w_doc_tag"))
        }
        return rows, links

    # -- running -------------------------------------------------------------------------------------------

    def run(self, steps: int) -> None:
        try:
            self.fill()
            for _ in range(steps):
                self.step()
        finally:
            self.env.close()

    def fill(self) -> None:
        """Some rows of each model, made as superuser."""
        bot = Who(0, frozenset(), 0, (), 0, (), su=True)
        self.acting = self.env
        for model in ("w.tag", "w.node", DOC, "w.line", CAR):
            for _ in range(4):
                values = generate.values(self.random, model, self.ids(), deep=False)
                if model == "w.node" and len(self.oracle.rows[model]) < 2:
                    values.pop("parent_id", None)  # domains name these two: they stay
                self.both(bot, "create", model, values)

    def step(self) -> None:
        chance = self.random.random()
        if not self.strict:
            # Odoo gives what somebody else has read in the same transaction to whoever asks: here nobody has.
            self.env.commit()
            self.operation()
        elif chance < 0.05:
            self.say("commit")
            self.env.commit()
        elif chance < 0.08:
            self.say("commit, close, open")
            self.env.commit()
            self.env.close()
            self.env = self.opened()
        elif chance < 0.16:
            self.unit()
        else:
            self.operation()

    def unit(self) -> None:
        """Some operations that are then undone together."""
        saved = self.oracle.saved()
        self.say("unit {")
        try:
            with self.env.unit():
                for _ in range(self.random.randint(1, 3)):
                    self.operation()
                raise _Undo
        except _Undo:
            self.say("} undone")
            self.oracle.back(saved)
        self.compare_rows()

    def ids(self) -> dict[str, list[int]]:
        return {model: sorted(rows) for model, rows in self.oracle.rows.items()}

    def who(self) -> tuple[Who, Environment]:
        login = self.random.choice(generate.LOGINS)
        own = [self.companies[name] for name in self.world.companies[login]]
        active = [one for one in self.companies.values() if one in own]  # in the order of res.company
        env = self.env.with_user(login)
        current, chosen = own[0], tuple(active)
        if self.random.random() < 0.3:
            current = self.random.choice(own)
            chosen = (current,)
            env = env.with_company(current)
        who = Who(self.users[login] or 0, self.world.held[login], current, chosen, own[0], tuple(active))
        if self.random.random() < 0.1:
            who.su, env = True, env.sudo(reason="the test asks")
        self.say(f"{login} {chosen}{' su' if who.su else ''}: ")
        self.acting = env
        return who, env

    def operation(self) -> None:
        who, _ = self.who()
        model = self.random.choice([DOC, DOC, DOC, *MODELS])
        verb = self.random.choice(
            ["search", "search", "read", "attribute", "create", "write", "write", "unlink", "copy", "check"]
        )
        ids = self.ids()[model]
        some = self.random.sample(ids, min(len(ids), self.random.choice([1, 1, 2, 3])))
        if verb == "search":
            # From 19 on a tree in a user's own domain is followed with their rights, which the oracle doesn't.
            trees = self.series < 19 or who.su
            self.both(who, verb, model, generate.domain(self.random, model, trees=trees))
        elif verb == "create":
            self.both(who, verb, model, generate.values(self.random, model, self.ids()))
        elif not some:
            return
        elif verb == "write":
            values = generate.values(self.random, model, self.ids())
            if model == "w.node" or (model == CAR and set(values) & set(LENT)):
                values.pop("parent_id", None) if {1, 2} & set(self.nodes(model, some)) else None
            self.both(who, verb, model, some, values)
        elif verb == "unlink":
            some = [one for one in some if model != "w.node" or one > 2]
            if some:
                self.both(who, verb, model, some)
        elif verb == "copy":
            self.both(who, verb, model, some[0])
        elif verb == "check":
            self.both(who, verb, model, some, self.random.choice(["read", "write", "unlink"]))
        else:
            names = [*COLUMNS[model], *(LENT if model == CAR else ())]
            if model == DOC:
                names += ["tag_ids", "line_ids"]
            wanted = self.random.sample(names, min(len(names), self.random.randint(1, 3)))
            if verb == "read":
                self.both(who, verb, model, some, wanted)
            else:
                self.both(who, verb, model, some[0], wanted[0])

    def nodes(self, model: str, ids: list[int]) -> list[int]:
        return ids if model != CAR else [self.oracle.rows[CAR][one]["node_id"] for one in ids]

    # -- both ----------------------------------------------------------------------------------------------

    def both(self, who: Who, verb: str, model: str, *args: Any) -> None:
        """Do it in both places and compare."""
        self.say(f"    {verb} {model} {args}")
        self.read_counters()
        saved = self.oracle.saved()
        expected: Any
        try:
            expected = getattr(self, f"expected_{verb}")(who, model, *args)
            why = ""
        except Denied as denied:
            self.oracle.back(saved)
            expected, why = Denied, str(denied)
        before = sum(one.times for one in self.env.bypasses)
        try:
            found = getattr(self, f"found_{verb}")(self.acting[model], *args)
        except EnforceError as error:
            found = Denied
            self.say(f"      refused: {str(error).splitlines()[0]}")
        if found != expected:
            raise Mismatch(self.report(f"found {found!r}, expected {expected!r} {why}"))
        self.compare_rows()
        if who.su and verb != "check" and sum(one.times for one in self.env.bypasses) <= before:
            raise Mismatch(self.report("no bypass was kept"))
        self.counts["refused" if found is Denied else "allowed"] += 1
        if verb == "search" and found and found is not Denied:
            self.counts["found"] += 1

    def compare_rows(self) -> None:
        rows, links = self.dump()
        wanted = self.oracle.rows
        if rows != wanted or links != self.oracle.links:
            differing = [
                f"{model} {one}: {rows[model].get(one)} instead of {wanted[model].get(one)}"
                for model in MODELS
                for one in sorted({*rows[model], *wanted[model]})
                if rows[model].get(one) != wanted[model].get(one)
            ]
            differing += [f"links {links ^ self.oracle.links}"] if links != self.oracle.links else []
            raise Mismatch(self.report("the tables hold\n" + "\n".join(differing)))

    def say(self, text: str) -> None:
        self.said.append(text)

    def report(self, text: str) -> str:
        lines = [f"seed {self.seed}, Odoo {self.series}, strict={self.strict}", *self.said[-12:], text]
        lines += ["rights " + repr(sorted(map(str, self.world.rights))), f"held {self.world.held}"]
        lines += [f"secret {self.world.secret!r}", f"users {self.users}"]
        lines += [repr(rule) for rule in self.world.rules]
        lines += [f"{model}: {rows}" for model, rows in self.oracle.rows.items()] + [
            f"links {self.oracle.links}"
        ]
        return "\n".join(lines)

    # -- each verb, expected and found ---------------------------------------------------------------------

    def expected_search(self, who: Who, model: str, domain: list[Any]) -> Any:
        found = self.oracle.search(who, model, domain)
        return found, len(found), found[1:3]

    def found_search(self, records: Any, domain: list[Any]) -> Any:
        return (
            records.search(domain).ids,
            records.search_count(domain),
            records.search(domain, offset=1, limit=2, order="id").ids,
        )

    def expected_read(self, who: Who, model: str, ids: list[int], names: list[str]) -> Any:
        return self.oracle.read(who, model, ids, names)

    def found_read(self, records: Any, ids: list[int], names: list[str]) -> Any:
        return [
            {name: sorted(value) if isinstance(value, list) else value for name, value in row.items()}
            for row in records.browse(ids).read(names, load=None)
        ]

    def expected_attribute(self, who: Who, model: str, id_: int, name: str) -> Any:
        return self.oracle.read(who, model, [id_], [name])[0][name]

    def found_attribute(self, records: Any, id_: int, name: str) -> Any:
        value = records.browse(id_)[name]
        if name in _LINK:
            return value.id
        return sorted(value.ids) if name.endswith("_ids") else value

    def expected_create(self, who: Who, model: str, values: dict[str, Any]) -> Any:
        return self.oracle.create(who, model, values)

    def found_create(self, records: Any, values: dict[str, Any]) -> Any:
        return records.create(values).id

    def expected_write(self, who: Who, model: str, ids: list[int], values: dict[str, Any]) -> Any:
        return self.oracle.write(who, model, ids, values)

    def found_write(self, records: Any, ids: list[int], values: dict[str, Any]) -> Any:
        return None if records.browse(ids).write(values) else False

    def expected_unlink(self, who: Who, model: str, ids: list[int]) -> Any:
        return self.oracle.unlink(who, model, ids)

    def found_unlink(self, records: Any, ids: list[int]) -> Any:
        return None if records.browse(ids).unlink() else False

    def expected_copy(self, who: Who, model: str, id_: int) -> Any:
        return self.oracle.copy(who, model, id_)

    def found_copy(self, records: Any, id_: int) -> Any:
        return records.browse(id_).copy().id

    def expected_check(self, who: Who, model: str, ids: list[int], mode: str) -> Any:
        if not self.oracle.right(who, model, mode):
            return []
        return [one for one in ids if self.oracle.within(who, model, mode, one)]

    def found_check(self, records: Any, ids: list[int], mode: str) -> Any:
        asked = records.browse(ids)
        found = asked.filtered_access(mode).ids
        assert asked.has_access(mode) is (found == ids)
        return found
