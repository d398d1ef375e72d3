"""The reference implementation of the Chopsticks schema: small, exemplary, made to be copied."""

from .implementation import Implementation

__all__ = ["Implementation"]
