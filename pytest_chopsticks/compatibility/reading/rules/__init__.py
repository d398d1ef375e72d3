"""Which rule reads which kind of statement.

A kind in none of the two tables is not analysed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_chopsticks.compatibility.reading.rules import (
    alter_table,
    behaviour,
    indexes,
    objects,
    rows,
    sessions,
    types,
)

if TYPE_CHECKING:
    from pytest_chopsticks.compatibility.reading.context import Rule

RULES: Final[dict[str, Rule]] = {
    "alter_table_stmt": alter_table.alter_table,
    "rename_stmt": objects.rename,
    "drop_stmt": objects.drop,
    "alter_object_schema_stmt": objects.set_schema,
    "alter_owner_stmt": objects.owner,
    "drop_owned_stmt": objects.drop_owned,
    "reassign_owned_stmt": objects.drop_owned,
    "dropdb_stmt": objects.drop_database,
    "drop_role_stmt": objects.drop_roles,
    "select_stmt": rows.query,
    "insert_stmt": rows.query,
    "update_stmt": rows.query,
    "delete_stmt": rows.query,
    "merge_stmt": rows.query,
    "truncate_stmt": rows.truncate,
    "copy_stmt": rows.copy,
    "index_stmt": indexes.create_index,
    "reindex_stmt": indexes.reindex,
    "cluster_stmt": indexes.cluster,
    "vacuum_stmt": indexes.vacuum,
    "refresh_mat_view_stmt": indexes.refresh,
    "lock_stmt": indexes.lock,
    "alter_enum_stmt": types.alter_enum,
    "alter_domain_stmt": types.alter_domain,
    "alter_type_stmt": types.alter_type,
    "alter_seq_stmt": types.alter_sequence,
    "create_seq_stmt": types.create_sequence,
    "create_trig_stmt": behaviour.create_trigger,
    "create_event_trig_stmt": behaviour.create_event_trigger,
    "alter_event_trig_stmt": behaviour.alter_event_trigger,
    "rule_stmt": behaviour.create_rule,
    "create_policy_stmt": behaviour.create_policy,
    "alter_policy_stmt": behaviour.alter_policy,
    "view_stmt": behaviour.create_view,
    "grant_stmt": behaviour.grant,
    "grant_role_stmt": behaviour.grant_role,
    "alter_role_stmt": behaviour.alter_role,
    "transaction_stmt": sessions.transaction,
    "variable_set_stmt": sessions.set_variable,
    "alter_system_stmt": sessions.server_setting,
    "alter_database_stmt": sessions.server_setting,
    "alter_database_set_stmt": sessions.server_setting,
    "alter_role_set_stmt": sessions.server_setting,
}

#: They add, describe, or look; no statement that was valid before notices.
HARMLESS: Final = frozenset(
    {
        "alter_default_privileges_stmt",
        "close_portal_stmt",
        "comment_stmt",
        "composite_type_stmt",
        "check_point_stmt",
        "constraints_set_stmt",
        "create_cast_stmt",
        "create_domain_stmt",
        "create_enum_stmt",
        "create_extension_stmt",
        "create_fdw_stmt",
        "create_foreign_server_stmt",
        "create_foreign_table_stmt",
        "create_publication_stmt",
        "create_range_stmt",
        "create_role_stmt",
        "create_stats_stmt",
        "create_stmt",
        "create_table_space_stmt",
        "create_user_mapping_stmt",
        "createdb_stmt",
        "deallocate_stmt",
        "define_stmt",
        "discard_stmt",
        "drop_table_space_stmt",
        "fetch_stmt",
        "listen_stmt",
        "notify_stmt",
        "unlisten_stmt",
        "variable_show_stmt",
    }
)
