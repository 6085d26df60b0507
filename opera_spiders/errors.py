"""Errors of the project. Each message says what went wrong, where, and what to do next."""


class OperaError(Exception):
    """Base of every error the project raises on purpose; its text is shown to the user as one line."""

    exit_status = 1


class BadInputError(OperaError):
    """An argument or setting cannot be used."""

    exit_status = 2


class DatabaseError(OperaError):
    """The database cannot be reached, started, or is not in the state the command needs."""


#: What a page may do to its reader: take more than it may, or not be what it says.
UNREADABLE = (OperaError, ValueError, ArithmeticError, LookupError, RecursionError)


class ExtractionError(OperaError):
    """An extractor gave no usable answer for a page; the text is stored as the ``error`` of its row."""


class ExtractorUnusableError(OperaError):
    """No page can be extracted until somebody changes the configuration or the model's server is back.

    The pages concerned get no row and stay pending; a crawl closes, outcome ``failed``, with this line.
    """


class BudgetSpentError(ExtractorUnusableError):
    """A budget that the user set for models is spent. Nothing failed: pages not read stay pending."""

    exit_status = 0
