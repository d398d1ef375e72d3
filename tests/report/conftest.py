"""A browser for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.report.browser import BrowserMissing, Page, browser


@pytest.fixture(scope="session")
def session_page() -> Iterator[Page]:
    try:
        with browser() as page:
            yield page
    except BrowserMissing as error:
        pytest.fail(str(error))


@pytest.fixture
def page(session_page: Page) -> Page:
    """The browser's page, of a desk's width, in light colours."""
    session_page.call("Emulation.setEmulatedMedia", media="", features=[])
    session_page.resize(1200, 900)
    return session_page
