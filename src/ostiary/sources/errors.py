"""What reading raises."""


class UnreadableTarget(Exception):
    """A target can't be read; the message is one sentence: what is wrong, where, what to do."""


class Absent(UnreadableTarget):
    """Something that was named is not there: modules, a target's modules, the path of `path@rev` in a known revision.

    `names` are what was named, as it was.
    """

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names
