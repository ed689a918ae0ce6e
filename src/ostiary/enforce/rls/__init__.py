"""Record rules as PostgreSQL row security: an SQL script that holds access rights and record rules in the
database itself.

`plan` works out the policies of some models, `script` and `drop_script` write them. What row security can't
hold as Odoo decides it is a `Refusal`, by name, and closed.
"""

from ostiary.enforce.rls.refusals import Refusal
from ostiary.enforce.rls.script import Guarded, Plan, chosen_models, plan
from ostiary.enforce.rls.text import drop_script, script

__all__ = ["Guarded", "Plan", "Refusal", "chosen_models", "drop_script", "plan", "script"]
