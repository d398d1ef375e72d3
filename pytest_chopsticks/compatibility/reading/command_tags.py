"""The command tag of a statement, from its node."""

from __future__ import annotations

import re
from typing import Any, Final

from postgast.pg_query_pb2 import ObjectType, TransactionStmtKind

_TAGS: Final = {
    "select_stmt": "SELECT",
    "insert_stmt": "INSERT",
    "update_stmt": "UPDATE",
    "delete_stmt": "DELETE",
    "merge_stmt": "MERGE",
    "create_stmt": "CREATE TABLE",
    "create_table_as_stmt": "CREATE TABLE AS",
    "index_stmt": "CREATE INDEX",
    "view_stmt": "CREATE VIEW",
    "create_trig_stmt": "CREATE TRIGGER",
    "create_event_trig_stmt": "CREATE EVENT TRIGGER",
    "rule_stmt": "CREATE RULE",
    "create_seq_stmt": "CREATE SEQUENCE",
    "alter_seq_stmt": "ALTER SEQUENCE",
    "composite_type_stmt": "CREATE TYPE",
    "create_enum_stmt": "CREATE TYPE",
    "create_range_stmt": "CREATE TYPE",
    "alter_enum_stmt": "ALTER TYPE",
    "truncate_stmt": "TRUNCATE TABLE",
    "lock_stmt": "LOCK TABLE",
    "variable_set_stmt": "SET",
    "variable_show_stmt": "SHOW",
    "constraints_set_stmt": "SET CONSTRAINTS",
    "refresh_mat_view_stmt": "REFRESH MATERIALIZED VIEW",
    "createdb_stmt": "CREATE DATABASE",
    "dropdb_stmt": "DROP DATABASE",
    "check_point_stmt": "CHECKPOINT",
    "declare_cursor_stmt": "DECLARE CURSOR",
    "close_portal_stmt": "CLOSE CURSOR",
    "create_stats_stmt": "CREATE STATISTICS",
    "create_plang_stmt": "CREATE LANGUAGE",
    "create_fdw_stmt": "CREATE FOREIGN DATA WRAPPER",
    "create_foreign_server_stmt": "CREATE SERVER",
    "create_am_stmt": "CREATE ACCESS METHOD",
    "alter_database_set_stmt": "ALTER DATABASE",
    "alter_role_set_stmt": "ALTER ROLE",
    "sec_label_stmt": "SECURITY LABEL",
    "alter_extension_contents_stmt": "ALTER EXTENSION",
}
_KINDS: Final = {
    "MATVIEW": "MATERIALIZED VIEW",
    "TSCONFIGURATION": "TEXT SEARCH CONFIGURATION",
    "TSDICTIONARY": "TEXT SEARCH DICTIONARY",
    "STATISTIC_EXT": "STATISTICS",
    "FDW": "FOREIGN DATA WRAPPER",
    "FOREIGN_SERVER": "SERVER",
    "TABCONSTRAINT": "TABLE",
    "COLUMN": "TABLE",
    "ATTRIBUTE": "TYPE",
    "DOMCONSTRAINT": "DOMAIN",
    "OPFAMILY": "OPERATOR FAMILY",
    "OPCLASS": "OPERATOR CLASS",
}


def command_tag(node: Any) -> str:
    """Such as "ALTER TABLE"; those of rare commands may differ in detail from the server's."""
    field = str(node.WhichOneof("node"))
    inner = getattr(node, field)
    match field:
        case "alter_table_stmt":
            return f"ALTER {_kind(inner.objtype)}"
        case "drop_stmt":
            return f"DROP {_kind(inner.remove_type)}"
        case "rename_stmt":
            of_part = _kind(inner.rename_type) == "TABLE" and inner.relation_type > 1
            return f"ALTER {_kind(inner.relation_type if of_part else inner.rename_type)}"
        case "alter_object_schema_stmt" | "alter_owner_stmt":
            return f"ALTER {_kind(inner.object_type)}"
        case "transaction_stmt":
            return _transaction(TransactionStmtKind.Name(inner.kind))
        case "vacuum_stmt":
            return "VACUUM" if inner.is_vacuumcmd else "ANALYZE"
        case "grant_stmt" | "grant_role_stmt":
            return "GRANT" if inner.is_grant else "REVOKE"
        case "create_function_stmt":
            return "CREATE PROCEDURE" if inner.is_procedure else "CREATE FUNCTION"
        case "define_stmt":
            return f"CREATE {_kind(inner.kind)}"
        case _:
            return _TAGS.get(field) or _from_field(field)


def _kind(number: int) -> str:
    name: str = ObjectType.Name(number).removeprefix("OBJECT_")
    return _KINDS.get(name, name.replace("_", " "))


def _transaction(kind: str) -> str:
    words = kind.removeprefix("TRANS_STMT_").replace("_", " ")
    return {"START": "START TRANSACTION", "PREPARE": "PREPARE TRANSACTION"}.get(words, words)


def _from_field(field: str) -> str:
    return re.sub(r"_stmt$", "", field).replace("_", " ").upper()
