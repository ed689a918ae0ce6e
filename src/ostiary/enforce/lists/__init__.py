"""Lists: the order of a search, and records by groups."""
