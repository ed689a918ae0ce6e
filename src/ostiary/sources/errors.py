"""What reading raises."""


class UnreadableTarget(Exception):
    """A target can't be read; the message is one sentence: what is wrong, where, what to do."""
