"""Auditing a policy: checks, what they find, and running them."""

from ostiary.audit.finding import Confidence, Evidence, Example, Finding, Proved, Record, Severity
from ostiary.audit.registry import Catalogue, Check, CheckError, all_checks, catalogue, check
from ostiary.audit.run import AuditResult, Summary, UnknownCheck, audit

__all__ = [
    "AuditResult",
    "Catalogue",
    "Check",
    "CheckError",
    "Confidence",
    "Evidence",
    "Example",
    "Finding",
    "Proved",
    "Record",
    "Severity",
    "Summary",
    "UnknownCheck",
    "all_checks",
    "audit",
    "catalogue",
    "check",
]
