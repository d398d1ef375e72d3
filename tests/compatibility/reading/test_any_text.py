"""Whatever the text, reading it ends, raises nothing, and speaks of places that are in the text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_chopsticks.compatibility.claim_findings import claims_of_file
from pytest_chopsticks.compatibility.reading import Scope, SqlReading, read_program, read_sql
from pytest_chopsticks.compatibility.sequence_findings import moves_sequences
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import MigrationFile
from tests.compatibility.labelled_cases import labelled_cases
from tests.compatibility.reading.claim_cases import CLAIMS, HARMLESS, NOT_ANALYSED

#: Text that means something, to be cut and put together in ways that do not.
KNOWN = tuple({*CLAIMS, *HARMLESS, *NOT_ANALYSED, *(case.migration for case in labelled_cases())})
PIECES = (
    *("'", '"', "$$", "$a$", "--", "/*", "*/", ";", "(", ")", "E'\\", "::", ":=", "%", "\0"),
    *("\ud800", "\ufeff", "\r\n", "é", "😀", "\u2028", "BEGIN", "END", "LOOP", "CASE", "RAISE"),
    *("EXECUTE", "USING", "INTO", "FOR", "IN", "DECLARE", "DO $$ BEGIN", "`", "${", "#", "{", "\\"),
)

PROPERTY = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """SQL with some of it left out, written twice, or replaced."""
    text = draw(st.sampled_from(KNOWN))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        put = draw(st.sampled_from(("", text[start:end] * 2, *PIECES)) | st.text(max_size=3))
        text = text[:start] + put + text[end:]
    return text


TEXTS = (
    st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map(" ".join) | mutated()
)


@PROPERTY
@given(TEXTS)
def test_reading_sql(text: str) -> None:
    expect_places_inside(read_sql(text), text)


@PROPERTY
@given(TEXTS)
def test_reading_a_body(text: str) -> None:
    whole = f"DO $chopsticks$ BEGIN {text} END $chopsticks$"

    expect_places_inside(read_sql(whole), whole)


@PROPERTY
@given(st.lists(TEXTS, min_size=2, max_size=3))
def test_reading_several_texts_of_one_migration(texts: list[str]) -> None:
    scope = Scope({"t"})

    readings = [read_sql(text, scope) for text in texts]

    assert len(readings) == len(texts)


@PROPERTY
@given(TEXTS, st.sampled_from(["{}", "up = '''{}'''", "const sql = `{}`", "x = '{}' + y"]))
@pytest.mark.parametrize("suffix", [".sql", ".js", ".mjs", ".py"])
def test_reading_a_file(suffix: str, tmp_path: Path, text: str, frame: str) -> None:
    """A file that cannot be read as a program raises the one error that says so."""
    path = tmp_path / f"20260401_000000_any{suffix}"
    path.write_bytes(frame.replace("{}", text).encode(errors="surrogatepass"))
    file = MigrationFile(path.name, path)
    lines = path.read_bytes().count(b"\n") + path.read_bytes().count(b"\r") + 1

    moves_sequences(file)

    assert all(0 < line <= lines for line in lines_told(file))


def lines_told(file: MigrationFile) -> Iterator[int]:
    yield from (one.place.line for one in claims_of_file(file) if one.place.line is not None)
    if file.suffix != ".sql":
        with suppress(MigrationFileError):
            yield from (one.line for one in read_program(file.path))


def expect_places_inside(reading: SqlReading, text: str) -> None:
    assert all(0 <= claim.position < len(text) for claim in reading.claims)
    assert reading.error is None or 0 <= reading.error.position <= len(text)
    for one in reading.statements:
        assert 0 <= one.start <= one.end <= len(text)
        assert text[one.start : one.end] == one.text
