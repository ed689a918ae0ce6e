"""QWeb: the templates that modules declare, put together as Odoo does, and what each page shows."""

from ostiary.code.pages.build import pages
from ostiary.code.pages.declared import TemplateDecl, templates
from ostiary.code.pages.said import internal_words
from ostiary.code.pages.templates import Templates

__all__ = ["TemplateDecl", "Templates", "internal_words", "pages", "templates"]
