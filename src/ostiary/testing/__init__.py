"""Access tests as code: files that say who may do what, run on a database of their own, without an Odoo.

The way in: `find.files_at` finds the files below a path, `reading.read_tests` reads one, `target.Targets` reads the
addons it is about, `run.run_file` answers its expectations. `coverage` and `mutate` say what no expectation notices.
"""
