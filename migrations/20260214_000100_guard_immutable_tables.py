"""The two immutable tables refuse UPDATE, DELETE and TRUNCATE from every role, owner included.

The triggers fire once per statement, so that an attempt that matches no row is refused as well.
The SQLSTATE is 42501 (insufficient_privilege), the one a REVOKE would give. It is deliberately
outside class 23: that class means "the database refused this value", and a program that touches
these tables has a fault, whatever the value.
"""

from typing import Any

description = "Refuse UPDATE, DELETE and TRUNCATE of schema_migrations and transaction_log"


def up(client: Any) -> None:
    client.execute(
        """
        CREATE FUNCTION refuse_change_of_immutable_table() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '% of % is refused: its rows never change', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Insert a further row that corrects the earlier one.';
        END
        $$
        """
    )
    client.execute(
        """
        CREATE TRIGGER schema_migrations_never_change
        BEFORE UPDATE OR DELETE OR TRUNCATE ON schema_migrations
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_immutable_table()
        """
    )
    client.execute(
        """
        CREATE TRIGGER transaction_log_never_changes
        BEFORE UPDATE OR DELETE OR TRUNCATE ON transaction_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_immutable_table()
        """
    )


def down(client: Any) -> None:
    client.execute("DROP TRIGGER transaction_log_never_changes ON transaction_log")
    client.execute("DROP TRIGGER schema_migrations_never_change ON schema_migrations")
    client.execute("DROP FUNCTION refuse_change_of_immutable_table()")
