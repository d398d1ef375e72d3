"""Where in its file a statement stands that a migration sent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.findings import Place

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import RecordedStatement

#: Fewer characters than these may stand anywhere.
_TELLING = 8


class StatementPlaces:
    """Finds the lines of statements, in the order in which they were sent.

    What a program puts together at run time stands nowhere; then its longest line that does is
    taken, or as much of its beginning as does, and the file as a whole where there is too little.
    """

    def __init__(self, file: MigrationFile) -> None:
        self._file = file
        self._text = file.content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
        self._seen: Counter[str] = Counter()

    def place(self, statement: RecordedStatement) -> Place:
        text = statement.text.replace("\r\n", "\n").strip()
        offset = self._offset(text)
        return Place(self._file.path, None if offset is None else self._line(offset))

    def _offset(self, text: str) -> int | None:
        found = self._nth(text)
        if found is not None:
            return found
        lines = sorted((line.strip() for line in text.splitlines()), key=len, reverse=True)
        places = (self._text.find(line) for line in lines if len(line) >= _TELLING)
        return next((place for place in places if place >= 0), self._beginning(text))

    def _beginning(self, text: str) -> int | None:
        """The beginning's place, as long as it can be; the whole is known to stand nowhere."""
        enough, too_much = 0, len(text)
        while too_much - enough > 1:
            middle = (enough + too_much) // 2
            if text[:middle] in self._text:
                enough = middle
            else:
                too_much = middle
        return self._text.find(text[:enough]) if enough >= _TELLING else None

    def _nth(self, text: str) -> int | None:
        """The same text sent again stands further down, if it stands there again."""
        place = self._text.find(text)
        if not text or place < 0:
            return None
        for _ in range(self._seen[text]):
            further = self._text.find(text, place + 1)
            place = further if further >= 0 else place
        self._seen[text] += 1
        return place

    def _line(self, offset: int) -> int:
        return self._text.count("\n", 0, offset) + 1
