"""The nouns of what an Odoo's Python and pages do with records: who may call what, and what that reaches.

A `Policy` whose source was read with its code carries one `Code`. An `Entry` is something a client calls: a route of a
controller, or a method over RPC. A `Use` is one thing that running it does: a record read, written or shown, a query,
a redirect. Each use says with whose rights (`Actor`), how its records were chosen (`Choice`) and of what in the request
(`Given`), and what on the way there lets this caller pass (`Guard`). Nothing here is a verdict.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ostiary.policy.origin import Origin


class Actor(StrEnum):
    """With whose rights records are used."""

    CALLER = "caller"
    SUPERUSER = "superuser"
    OTHER = "other"
    """Another user, by `with_user`, or somebody who could not be told."""


class Choice(StrEnum):
    """How the records of a use were chosen."""

    CALLER_ID = "caller-id"
    """By an id that the caller names: `browse(id)`, `search([('id', '=', id)])`, a reference number."""
    CALLER_DOMAIN = "caller-domain"
    """By a domain, a field's name or an order that the caller writes, and nothing that ties the records to them."""
    CONVERTER = "converter"
    """By the converter of a route (`<model("sale.order"):order>`): Odoo has checked that the caller may read it."""
    SELF = "self"
    """The records an RPC method is called on: the caller names their ids, nothing has been checked."""
    TOKEN = "token"  # noqa: S105
    """By a secret that the caller must know: `search([('access_token', '=', token)])`."""
    OWN = "own"
    """By a search that ties the records to who asks, or by what hangs on `request.env.user`."""
    SESSION = "session"
    """By an id that the server keeps in the session, the caller's cart say."""
    RELATED = "related"
    """By a relation of other records; the choice of those is the parent's."""
    FIXED = "fixed"
    """By an external id, a constant, the website or the company: the caller has no say."""
    ALL = "all"
    """By a search that nothing ties to the caller, and that takes nothing from them that chooses one record."""
    NEW = "new"
    """Just created here."""
    UNKNOWN = "unknown"


