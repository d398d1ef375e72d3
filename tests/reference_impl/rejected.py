"""What a test expects of an operation that is to be refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reference_impl.rejections import Rejection


@contextmanager
def rejected(name: str, match: str | None = None) -> Iterator[pytest.ExceptionInfo[Rejection]]:
    """Expect the rejection of this name, with a message that matches."""
    with pytest.raises(Rejection, match=match) as raised:
        yield raised
    assert raised.value.rejection == name
