"""A database address that leads nowhere, for implementations that never connect."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FakeDatabase:
    name: str = "shop"
    user: str = "owner"
    password: str = "p@ss/word"
    host: str = "127.0.0.1"
    port: int = 1

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}:p%40ss%2Fword@127.0.0.1:1/{self.name}"

    @property
    def dsn(self) -> str:
        return f"host=/nowhere user={self.user} password={self.password} dbname={self.name}"

    @property
    def env(self) -> Mapping[str, str]:
        return {
            "DATABASE_URL": self.url,
            "POSTGRES_URL": self.url,
            "PGHOST": "127.0.0.1",
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
        }