class Given(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that the caller sends. `source` is path, parameter, body, header, cookie, url, file, argument (of an
    RPC method) or self; `name` its name there, empty where any is meant."""

    source: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.source} {self.name}".rstrip()


class GuardKind(StrEnum):
    """What lets a caller pass. Those after `HELPER` only look like it."""

    ACCESS = "access"
    """`check_access` and the like as the caller: rights and rules, asked explicitly."""
    READ = "read"
    """A field is read as the caller before, which raises where they may not read the record."""
    DOCUMENT = "document"
    """`_document_check_access`: the caller may read the record, or has its token."""
    OWNER = "owner"
    """What the record belongs to is compared with who asks."""
    TOKEN = "token"  # noqa: S105
    """A secret of this very record is compared in constant time, or looked up."""
    TOKEN_UNSAFE = "token-unsafe"  # noqa: S105
    """A secret of this very record is compared by `==`, `!=` or `in`."""
    MEMBER = "member"
    """The record is one of those that belong to a record that passed."""
    PUBLISHED = "published"
    """The record is looked at to see whether it is published, or open to all."""
    GROUP = "group"
    """The caller must hold a group, or be an internal user."""
    AUTHENTICATED = "authenticated"
    """The request carries a key or signature that is held against a secret."""
    STATE = "state"
    """The state of the record is asked: it says what may be done, not by whom."""
    RIGHT = "right"
    """`check_access_rights`: an access right on the model is asked for, and no rule."""
    HELPER = "helper"
    """A helper that was not read, whose name says that it checks."""
    UNDER_SUDO = "under-sudo"
    """A check of access on records that are used as superuser: it always passes."""
    OTHER_TOKEN = "other-token"  # noqa: S105
    """The secret of another record."""
    PARENT = "parent"
    """A check of another record, to which this one is not tied."""
    ENTERED = "entered"
    """Records of a model are looked for, or created, as the caller before: it raises where they have no access right to
    it. Said of what is used otherwise afterwards, and a check only for those who have none."""
    LATER = "later"
    """A check of this record that comes after."""


class Guard(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that stands between the caller and a use.

    `text` is its source, shortened; of a group it is the external id (`base.group_user`), or `internal`, `admin`,
    `logged-in`. `model` is what it is asked of, `mode` the operation that an access check names.
    """

    kind: GuardKind
    text: str
    origin: Origin
    model: str = ""
    mode: str = ""


class Step(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One step of the way from an entry to a use: a call into a helper, or a record that is got hold of."""

    text: str
    origin: Origin


class UseKind(StrEnum):
    """What is done."""

    READ = "read"
    """Fields of the records are read, and what is read may leave (returned, rendered, put in a response)."""
    SEARCH = "search"
    """Records are looked for; what comes back is counted, listed or used."""
    WRITE = "write"
    CREATE = "create"
    UNLINK = "unlink"
    CALL = "call"
    """A method that does something is called on the records: it posts, sends, confirms, cancels. `method` names it."""
    RENDER = "render"
    """A page is rendered: `template`, `values`."""
    REPORT = "report"
    """A report of the records is printed, or their file is sent."""
    SQL = "sql"
    """A query is executed. `text` is its start; `built` says how (constant, parameters, interpolated). `method` is
    `returned` where it says that rows of a query leave."""
    EVAL = "eval"
    """Text is run as code."""
    REDIRECT = "redirect"
    """The browser is sent to an address. `local` says whether Odoo keeps it on this site."""
    RESPONSE = "response"
    """HTML is sent that was put together in Python from what the caller sent."""
    COMPARE = "compare"
    """A secret is compared with something the caller sent. `safe` says whether in constant time and not when empty."""


class Passed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value given to a page: records, or something else (`model` empty). `given` is what of it the caller wrote.

    `exact` says that the value is the caller's text as it was sent, or a text it stands in; `raw` what marks it as HTML
    that is not to be escaped (`Markup`). What stands in a mapping is named `data.order`.
    """

    name: str
    model: str = ""
    actor: Actor = Actor.CALLER
    choice: Choice = Choice.UNKNOWN
    guards: tuple[Guard, ...] = ()
    given: tuple[Given, ...] = ()
    exact: bool = False
    raw: str = ""


class Use(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing an entry does.

    `model` is empty where it could not be told, `*` where the caller names it. `given` is what of the request chose the
    records; `written` what of it is written, put in the query, run or gone to. `guards` let the caller pass for these
    records, `looks` only look like it. `fields` are those read or written, `*` where the caller names them. `method` is
    a method that is called, `parent` the model of the records that these hang on (choice `RELATED`) or that were
    checked instead. `chosen_at` is where the records were got hold of: the `browse` or `search`, with its text in
    `chosen`. `certain` is false where something on the way was not read that might have checked.
    """

    kind: UseKind
    origin: Origin
    text: str
    model: str = ""
    actor: Actor = Actor.CALLER
    choice: Choice = Choice.UNKNOWN
    given: tuple[Given, ...] = ()
    written: tuple[Given, ...] = ()
    guards: tuple[Guard, ...] = ()
    looks: tuple[Guard, ...] = ()
    fields: tuple[str, ...] = ()
    method: str = ""
    parent: str = ""
    template: str = ""
    values: tuple[Passed, ...] = ()
    built: str = ""
    local: bool = False
    safe: bool = False
    steps: tuple[Step, ...] = ()
    chosen_at: Origin | None = None
    chosen: str = ""
    certain: bool = True

    @property
    def mutates(self) -> bool:
        """Whether it changes something: a write, or a method that may."""
        return self.kind in _MUTATING


_MUTATING = frozenset({UseKind.WRITE, UseKind.CREATE, UseKind.UNLINK, UseKind.CALL})


class Route(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `@http.route` says of a method, with what its overrides add.

    `auth` is user, public, none, bearer or a module's own word; `type` http or json (19: jsonrpc). `methods` is empty
    where any is answered. `csrf` is what counts in the end: a json route has no such check. `converters` are the models
    of `<model("..."):name>` by the parameter's name.
    """

    paths: tuple[str, ...]
    auth: str = "user"
    type: str = "http"
    methods: tuple[str, ...] = ()
    csrf: bool = True
    website: bool = False
    converters: dict[str, str] = {}

    @property
    def public(self) -> bool:
        """Whether somebody without a login may call it (a word of a module's own is taken to ask for one)."""
        return self.auth in ("public", "none")


class EntryKind(StrEnum):
    ROUTE = "route"
    RPC = "rpc"


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something a client may call, and what that does.

    `name` is `module.Class.method` of a route, `model.method` of a method over RPC; `module` the one whose code it is,
    `origin` its `def`. `overrides` are the definitions it overrides, nearest first. `static` says that an RPC method
    takes no records (`@api.model`). `uses` are in the order of the code; `unread` names what could not be followed.
    `read` is false where its body was not gone through, since nothing in it is of interest.
    """

    kind: EntryKind
    name: str
    module: str
    origin: Origin
    route: Route | None = None
    model: str = ""
    method: str = ""
    parameters: tuple[str, ...] = ()
    overrides: tuple[Origin, ...] = ()
    static: bool = False
    uses: tuple[Use, ...] = ()
    unread: tuple[str, ...] = ()
    read: bool = True


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field that a page shows. `path` is as written (`order.partner_id.name`), `model` and `field` what it ends at.

    `through` are the models that the path goes through, `root` is the value of the page it starts from. `raw` says that
    it is put out without escaping, `as_` how it is used (field, out, attribute, foreach, condition), `groups` to whom
    an element around it is shown.
    """

    origin: Origin
    path: str
    model: str
    field: str
    root: str
    as_: str = "field"
    raw: bool = False
    through: tuple[str, ...] = ()
    groups: str = ""


class Raw(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a page puts out without escaping. `given` is what of it the caller sends, where it is told; `model` and
    `field` are set where it is a field. `how` is t-raw, or what made it so (Markup, a filter)."""

    origin: Origin
    text: str
    how: str
    root: str = ""
    model: str = ""
    field: str = ""
    given: tuple[Given, ...] = ()


class Page(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A template as one or more entries render it, inherited views applied.

    `entries` are the names of the entries; empty for a template that nothing which was read renders. `values` are those
    of the first of them.
    """

    template: str
    origin: Origin
    entries: tuple[str, ...] = ()
    values: tuple[Passed, ...] = ()
    shown: tuple[Shown, ...] = ()
    raw: tuple[Raw, ...] = ()
    unread: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that a line of code shows by itself, whatever calls it.

    `kind` is `secret` (a password or key written in the source) or `predictable` (a token drawn from `random`). `name`
    is what it is bound to, `text` is shortened and never holds the secret.
    """

    kind: str
    origin: Origin
    name: str
    text: str
    function: str = ""


class Code(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the code of the audited modules does: `entries` sorted by module, file and line; `pages` by template.

    Code of other modules is followed where theirs calls it. `unread` are files that could not be read.
    """

    entries: list[Entry] = []
    pages: list[Page] = []
    marks: list[Mark] = []
    unread: list[Origin] = []
