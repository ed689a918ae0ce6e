"""Auditing a policy: checks, what they find, and running them."""

from ostiary.audit.bounds import TooLarge
from ostiary.audit.decided.configuration import Accepted, Settings
from ostiary.audit.finding import Confidence, Evidence, Example, Finding, Proved, Record, Severity
from ostiary.audit.registry import Catalogue, Check, CheckError, all_checks, catalogue, check
from ostiary.audit.result import AuditResult, Compared, Summary, Suppressed
from ostiary.audit.run import UnknownCheck, audit

__all__ = [
    "Accepted",
    "AuditResult",
    "Catalogue",
    "Check",
    "CheckError",
    "Compared",
    "Confidence",
    "Evidence",
    "Example",
    "Finding",
    "Proved",
    "Record",
    "Settings",
    "Severity",
    "Summary",
    "Suppressed",
    "TooLarge",
    "UnknownCheck",
    "all_checks",
    "audit",
    "catalogue",
    "check",
]
