"""The estate as a Python application: its people, and how a property is sold, guarded by the addons' definitions.

No Odoo runs here. The groups, access rights and record rules are those of `secured` (or `open`), read as they are.
"""
