"""Declared facts: what Odoo's Python says about its own well-known fields and models, written down as data.

A database doesn't hold the domain, the context or the search method of a field, nor how a model names its records.
For Odoo's own modules these are known, and are declared here: one TOML file a module of Odoo (`mail.toml`).

```toml
versions = ["17", "18"]              # what the file says holds in these, unless an entry says otherwise

[model."stock.location"]             # attributes of a model
parent_name = "location_id"
search = ["complete_name", "barcode"]      # `_rec_names_search`, or `_rec_name`
display = "{complete_name}"                # see `schema.Names`

[field."mail.thread"]                # fields, by the model that declares them; they hold for what inherits from it
message_ids = { domain = "[('message_type', '!=', 'user_notification')]", auto_join = true }
message_partner_ids = { method = "_search_message_partner_ids", through = "message_follower_ids.partner_id" }
message_is_follower = { method = "...", condition = "[('message_follower_ids', 'any', [...])]" }
```

An entry may be a list of tables, each with its own `versions`. A file is asked only where its module is there; of two
modules that say something of one model or field, the one that is loaded later is heard. What can be said

- of a one2many or many2many: `domain` (the list the class gives, as text; `'{model}'` in it is the name of the model
  that has the field, and it may speak of `user` or `company_id`; `<python>` where it can't be said), `active_test`
  (of its context), `auto_join` (`bypass_search_access` in 19), `assumed`;
- of any field: `open`, that its class gives it no groups, where Odoo's own Python searches by it as the user;
- of a many2one_reference: `model_field`, the field that holds the name of the model;
- of a non-stored field: `through` (a path, or a list of them) with `negative`, `sudo`, `value`, `value_domain` and
  `readable`, as `schema.Through` has them; `condition` with `searched` and `value_domain`, as `schema.Condition`.
  `method` is the search method, or the compute method, that the entry is about: where the class was read, the entry
  holds only if that is its method.
- of a model: `search`, `display` (false where Python makes it), `exact`, `below`, `assumed` and `python`, as
  `schema.Names` has them; `parent_name`.

`reviewed.toml` lists the modules of Odoo whose classes were gone through. An x2many field of such a module that is not
declared has no domain, context or `auto_join`; a model that only such modules define, and that is not declared, is
named as Odoo names any: by `name`, if it has that field. What a module not listed there may have changed
is never taken for known: it is said in `assumed`.

To add a fact, read the method in each version it is to hold for, and say what it does in this notation. What can't be
said in it stays Python, which is undecided.
"""

from ostiary.records.facts.facts import Facts, facts_for
from ostiary.records.facts.read import FieldFact, ModelFact

__all__ = ["Facts", "FieldFact", "ModelFact", "facts_for"]
