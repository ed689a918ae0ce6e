"""Where records live: tables from model definitions, domains as SQL and in memory, decisions about rows.

The way in, from a Policy (of a database, or of source with tables of one's own):

- `schema.Schema`: what each field of each model is in tables; `create.create_tables` makes tables where there are none;
- `store.Store`: the tables over an open connection; `memory.Reader`: their values, read in bulk;
- `session.Session`: who asks, in which companies;
- `sql.where`, `sql.search`: a domain as SQL, as Odoo's search makes it; `memory.compile_domain`, `memory.filtered`:
  a domain in memory, as `filtered_domain` evaluates it; `evaluate.evaluate`: a rule's domain for one user;
- `access.Access`: what a session may do with records; `decisions.decisions`: for everybody; `judge.RecordJudge`: why.

`opened.open_access` puts these together for the connection to an Odoo's database. What can't be known raises
`errors.Undecided`.
"""
