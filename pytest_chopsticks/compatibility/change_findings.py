"""What the changes of the catalog come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pytest_chopsticks.catalog import Snapshot, changes, differences
from pytest_chopsticks.catalog.changes import Change
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.policy import Ruling, ruling

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_WHY = {
    Ruling.PROHIBITED: "the evolution policy prohibits it",
    Ruling.DECLARABLE: "the evolution policy allows it only with a declaration",
    Ruling.BY_EFFECT: "what old statements and readers get decides",
}


def rule_of(change: Change) -> str:
    """The slug of a change's kind."""
    return rule_name(type(change))


def rule_name(kind: type) -> str:
    """`ColumnRemoved` is `column-removed`."""
    return _CAPITAL.sub("-", kind.__name__).lower()


def subject_of(change: Change) -> str:
    """What was changed, by the name that people know it by."""
    match change:
        case changes.ColumnChange(table=table, column=column):
            return f"{table}.{column}"
        case changes.IndexAdded(index=index) | changes.IndexRemoved(index=index):
            return index.name
        case changes.IndexValidityChanged(after=index):
            return index.name
        case changes.ConstraintAdded(table=table) | changes.ConstraintRemoved(table=table):
            return f"{table}.{change.constraint.name}"
        case changes.ConstraintChanged(table=table, before=before):
            return f"{table}.{before.name}"
        case changes.TableChange(table=table):
            return table
        case changes.PrivilegeChange(name=name, kind=kind):
            return name or kind
        case _:
            return _name_of_type(change)


def change_findings(
    before: Snapshot, after: Snapshot, place_of: Callable[[Change], Place]
) -> Iterator[Finding]:
    """One finding for each change that is prohibited, needs a declaration or may have effects.

    What is plainly allowed needs no word.
    """
    for change in differences(before, after):
        rule = ruling(change, before, after)
        if rule is Ruling.ALLOWED:
            continue
        others = shuts_others_out(change, after)
        yield Finding(
            family=Family.OLD_WRITERS if others else Family.BACKWARD_COMPATIBLE,
            rule=rule_of(change),
            subject=subject_of(change),
            message=f"{_named(change)}: {others or _WHY[rule]}",
            evidence=Evidence.OBSERVED,
            verdict=Verdict.NOTED if rule is Ruling.BY_EFFECT and not others else Verdict.BREAKS,
            place=place_of(change),
        )


def shuts_others_out(change: Change, after: Snapshot) -> str | None:
    """Why clients who do not come as the owner, and so are nobody that we can be, are refused."""
    match change:
        case changes.PrivilegeRevoked(privilege=privilege) if privilege.role != "owner":
            return f"whoever relied on being {privilege.role} is refused"
        case changes.RowSecurityChanged(table=table, after=state) if state.startswith("on"):
            roles = {privilege.role for privilege in after.tables[table].privileges} - {"owner"}
            seen = f"{', '.join(sorted(roles))} sees and writes only what policies allow"
            return seen if roles else None
        case _:
            return None


def _named(change: Change) -> str:
    """The change in a sentence that has the name of what is changed, too."""
    name = subject_of(change)
    return str(change) if name.rpartition(".")[2] in str(change) else f"{name}: {change}"


def _name_of_type(change: Change) -> str:
    attributes = ("enum", "name", "domain", "sequence", "before", "after")
    given = (getattr(change, attribute, None) for attribute in attributes)
    value = next(one for one in given if one is not None)
    return str(getattr(value, "name", value))
