"""Disposable Postgres for pytest, and the conformance suite of the Chopsticks schema."""

from pytest_chopsticks.errors import ChopsticksError, Rejected

__all__ = ["ChopsticksError", "Rejected", "__version__"]

__version__ = "0.1.0"
