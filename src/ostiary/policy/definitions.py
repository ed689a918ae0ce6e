"""The nouns of a Policy: what Odoo's security definitions say, wherever they were read from.

Every definition is a plain value with an `Origin`. Names are Odoo's own: a group, an access
right, a record rule, a menu, an action and a view are known by their external id
(`module.name`); a model and a field by their technical name; a user by login.

Nothing here decides anything; see `rights`, `rules`, `fields`, `menus` and `decide`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cached_property

import msgspec

from ostiary.domain import Domain, parse
from ostiary.policy.origin import Origin


class Mode(StrEnum):
    """What a right or a rule is about; Odoo's four operations."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    UNLINK = "unlink"


MODES: tuple[Mode, ...] = (Mode.READ, Mode.WRITE, Mode.CREATE, Mode.UNLINK)


class Kind(StrEnum):
    """Which of Odoo's three sorts a model is."""

    MODEL = "model"
    TRANSIENT = "transient"
    ABSTRACT = "abstract"


# `gc=False`: there are tens of thousands of these, none can be part of a cycle, and the collector would go
# through them all again and again.


class Definition(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What every definition has: the place it was first defined."""

    origin: Origin


class Module(Definition, kw_only=True):
    """An addon and what its manifest says.

    One with `auto_install` is installed as soon as its `triggers` are (all it depends on, where it names none), in
    companies of its `countries` if it has some.
    `context` is true for a module that was read only because others depend on it
    (`--addons-path`, bundled facts): it takes part in every decision, but an audit does not report on it.
    `facts` is true for the few modules Ostiary carries a hand-written summary of.
    """

    name: str
    version: str = ""
    title: str = ""
    depends: tuple[str, ...] = ()
    category: str = ""
    auto_install: bool = False
    triggers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    installable: bool = True
    application: bool = False
    context: bool = False
    facts: bool = False


class Implication(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One link of `res.groups.implied_ids`, with the place that made it."""

    group: str
    origin: Origin


class Group(Definition, kw_only=True):
    """A `res.groups` record. `unresolved` marks a group that is only mentioned: its module was not read.

    `uncertain`: a value that could not be read statically may change this definition.
    """

    xmlid: str
    name: str = ""
    category: str = ""
    implies: tuple[Implication, ...] = ()
    share: bool = False
    noupdate: bool = False
    unresolved: bool = False
    uncertain: bool = False


class AccessRight(Definition, kw_only=True, gc=False):
    """A row of `ir.model.access`. `group` is None for a row that applies to every user.

    `uncertain`: a value that could not be read statically may change this definition.
    """

    xmlid: str
    name: str = ""
    model: str
    group: str | None = None
    modes: tuple[Mode, ...] = ()
    active: bool = True
    noupdate: bool = False
    uncertain: bool = False


class GroupLink(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A group a rule, menu, action or view is attached to, with the place that attached it."""

    group: str
    origin: Origin


class RecordRule(Definition, kw_only=True, dict=True):
    """A row of `ir.rule`. Global (for everybody) when it has no groups.

    `groups_uncertain` is true when a value that could not be read statically may have changed the groups.
    `uncertain`: a value that could not be read statically may change this definition.
    """

    xmlid: str
    name: str = ""
    model: str
    domain_force: str = ""
    groups: tuple[GroupLink, ...] = ()
    modes: tuple[Mode, ...] = MODES
    active: bool = True
    noupdate: bool = False
    domain_origin: Origin | None = None
    groups_uncertain: bool = False
    uncertain: bool = False

    @cached_property
    def domain(self) -> Domain:
        """The parsed `domain_force`; an empty text is TRUE, what can't be understood is opaque."""
        return parse(self.domain_force)

    @property
    def is_global(self) -> bool:
        """Odoo computes `global` from the groups, whatever value was given."""
        return not self.groups

    @property
    def group_names(self) -> tuple[str, ...]:
        return tuple(link.group for link in self.groups)


class Field(Definition, kw_only=True, gc=False):
    """A field of a model, as merged from all the classes that declare it.

    `groups` is Odoo's specification text (`a,b,!c`), None where the field is open to all.
    `store` is what Odoo ends up with (computed and related fields are not stored unless they say so).
    `inherited` is true for a field that comes from an `_inherits` parent.
    `compute`, `inverse_method` and `search` hold a method's name, `<lambda>` where one is given inline, or
    `<python>` where it is only known that there is one. `relation_columns` are the columns of a many2many's
    `relation_table` that hold this record and the other one, None for Odoo's usual names. `active_test` is what the
    field's own context says about archived records. `sanitize` is false for an HTML field whose values Odoo takes as
    they are; `sanitize_usual` is false where it cleans them otherwise than usual, or where that is not known: a group
    may write anything, styles or classes are taken out, any tag is left, the result is XML. `depends` are the
    paths that the compute method names in `@api.depends`, as far as they were read. `groups_unread` is true where the
    class that would say the field's groups (and its domain, context, search method) was not read: None then
    doesn't mean open to all.

    `default` is the source of a constant (`'draft'`, `0`), or what a function gives in one word: `<user>`,
    `<company>`, `<companies>` (the current user, the current company, the active ones), `<today>`, `<now>`, and
    `<python>` for anything else; None where the field has no default, and where only a database was read.
    `ondelete` (of a many2one: `set null`, `restrict` or `cascade`) and `copy` are what the class says, None where it
    leaves it to Odoo.
    `selection` are the values of a selection, in order, where the classes list them; empty where they aren't known.
    """

    name: str
    type: str
    string: str = ""
    comodel: str | None = None
    inverse: str | None = None
    groups: str | None = None
    related: str | None = None
    compute: str | None = None
    search: str | None = None
    store: bool = True
    required: bool = False
    readonly: bool = False
    inherited: bool = False
    company_dependent: bool = False
    check_company: bool = False
    compute_sudo: bool | None = None
    related_sudo: bool = True
    auto_join: bool = False
    translate: bool = False
    sanitize: bool = True
    sanitize_usual: bool = True
    relation_table: str | None = None
    relation_columns: tuple[str, str] | None = None
    domain: str | None = None
    active_test: bool | None = None
    depends: tuple[str, ...] = ()
    module: str = ""
    groups_unread: bool = False
    default: str | None = None
    ondelete: str | None = None
    copy: bool | None = None
    selection: tuple[str, ...] = ()


class Model(Definition, kw_only=True):
    """A model as merged from all the classes that define and extend it.

    `modules` are those that define or extend it, in loading order (each owns an external id for the model).
    `inherit` are the other models whose fields and methods it takes (mixins); `inherits` maps a
    delegated parent model to the field that links to it. `overrides` names the methods among those
    that decide access in Python (`_search`, `_check_access`, ...), with the place of each.
    `unresolved` marks a model that is only extended or mentioned: its own module was not read,
    so its fields, rights and rules are not all known. `partial` marks a model some of whose fields may not be
    known, because a part of it comes from a bundled summary or from a mixin that was not read: a field that is
    not listed may still exist. `code_unread` marks a model whose classes were not read (a database holds only what
    they came to): it may have overrides that are not listed. `names_search` is `_rec_names_search`, None where the
    class doesn't say it. `guards` names those of the model's own `write`, `create` and `unlink` that raise or call what
    checks, so that they may refuse what rights and rules give, with the place of each.
    """

    name: str
    description: str = ""
    kind: Kind = Kind.MODEL
    auto: bool = True
    table: str = ""
    table_query: bool = False
    inherit: tuple[str, ...] = ()
    inherits: dict[str, str] = {}
    fields: dict[str, Field] = {}
    modules: tuple[str, ...] = ()
    rec_name: str | None = None
    names_search: tuple[str, ...] | None = None
    parent_name: str = "parent_id"
    parent_store: bool = False
    active_name: str | None = None
    order: str = "id"
    check_company_auto: bool = False
    log_access: bool = True
    overrides: dict[str, Origin] = {}
    guards: dict[str, Origin] = {}
    unresolved: bool = False
    partial: bool = False
    code_unread: bool = False

    @property
    def abstract(self) -> bool:
        return self.kind is Kind.ABSTRACT


class User(Definition, kw_only=True):
    """A `res.users` record. `groups` are as stored by the source: explicit for addon source and Odoo 19,
    already closed for a 17 or 18 database, which sets `groups_closed`: those are then all the user holds.
    `id` is the row's id where a database was read. `password` is the place where a data file gives the user a password,
    which is not kept; `password_guessed` is true where it is the login or one of the words that are tried first.

    The rest is only known of a database, and None (or false) also where it could not be read: the days (UTC) on which
    the user was `created`, last logged in (`res.users.log`) and was last seen by a device of theirs
    (`res.device.log`, from 18); `employee` is true where an employee in service is linked to the user.
    """

    login: str
    id: int | None = None
    xmlid: str = ""
    name: str = ""
    active: bool = True
    groups: tuple[GroupLink, ...] = ()
    groups_closed: bool = False
    company: str | None = None
    companies: tuple[str, ...] = ()
    partner: str | None = None
    password: Origin | None = None
    password_guessed: bool = False
    created: date | None = None
    last_login: date | None = None
    last_activity: date | None = None
    employee: bool = False


class Contact(Definition, kw_only=True):
    """What is needed of a `res.partner`: of a user, of a company, or the commercial entity of one of these.

    `entity` is the commercial entity (the contact itself where it belongs to no company), `customer` and `supplier`
    say whether invoices or bills were made out to it, `email_domain` is what follows the `@` of its address.
    """

    xmlid: str
    name: str = ""
    entity: str | None = None
    is_company: bool = False
    customer: bool = False
    supplier: bool = False
    email_domain: str = ""


class Parameter(Definition, kw_only=True):
    """A setting of the whole database: a row of `ir.config_parameter`, or what a website says in its place
    (`website(1).auth_signup_uninvited`). Only a fixed list of them is read, none of which is a secret."""

    key: str
    value: str


class Edit(Definition, kw_only=True):
    """An access right or record rule that a database has otherwise than the source of its module.

    `right` or `rule` is what the source says; both are None where it says nothing of the kind (any more). What the
    database says is the definition of that external id in the Policy, or none where it was deleted. `origin` is the
    place in the database, or in the source where the database has none.
    """

    xmlid: str
    right: AccessRight | None = None
    rule: RecordRule | None = None


class Company(Definition, kw_only=True):
    """A `res.company` record; `parent` is the company it is a branch of, `partner` its contact. `id` as for User."""

    xmlid: str
    id: int | None = None
    name: str = ""
    parent: str | None = None
    partner: str | None = None
    active: bool = True


class Problem(Definition, kw_only=True):
    """Something that could not be read as Odoo does: a malformed file, an unknown reference, a skipped value.

    `kind` is a stable word (`malformed-file`, `missing-file`, `unknown-reference`, `unknown-model`,
    `unreadable-value`, `limit`, ...); `fatal` is true where Odoo itself would refuse to load the module.
    """

    kind: str
    message: str
    fatal: bool = False


class Unresolved(Definition, kw_only=True):
    """A module, group or model that is needed but was not read. `origin` is the first place that needs it."""

    kind: str
    name: str
    needed_by: tuple[str, ...] = ()


class UnloadedFile(Definition, kw_only=True):
    """A security file that lies in a module but that its manifest does not load.

    `rights` and `rules` are what it would have defined, `mentioned` is true where Python code of
    the module names the file (a hook may load it).
    """

    path: str
    rights: tuple[AccessRight, ...] = ()
    rules: tuple[RecordRule, ...] = ()
    mentioned: bool = False


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value that a later place wrote over an earlier one, both as text: external ids, numbers, texts.

    Values of an x2many field are external ids joined by commas, as they stood before and after. `written` is true where
    the earlier place wrote the field, and so does again when its module is updated; of an x2many field, where it had
    linked something that the later place took away.
    """

    field: str
    before: str
    after: str
    origin: Origin
    earlier: Origin
    written: bool = False


class Overwrite(Definition, kw_only=True):
    """A group, access right or record rule that a later place defined again or patched.

    `model` is Odoo's model of the record (`ir.model.access`), `origin` the later place, `earlier` the place that
    defined the record. `changes` are the values that came to differ from what stood there; none where the later place
    repeats the earlier one, or took the record away (`deleted`): `right` or `rule` is then what it said. `noupdate` is
    true where the later place stands in a noupdate block, which Odoo carries out when its module is installed and
    passes over when it is updated. `whole` is true where the later place says once more which model a right or rule is
    about, as a definition does and a change need not.
    """

    xmlid: str
    model: str
    earlier: Origin
    changes: tuple[Changed, ...] = ()
    deleted: bool = False
    noupdate: bool = False
    whole: bool = False
    right: AccessRight | None = None
    rule: RecordRule | None = None


class Toggle(Definition, kw_only=True):
    """A setting that makes groups imply another one: a `group_...` field of `res.config.settings`.

    An administrator (or code that does the same) switches it, so that `groups` come to imply `implies`.
    """

    field: str
    groups: tuple[str, ...]
    implies: str


class Suppression(Definition, kw_only=True):
    """A comment in a module's files that accepts findings: `ostiary: ignore[check, ...] reason`.

    `origin` is the comment's place, `checks` are the checks it names, `first` and `last` the lines of its file that it
    stands at: a record, a row, a statement, the head of a class. Both are 0 where it stands at nothing.
    Without a `reason` it is not honoured.
    """

    checks: tuple[str, ...] = ()
    reason: str = ""
    first: int = 0
    last: int = 0


class Note(Definition, kw_only=True):
    """Something that was read and noted but not carried out, because doing so means running code:
    a `<function>` call, an install hook that touches access definitions."""

    kind: str
    message: str
