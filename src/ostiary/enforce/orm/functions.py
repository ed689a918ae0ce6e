"""What may stand in a statement beside tables and columns: functions, operators and words that read no rows.

A function of a database may run any SQL (`query_to_xml`), read files or call out. Only those that are known not to are
let through; an application names others that it trusts.
"""

from __future__ import annotations

import re

_NAMES = """
    abs acos asin atan atan2 ceil ceiling cos degrees div exp floor greatest iif least ln log log10 log2 mod pi pow
    power radians random round sign sin sqrt tan trunc width_bucket
    aggregate_strings array_agg avg bit_and bit_or bool_and bool_or corr count covar_pop every group_concat json_agg
    json_group_array json_group_object json_object_agg jsonb_agg jsonb_object_agg max min mode percentile_cont
    percentile_disc stddev stddev_pop stddev_samp string_agg sum total var_pop var_samp variance
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
    coalesce ifnull nullif typeof
    ascii bit_length btrim char char_length chr concat concat_ws format glob hex initcap instr left length like lower
    lpad ltrim md5 octet_length overlay position printf quote regexp_match regexp_replace repeat replace reverse right
    rpad rtrim soundex split_part starts_with strpos substr substring to_char translate trim unaccent unhex unicode
    upper similarity word_similarity
    age clock_timestamp current_date current_time current_timestamp date date_bin date_part date_trunc datetime
    extract julianday justify_days justify_hours justify_interval localtime localtimestamp make_date make_interval
    make_timestamp now strftime time timediff timezone to_date to_timestamp transaction_timestamp unixepoch
    array_append array_cat array_length array_position array_remove array_to_string cardinality string_to_array unnest
    any all array generate_series
    json json_array json_array_elements json_array_length json_build_array json_build_object json_each json_extract
    json_object json_quote json_type json_valid jsonb_array_elements jsonb_array_length jsonb_build_array
    jsonb_build_object jsonb_extract_path jsonb_extract_path_text jsonb_typeof to_json to_jsonb json_tree
    to_number to_tsquery to_tsvector plainto_tsquery websearch_to_tsquery phraseto_tsquery ts_rank ts_rank_cd
    ts_headline cube rollup grouping_sets grouping gen_random_uuid uuid
"""

FUNCTIONS = frozenset(_NAMES.split())
"""Functions of SQLAlchemy, PostgreSQL and SQLite that make a value of their arguments and of nothing else."""

_TEXT = re.compile(
    r"\s*(\*|-?[0-9]+(\.[0-9]+)?|'[^'\\]*'|null|true|false|(not )?materialized)\s*", re.IGNORECASE
)
_OPERATOR = re.compile(r"[-+*/<>=~!@#%^&|?]{1,4}")
_WORDS = frozenset(
    {"like", "ilike", "glob", "regexp", "match", "is", "is not", "similar to", "not", "and", "or"}
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_COLLATION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")
_READING = re.compile(r"\b(select|from|table|values|with|union)\b|;|--|/\*", re.IGNORECASE)


def is_plain_text(text: str) -> bool:
    """Whether a piece of SQL in text is a number, a quoted text, `*` or a word like NULL, and so can't name a table: a
    name alone can (`IN orders`)."""
    return _TEXT.fullmatch(text) is not None


def is_operator(text: str) -> bool:
    """Whether an operator in text is one, and no way to write more SQL."""
    text = text.strip()
    if text.lower() in _WORDS:
        return True
    return _OPERATOR.fullmatch(text) is not None and "--" not in text and "/*" not in text


def is_name(text: str) -> bool:
    """Whether a text is one word."""
    return _PLAIN.fullmatch(text) is not None


def is_collation(text: str) -> bool:
    """Whether a text is the name of a collation."""
    return _COLLATION.fullmatch(text) is not None and "--" not in text


def reads(text: str) -> bool:
    """Whether the text of a type, which an application may write itself, holds words that read tables, or goes on
    behind the type."""
    return _READING.search(text) is not None or not _closed(text)


def _closed(text: str) -> bool:
    """Whether no parenthesis is closed that was not opened."""
    depth = 0
    for one in text:
        depth += (one == "(") - (one == ")")
        if depth < 0:
            return False
    return depth == 0
