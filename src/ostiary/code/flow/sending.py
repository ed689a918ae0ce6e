"""What leaves otherwise than by a page: mail and messages, reports, files."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.args import Args
from ostiary.code.flow.run import Run
from ostiary.code.flow.sinks import changed_as_caller
from ostiary.code.flow.state import State
from ostiary.code.flow.values import UNKNOWN, Plain, Records, Seq, Value, inner_given, mixed, options, text_of
from ostiary.policy.code import Actor, Choice, GuardKind, UseKind

POSTS = frozenset({
    "message_post", "message_post_with_source", "message_post_with_view", "message_post_with_template",
    "message_notify", "message_subscribe", "message_unsubscribe", "send_mail", "activity_schedule",
    "activity_feedback", "message_update", "toggle_active", "action_archive", "action_unarchive", "signup_prepare",
    "_message_log", "message_mail_with_source", "send_get_composer", "activity_unlink", "rating_apply",
    "_portal_ensure_token", "send_mail_batch", "send",
})  # fmt: skip
FILES = frozenset({"_get_stream_from", "_get_image_stream_from", "_find_record"})


def posted(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    """Something is posted on, or sent about, records: a mail template's own, or those whose ids it is given."""
    about = args.at(0, "res_id") if name.startswith("send_mail") else None
    for one in options(about) if about is not None else ():
        if isinstance(one, Plain) and one.of is not None:
            of = replace(one.of, actor=records.actor)
            run.use(state, UseKind.CALL, node, of, method=name, written=args.sent())
            return UNKNOWN
        if inner_given(one):
            records = replace(
                records, choice=Choice.CALLER_ID, given=inner_given(one), held=state.of_value(one)
            )
    run.use(state, UseKind.CALL, node, records, method=name, written=args.sent())
    changed_as_caller(run, state, node, records, "read")
    return mixed(*args.all()) if args.all() else UNKNOWN


def printed(run: Run, state: State, node: ast.Call, records: Records, args: Args) -> Value:
    """A report is printed: of the records whose ids it is given."""
    about = args.at(1, "res_ids") or args.at(0, "docids")
    if about is None:
        return UNKNOWN
    value = about
    if isinstance(value, Seq):
        value = value.items[0].value if value.items else (value.rest or UNKNOWN)
    for one in options(value):
        if isinstance(one, Records):
            run.use(state, UseKind.REPORT, node, replace(one, actor=records.actor))
        elif isinstance(one, Plain) and one.of is not None:
            run.use(state, UseKind.REPORT, node, replace(one.of, actor=records.actor))
        elif inner_given(one):
            found = Records(
                model="", actor=records.actor, choice=Choice.CALLER_ID, ident=("browse", "", one.key or (node.lineno,)),
                given=inner_given(one), held=state.of_value(one), at=run.origin(node), text=run.text(node),
            )  # fmt: skip
            run.use(state, UseKind.REPORT, node, found)
    return Seq(rest=Plain())


def sent_file(run: Run, state: State, node: ast.Call, records: Records, name: str, args: Args) -> Value:
    """The file of a record is sent; `_find_record` checks that the caller may read it."""
    if name == "_find_record":
        model = text_of(args.at(1, "res_model") or UNKNOWN) or ""
        given = args.sent()
        return Records(
            model=model or "ir.attachment", actor=records.actor, choice=Choice.CALLER_ID if given else Choice.FIXED,
            ident=("found", node.lineno, node.col_offset), given=given, at=run.origin(node), text=run.text(node),
            held=(run.guard(GuardKind.ACCESS if records.actor is Actor.CALLER else GuardKind.UNDER_SUDO, node, model),),
        )  # fmt: skip
    about = args.at(0, "record")
    for one in options(about) if about is not None else ():
        if isinstance(one, Records):
            run.use(state, UseKind.REPORT, node, one, method=name)
    return Plain()
