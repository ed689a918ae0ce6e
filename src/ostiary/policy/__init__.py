"""What Odoo's security definitions say, and what follows: decisions with their reasons.

A `Policy` holds the definitions; nothing here knows where they were read from.
"""

from ostiary.policy.audience import Audience, audience_chain, audience_of, share_groups
from ostiary.policy.decide import Decision, Row, decide, matrix, who
from ostiary.policy.definitions import (
    MODES,
    AccessRight,
    Company,
    Contact,
    Definition,
    Edit,
    Field,
    Group,
    GroupLink,
    Implication,
    Kind,
    Mode,
    Model,
    Module,
    Note,
    Parameter,
    Problem,
    RecordRule,
    Toggle,
    UnloadedFile,
    Unresolved,
    User,
)
from ostiary.policy.effective import Clause, Effective, Unknown, Verdict, effective
from ostiary.policy.fields import (
    FieldGroups,
    UnknownField,
    field_access,
    field_groups,
    find_field,
    may_use,
)
from ostiary.policy.groups import (
    chain,
    closure,
    has_groups,
    is_share,
    named_groups,
    user_type_conflict,
)
from ostiary.policy.menus import MenuVisibility, menu_visibility, shown_menus, visible_menus
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy
from ostiary.policy.question import BadQuestion, Question
from ostiary.policy.reasons import Reason
from ostiary.policy.rights import granting, may, model_unread
from ostiary.policy.rules import ApplicableRules, ParentRules, applicable, parents_of
from ostiary.policy.screens import Action, Menu, View
from ostiary.policy.semantics import INTERNAL, PORTAL, PUBLIC, USER_TYPES, Semantics
from ostiary.policy.subject import Subject, UnknownSubject, holds

__all__ = [
    "INTERNAL",
    "MODES",
    "PORTAL",
    "PUBLIC",
    "USER_TYPES",
    "AccessRight",
    "Action",
    "ApplicableRules",
    "Audience",
    "BadQuestion",
    "Clause",
    "Company",
    "Contact",
    "Decision",
    "Definition",
    "Edit",
    "Effective",
    "Field",
    "FieldGroups",
    "Group",
    "GroupLink",
    "Implication",
    "Kind",
    "Menu",
    "MenuVisibility",
    "Mode",
    "Model",
    "Module",
    "Note",
    "Origin",
    "Parameter",
    "ParentRules",
    "Policy",
    "Problem",
    "Question",
    "Reason",
    "RecordRule",
    "Row",
    "Semantics",
    "Subject",
    "Toggle",
    "Unknown",
    "UnknownField",
    "UnknownSubject",
    "UnloadedFile",
    "Unresolved",
    "User",
    "Verdict",
    "View",
    "applicable",
    "audience_chain",
    "audience_of",
    "chain",
    "closure",
    "decide",
    "effective",
    "field_access",
    "field_groups",
    "find_field",
    "granting",
    "has_groups",
    "holds",
    "is_share",
    "matrix",
    "may",
    "may_use",
    "menu_visibility",
    "model_unread",
    "named_groups",
    "parents_of",
    "share_groups",
    "shown_menus",
    "user_type_conflict",
    "visible_menus",
    "who",
]
