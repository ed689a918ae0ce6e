"""Following a request through Python: what an entry does with records, with whose rights, chosen how, and what was
asked before. Nothing is executed: expressions are given abstract values (`values`), branches are joined (`state`)."""

from ostiary.code.flow.follow import Followed, follow

__all__ = ["Followed", "follow"]
