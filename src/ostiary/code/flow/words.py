"""What names say: of fields that hold secrets, of helpers that check, of methods that do something.

Names are evidence only where code was not read; each set says so where it is used.
"""

from __future__ import annotations

import re

SECRET = re.compile(
    r"(?:^|_)(?:access_|api_?|auth_|security_|share_|sign_|validation_|invite_|unsubscribe_)?"
    r"(?:token|tokens|secret|passw(?:or)?d|passwd|pwd|apikey|api_key|hash|hmac|signature|otp|nonce|digest|uuid|salt"
    r"|private_key|access_key|secret_key|client_secret|key|(?:pending|otp|reset|exchange|verification|confirmation|invite"
    r"|invitation|login|activation|one_time)_code)$",
    re.IGNORECASE,
)
CHECKS = re.compile(
    r"(?:^|_)(?:check|assert|ensure|verify|validate|authori[sz]e|authenticate|require|restrict|forbid|deny|allowed"
    r"|permission|permitted|has_access|can|may|is_valid|is_allowed|is_owner|guard|protect)(?:_|$|s_|ed_)",
    re.IGNORECASE,
)
AUTHENTICATES = re.compile(
    r"(?:auth|token|api_?key|signature|login|credential|hmac|webhook|secret)", re.IGNORECASE
)
DOES = re.compile(
    r"^_?(?:action|button|do|send|confirm|cancel|approve|reject|refuse|validate|process|set|update|create|post|mark"
    r"|toggle|assign|unassign|sign|pay|capture|void|refund|generate|make|remove|delete|reset|register|subscribe"
    r"|unsubscribe|invite|notify|close|reopen|open|start|stop|done|accept|decline|add|apply|increment|archive|unarchive"
    r"|run|execute|import|sync|submit|publish|unpublish|schedule|message|activity|write|unlink)(?:_|$)"
)
PUBLISHED = frozenset({
    "website_published", "is_published", "published", "website_visible", "is_visible", "can_publish", "allow_public",
    "shared_url", "is_public", "visibility", "privacy_visibility", "published_date", "is_seo_optimized",
    "can_access_from_current_website",
})  # fmt: skip
# Fields that are worked out from who asks.
ABOUT_ME = re.compile(r"(?:^|_)(?:is_self|is_me|is_mine|is_current_user|current_user)(?:_|$)")
PUBLIC = re.compile(r"(?:^|_)(?:public|published|visible|website)(?:_|$)")
STATE = re.compile(
    r"(?:^|_)(?:state|status|stage|stage_id|expired|expiry|expiration|active|type|date|deadline|validity_date)(?:$|_)"
)
REFERENCE = re.compile(
    r"^(?:id|ids|name|email.*|ref|reference|number|code|barcode|login|email|phone|mobile|vat|slug|uid|sequence_number"
    r"|default_code|client_order_ref|acquirer_reference|provider_reference|.*_(?:id|ids|ref|reference|number|code))$"
)
HARMLESS_READ = frozenset(
    {"id", "ids", "_name", "_fields", "env", "_context", "_cr", "_uid", "pool", "_table"}
)
ASKS_METHODS = frozenset({
    "_filter_access_rules", "_filtered_access", "has_access",
})  # fmt: skip
CHECKS_METHODS = frozenset({
    "_check_access", "check_access", "check_access_rule", "check_field_access_rights",
})  # fmt: skip
READS_METHODS = frozenset({
    "_read_format", "export_data", "fields_get_keys", "jsonify", "name_get", "read", "read_progress_bar",
    "web_read",
})  # fmt: skip
GROUPS_METHODS = frozenset({
    "_read_group", "formatted_read_group", "read_group", "web_read_group",
})  # fmt: skip
SEARCHES_METHODS = frozenset({
    "_search", "name_search", "search", "search_count", "search_fetch", "search_read", "web_search_read",
})  # fmt: skip
SAME_METHODS = frozenset({
    "concat", "ensure_one", "exists", "flush_recordset", "invalidate_recordset", "lock_for_update", "new",
    "reversed", "sorted", "try_lock_for_update", "union", "with_company", "with_context", "with_lang",
    "with_prefetch",
})  # fmt: skip
ASKING_CALLS = frozenset({
    "aiohttp", "boto3", "ftplib", "googleapiclient", "http", "httpx", "ldap", "openai", "paramiko",
    "requests", "smtplib", "socket", "stripe", "subprocess", "suds", "twilio", "urllib", "urllib3",
    "xmlrpc", "zeep",
})  # fmt: skip
HASHES_CALLS = frozenset({
    "blake2b", "digest", "hash_sign", "hexdigest", "hmac", "md5", "new", "pbkdf2_hmac", "sha1", "sha224",
    "sha256", "sha384", "sha3_256", "sha512",
})  # fmt: skip
EVALUATE_CALLS = frozenset({
    "compile", "eval", "exec", "execfile", "safe_eval", "test_python_expr",
})  # fmt: skip
NUMBERS_CALLS = frozenset({
    "_get_datetime", "abs", "bool", "float", "hash", "int", "len", "ord", "round", "sum",
})  # fmt: skip
SAME_CALLS = frozenset({
    "copy", "deepcopy", "dict", "frozenset", "iter", "list", "next", "reversed", "set", "sorted", "tuple",
})  # fmt: skip
