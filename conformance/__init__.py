"""The executable specification of the Chopsticks schema, version 1.0.0.

Each area has its requirements in `requirements/<area>.toml` and their tests in `<area>.py`.
"""

AREAS = (
    "schema",
    "migrations",
    "tokens",
    "economy",
    "settings",
    "agents",
    "time",
    "runners",
    "stats",
    "audit",
    "retention",
    "inventory",
    "streaks",
    "pets",
    "text",
    "recovery",
)
