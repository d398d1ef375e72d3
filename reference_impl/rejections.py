"""How the implementation says no.

Whatever is raised besides a rejection is a fault, unless the database refused the value (SQLSTATE
class 22 or 23). No message shows a token or a key.
"""


class Rejection(Exception):
    """Nothing was changed. `rejection` is the contract's name for why; the message tells more."""

    def __init__(self, rejection: str, message: str) -> None:
        super().__init__(message)
        self.rejection = rejection
