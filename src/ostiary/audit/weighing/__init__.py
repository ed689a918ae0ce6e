"""How much a finding matters: what records and fields are about, and for whom that is grave."""
