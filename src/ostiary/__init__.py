"""Ostiary: who can see and do what in an Odoo, why, and proof of it."""

__version__ = "0.1.0"
