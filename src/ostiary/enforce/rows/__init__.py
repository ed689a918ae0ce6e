"""What is below the verbs: the connection and its transaction, what was read over it, and statements that are kept."""
