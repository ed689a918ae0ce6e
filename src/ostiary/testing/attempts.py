"""Deeds with values: tried as the user, on the rows, and undone."""

from __future__ import annotations

from ostiary.enforce.environment import Environment
from ostiary.enforce.errors import AccessError, EnforceError
from ostiary.enforce.verbs.checks import check_rules
from ostiary.policy import Mode, Policy
from ostiary.records.errors import RecordsError
from ostiary.testing.asked import Answer, Asked, Said
from ostiary.testing.rows import resolve
from ostiary.testing.values import Converter
from ostiary.testing.world import World


class Attempts:
    """Creates and writes as the users of a world, with the rights and rules of a Policy."""

    def __init__(self, world: World, policy: Policy) -> None:
        self.world = world
        self.policy = policy
        self.converter = Converter(
            world.policy, world.schema, lambda name, model: resolve(world, name, model)
        )

    def tried(self, asked: Asked) -> Answer:
        """What comes of an attempt. Afterwards the rows are as they were."""
        strict = self.world.tests.file.strict
        answer = self._answer(asked, strict=strict)
        if strict and answer.said is Said.UNKNOWN:
            return self._refused_anyway(asked) or answer
        return answer

    def _answer(self, asked: Asked, *, strict: bool) -> Answer:
        try:
            self._do(asked, strict=strict)
        except AccessError as error:
            return _refusal(error)
        except EnforceError as error:
            return Answer(Said.ERROR, f"{type(error).__name__}: {error}")
        except RecordsError as error:
            return Answer(Said.UNKNOWN, self._unknown(str(error)))
        return Answer(Said.CAN)

    def _refused_anyway(self, asked: Asked) -> Answer | None:
        """The refusal that a strict attempt ends with whatever comes of a check that can't be decided; None where there
        is none. What a strict Environment checks is more than what Odoo does, never less: where the deed is refused as
        Odoo does it, or what a record became is, the strict one does not succeed either."""
        answer = self._answer(asked, strict=False)
        if answer.said is Said.CAN:
            return self._refused_after(asked)
        return answer if answer.said is Said.CANNOT else None

    def becomes_refused(self, asked: Asked) -> bool:
        """Whether an attempt that Odoo lets pass makes a record into one that its user may not write."""
        return not self.world.tests.file.strict and self._refused_after(asked) is not None

    def _refused_after(self, asked: Asked) -> Answer | None:
        """The refusal by what a record became, of a write that Odoo lets pass. Of users it isn't asked: some fields of
        their own Odoo writes as superuser, whom no rule binds."""
        if asked.mode is not Mode.WRITE or asked.model == "res.users":
            return None
        try:
            self._do(asked, strict=False, after=True)
        except AccessError as error:
            return _refusal(error)
        except (EnforceError, RecordsError):
            return None
        return None

    def _do(self, asked: Asked, *, strict: bool, after: bool = False) -> None:
        """Do it, and undo it. `after`: ask the record rules of what a record became. Raises what the Environment does,
        and ValueError for values that are none."""
        values = self.converter.operation(asked.model, asked.values or {})
        undo = self.world.connection.begin_nested()
        try:
            env = Environment(
                self.world.connection,
                self.policy,
                user=asked.login,
                companies=asked.companies or None,
                strict=strict,
            )
            if asked.mode is Mode.CREATE:
                env[asked.model].create(values)
                return
            assert asked.record is not None
            env[asked.model].browse(asked.record).write(values)
            if after:
                check_rules(env, asked.model, Mode.WRITE, [asked.record], after=True)
        finally:
            if undo.is_active:
                undo.rollback()

    def _unknown(self, text: str) -> str:
        """Why an attempt can't be decided, and what would help."""
        text = text.removeprefix("cannot be decided: ")
        said = f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
        file = self.world.tests.file
        if file.strict and not file.whole and "--addons-path" in said:
            said += " If what is read is all there is, say `whole: true`."
        return said


def _refusal(error: AccessError) -> Answer:
    """A refusal, in its own words: they say of what the record was, or became. The reasons follow as a tree."""
    return Answer(Said.CANNOT, str(error).split("\n", 1)[0], decision=error.decision)
