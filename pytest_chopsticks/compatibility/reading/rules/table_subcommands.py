"""The subcommands of ALTER TABLE whose name says everything, as data.

A row of `SIMPLE`: the rule, whether its subject is the column (else the table), the message.
"""

from __future__ import annotations

from typing import Final

_TRIGGER_STATE = ("trigger-state-changed", False, "triggers of {subject} fire when they did not")
_TRIGGERS_OFF = ("triggers-disabled", False, "triggers of {subject} are switched off")
_RULE_STATE = ("rule-changed", False, "rule {name} of {subject} is switched on or off")
_IDENTITY = ("identity-changed", True, "identity of {subject} changes: old INSERTs may be refused")
_PARENTS = ("parents-changed", False, "{subject} inherits otherwise: old queries see other rows")
_REWRITE = ("rewrite", False, "{subject} is written anew under an ACCESS EXCLUSIVE lock")

SIMPLE: Final[dict[str, tuple[tuple[str, bool, str], ...]]] = {
    "AT_DropColumn": (
        ("column-removed", True, "column {subject} is dropped: statements that name it fail"),
    ),
    "AT_SetNotNull": (
        ("nullability-tightened", True, "{subject} refuses NULL: old writers may send it"),
        ("scan-under-lock", False, "SET NOT NULL reads all of {subject}, unless a CHECK proves it"),
    ),
    "AT_DropNotNull": (
        ("nullability-loosened", True, "{subject} accepts NULL: old readers do not expect it"),
    ),
    "AT_SetExpression": (
        ("generated-changed", True, "{subject} is computed otherwise"),
        _REWRITE,
    ),
    "AT_DropExpression": (
        ("generated-changed", True, "{subject} is no longer computed: old INSERTs leave it empty"),
    ),
    "AT_AddIdentity": (_IDENTITY,),
    "AT_SetIdentity": (_IDENTITY,),
    "AT_DropIdentity": (_IDENTITY,),
    "AT_AlterConstraint": (
        ("foreign-key-changed", False, "a constraint of {subject} is checked at another time"),
    ),
    "AT_DropConstraint": (
        (
            "constraint-removed",
            False,
            "constraint {name} of {subject} is dropped: ON CONFLICT may need it, "
            "and what it kept out may come in",
        ),
    ),
    "AT_SetLogged": (("persistence-changed", False, "{subject} becomes permanent"), _REWRITE),
    "AT_SetUnLogged": (
        ("persistence-changed", False, "{subject} becomes unlogged: empty after a crash"),
        _REWRITE,
    ),
    "AT_SetAccessMethod": (_REWRITE,),
    "AT_SetTableSpace": (
        ("rewrite", False, "{subject} is copied to another tablespace under ACCESS EXCLUSIVE"),
    ),
    "AT_EnableTrig": (_TRIGGER_STATE,),
    "AT_EnableAlwaysTrig": (_TRIGGER_STATE,),
    "AT_EnableReplicaTrig": (_TRIGGER_STATE,),
    "AT_EnableTrigAll": (_TRIGGER_STATE,),
    "AT_EnableTrigUser": (_TRIGGER_STATE,),
    "AT_DisableTrig": (_TRIGGERS_OFF,),
    "AT_DisableTrigAll": (_TRIGGERS_OFF,),
    "AT_DisableTrigUser": (_TRIGGERS_OFF,),
    "AT_EnableRule": (_RULE_STATE,),
    "AT_EnableAlwaysRule": (_RULE_STATE,),
    "AT_EnableReplicaRule": (_RULE_STATE,),
    "AT_DisableRule": (_RULE_STATE,),
    "AT_AddInherit": (_PARENTS,),
    "AT_DropInherit": (_PARENTS,),
    "AT_AddOf": (_PARENTS,),
    "AT_DropOf": (_PARENTS,),
    "AT_EnableRowSecurity": (
        ("row-security-changed", False, "row security of {subject} is on: old statements see less"),
    ),
    "AT_DisableRowSecurity": (
        ("row-security-changed", False, "row security of {subject} is off: old readers see more"),
    ),
    "AT_ForceRowSecurity": (
        ("row-security-changed", False, "row security of {subject} binds its owner too"),
    ),
    "AT_NoForceRowSecurity": (
        ("row-security-changed", False, "row security of {subject} no longer binds its owner"),
    ),
    "AT_ChangeOwner": (
        ("privilege-revoked", False, "{subject} gets another owner: the old one may lose access"),
    ),
    "AT_GenericOptions": (
        ("type-changed", False, "options of the foreign table {subject} change"),
    ),
    "AT_AlterColumnGenericOptions": (
        ("type-changed", True, "options of the foreign column {subject} change"),
    ),
}  # fmt: skip

#: What they change, no statement notices but by its speed.
HARMLESS: Final = frozenset(
    {
        "AT_ValidateConstraint",
        "AT_SetStatistics",
        "AT_SetOptions",
        "AT_ResetOptions",
        "AT_SetStorage",
        "AT_SetCompression",
        "AT_ClusterOn",
        "AT_DropCluster",
        "AT_DropOids",
        "AT_SetRelOptions",
        "AT_ResetRelOptions",
        "AT_ReplicaIdentity",
        "AT_DetachPartitionFinalize",
    }
)
