"""Domains in memory: values of records read in bulk, and domains compiled to tests of one record."""

from ostiary.records.memory.compile import compile_domain, filtered
from ostiary.records.memory.reader import Reader
from ostiary.records.memory.rows import Rows
from ostiary.records.memory.source import Source

__all__ = ["Reader", "Rows", "Source", "compile_domain", "filtered"]
