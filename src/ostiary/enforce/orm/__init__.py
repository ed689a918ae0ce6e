"""Access rights and record rules for applications with SQLAlchemy classes of their own.

`policy_for` makes a Policy of the classes and of what somebody wrote about who may do what; `secure` makes a session
one user's. What can't be guarded is refused. See `docs/secure.md`.
"""

from ostiary.enforce.orm.policy import group, policy_for, right, rule
from ostiary.enforce.orm.session import bypass, bypasses, secure
from ostiary.enforce.orm.ties import MappingError

__all__ = ["MappingError", "bypass", "bypasses", "group", "policy_for", "right", "rule", "secure"]
