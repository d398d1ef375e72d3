"""Event triggers that note every command of DDL, inside functions and cascades too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import psycopg

#: Where the notes are kept; no snapshot of an application's schema shows it.
WATCH_SCHEMA = "chopsticks_watch"

_INSTALL = """
CREATE SCHEMA chopsticks_watch;
CREATE TABLE chopsticks_watch.event (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL, command text NOT NULL, object_type text, object text
);
GRANT USAGE ON SCHEMA chopsticks_watch TO PUBLIC;
GRANT SELECT ON chopsticks_watch.event TO PUBLIC;

CREATE FUNCTION chopsticks_watch.note_command() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO chopsticks_watch.event (kind, command, object_type, object)
  SELECT 'command', command_tag, object_type, object_identity
  FROM pg_event_trigger_ddl_commands() WHERE NOT in_extension;
END $$;

CREATE FUNCTION chopsticks_watch.note_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO chopsticks_watch.event (kind, command, object_type, object)
  SELECT 'drop', TG_TAG, object_type, object_identity
  FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary;
END $$;

CREATE EVENT TRIGGER chopsticks_watch_command ON ddl_command_end
  EXECUTE FUNCTION chopsticks_watch.note_command();
CREATE EVENT TRIGGER chopsticks_watch_drop ON sql_drop
  EXECUTE FUNCTION chopsticks_watch.note_drop();
ALTER EVENT TRIGGER chopsticks_watch_command ENABLE ALWAYS;
ALTER EVENT TRIGGER chopsticks_watch_drop ENABLE ALWAYS;
"""


@dataclass(frozen=True, slots=True)
class DdlEvent:
    """One object that a command made, changed or dropped, in the server's words."""

    number: int
    kind: Literal["command", "drop"]
    command: str
    object_type: str
    object: str


def install_ddl_events(connection: psycopg.Connection[Any]) -> None:
    """Install the triggers, as a superuser, in a database that nobody else cares for."""
    connection.execute(_INSTALL)


def events_after(connection: psycopg.Connection[Any], number: int) -> tuple[DdlEvent, ...]:
    """The events since that number, in order."""
    rows = connection.execute(
        "SELECT number, kind, command, coalesce(object_type, ''), coalesce(object, '')"
        " FROM chopsticks_watch.event WHERE number > %s ORDER BY number",
        [number],
        prepare=False,
    )
    return tuple(DdlEvent(*row) for row in rows)


def last_number(connection: psycopg.Connection[Any]) -> int:
    """The number of the newest event, 0 if there is none."""
    row = connection.execute(
        "SELECT coalesce(max(number), 0) FROM chopsticks_watch.event", prepare=False
    ).fetchone()
    assert row is not None
    return int(row[0])
