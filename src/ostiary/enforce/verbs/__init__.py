"""The verbs of recordsets: asking for access, finding, reading, creating, writing, deleting, copying."""
