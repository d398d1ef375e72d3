"""Which rule the end of each kind of object falls under, as data.

The rule, the noun, and for a removal what follows from it.
"""

from __future__ import annotations

from typing import Final

_FAIL = "old statements that name it fail"
_SLOW = "old queries that used it become slow, and ON CONFLICT may need it"
_BEHAVE = "old statements do something else"

REMOVAL: Final = {
    "OBJECT_TABLE": ("table-removed", "table", _FAIL),
    "OBJECT_VIEW": ("table-removed", "view", _FAIL),
    "OBJECT_MATVIEW": ("table-removed", "materialized view", _FAIL),
    "OBJECT_FOREIGN_TABLE": ("table-removed", "foreign table", _FAIL),
    "OBJECT_INDEX": ("index-removed", "index", _SLOW),
    "OBJECT_SEQUENCE": ("sequence-removed", "sequence", _FAIL),
    "OBJECT_TYPE": ("type-removed", "type", _FAIL),
    "OBJECT_DOMAIN": ("domain-removed", "domain", _FAIL),
    "OBJECT_FUNCTION": ("function-removed", "function", _FAIL),
    "OBJECT_PROCEDURE": ("function-removed", "procedure", _FAIL),
    "OBJECT_ROUTINE": ("function-removed", "routine", _FAIL),
    "OBJECT_AGGREGATE": ("function-removed", "aggregate", _FAIL),
    "OBJECT_OPERATOR": ("function-removed", "operator", _FAIL),
    "OBJECT_CAST": ("function-removed", "cast", _FAIL),
    "OBJECT_SCHEMA": ("schema-removed", "schema", _FAIL),
    "OBJECT_EXTENSION": ("extension-removed", "extension", _FAIL),
    "OBJECT_TRIGGER": ("trigger-removed", "trigger", _BEHAVE),
    "OBJECT_RULE": ("rule-removed", "rule", _BEHAVE),
    "OBJECT_POLICY": ("policy-removed", "policy", _BEHAVE),
    "OBJECT_COLLATION": ("type-removed", "collation", _FAIL),
    "OBJECT_TSCONFIGURATION": ("type-removed", "text search configuration", _FAIL),
    "OBJECT_TSDICTIONARY": ("type-removed", "text search dictionary", _FAIL),
}

#: Those whose last name is their own and the ones before it their table's.
OF_TABLE: Final = frozenset({"OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY"})

RELATIONS: Final = {
    "OBJECT_TABLE": ("table-removed", "table"),
    "OBJECT_VIEW": ("table-removed", "view"),
    "OBJECT_MATVIEW": ("table-removed", "materialized view"),
    "OBJECT_FOREIGN_TABLE": ("table-removed", "foreign table"),
    "OBJECT_SEQUENCE": ("sequence-removed", "sequence"),
    "OBJECT_INDEX": ("index-renamed", "index"),
}

RENAME: Final = {
    "OBJECT_TABCONSTRAINT": ("constraint-renamed", "constraint"),
    "OBJECT_DOMCONSTRAINT": ("domain-changed", "domain constraint"),
    "OBJECT_ATTRIBUTE": ("type-changed", "attribute"),
    "OBJECT_TYPE": ("type-removed", "type"),
    "OBJECT_DOMAIN": ("domain-removed", "domain"),
    "OBJECT_FUNCTION": ("function-removed", "function"),
    "OBJECT_PROCEDURE": ("function-removed", "procedure"),
    "OBJECT_ROUTINE": ("function-removed", "routine"),
    "OBJECT_AGGREGATE": ("function-removed", "aggregate"),
    "OBJECT_SCHEMA": ("schema-removed", "schema"),
    "OBJECT_ROLE": ("role-changed", "role"),
    "OBJECT_DATABASE": ("database-removed", "database"),
    "OBJECT_TRIGGER": ("trigger-changed", "trigger"),
    "OBJECT_RULE": ("rule-changed", "rule"),
    "OBJECT_POLICY": ("policy-changed", "policy"),
    "OBJECT_COLLATION": ("type-removed", "collation"),
}

#: Nothing that an application sends depends on them.
HARMLESS_REMOVAL: Final = frozenset(
    {
        "OBJECT_STATISTIC_EXT",
        "OBJECT_EVENT_TRIGGER",
        "OBJECT_PUBLICATION",
    }
)
HARMLESS_RENAME: Final = HARMLESS_REMOVAL | {"OBJECT_TABLESPACE"}
