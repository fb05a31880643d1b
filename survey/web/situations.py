"""What can stand in the way of a request: small exceptions, each with a page (see the table in `app`)."""


class Situation(Exception):
    """`fields` is what was sent and not kept; `wait` the seconds until trying again makes sense."""

    def __init__(self, *, fields: dict[str, list[str]] | None = None, wait: int | None = None) -> None:
        super().__init__()
        self.fields = fields or {}
        self.wait = wait


class GoTo(Exception):
    """The request belongs on another page; `path` is where."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Overtaken(Exception):
    """The draft was saved elsewhere since it was read: what was sent has to be looked at again."""


class NotFound(Situation):
    """There is no such page or survey."""


class Malformed(Situation):
    """The request is not one that our pages send."""


class NotAForm(Situation):
    """What was sent is not in the format in which forms are sent."""


class FieldworkClosed(Situation):
    """The last day of taking part has passed."""


class NoVisit(Situation):
    """A form came without our cookie, or with one that cannot be read any more."""


class StaleForm(Situation):
    """The form does not belong to the cookie: the page was opened in an earlier visit, or elsewhere."""


class TooManyAttempts(Situation):
    """Too many wrong codes or receipts."""


class Busy(Situation):
    """The store cannot keep answers just now."""
