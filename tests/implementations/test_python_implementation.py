"""`python = "module:Class"`: what is called how, and what its exceptions mean."""

import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_chopsticks.errors import ConfigurationError, ImplementationFault
from pytest_chopsticks.implementations import (
    Accepted,
    Implementation,
    Refused,
    Target,
    TokenKey,
    load_implementation,
)
from pytest_chopsticks.implementations.faults import OperationFailed, ResultOfWrongShape
from tests.implementations.fake_database import FakeDatabase

KEY = TokenKey("k", "ab" * 32)


@pytest.fixture(autouse=True)
def _imports_undone() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def implementation(
    root: Path, source: str, *, python: str = "acme_bot:Driver", migrate: str | None = None
) -> Implementation:
    (root / "acme_bot.py").write_text(dedent(source))
    target = Target(root / "chopsticks.toml", "acme", "2.0", migrate, python=python)
    return load_implementation(target, token_keys=[KEY])


def driver(root: Path, body: str) -> Implementation:
    """A driver whose `migrate(self, **arguments)` has this body, and then answers."""
    lines = "".join(f"        {line}\n" for line in dedent(body).strip().splitlines())
    return implementation(
        root,
        "import sys, logging, warnings\n"
        "class Driver:\n"
        "    def __init__(self, database, token_keys):\n"
        "        self.database, self.token_keys = database, token_keys\n"
        f"    def migrate(self, **arguments):\n{lines}"
        "        return {'applied': []}\n",
    )


def test_the_constructor_gets_database_and_keys_and_the_operation_its_arguments(
    tmp_path: Path,
) -> None:
    acme = driver(
        tmp_path,
        "return {'applied': [], 'got': [self.database.name, self.token_keys, arguments]}",
    )
    keys = [{"id": "k", "key": "ab" * 32}]
    assert acme.migrate(FakeDatabase()) == Accepted({"applied": [], "got": ["shop", keys, {}]}, "")
    assert acme.migrate(FakeDatabase(), tmp_path) == Accepted(
        {"applied": [], "got": ["shop", keys, {"migrations": str(tmp_path)}]}, ""
    )


def test_other_keys_are_for_one_driver_alone(tmp_path: Path) -> None:
    acme = driver(tmp_path, "return {'applied': [key['id'] for key in self.token_keys]}")
    with acme.open(FakeDatabase(), [TokenKey("new", "cd" * 32), KEY]) as some:
        assert some.call("migrate") == Accepted({"applied": ["new", "k"]}, "")
    with acme.open(FakeDatabase(), []) as none:
        assert none.call("migrate") == Accepted({"applied": []}, "")


def test_claims_are_the_operations_that_are_there(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        """
        from functools import cached_property

        class Wallets:
            def credit(self): ...
            transfer = None

        class Pets:
            def adopt(self): ...

        class Settings:
            def get(self): ...

        class Agents:
            def token(self): ...

        class Driver:
            wallets: Wallets
            settings = Settings()

            def migrate(self): ...

            @property
            def pets(self) -> Pets: ...

            @cached_property
            def agents(self) -> Agents: ...
        """,
    )
    assert acme.claims == {
        "migrate",
        "wallets.credit",
        "pets.adopt",
        "settings.get",
        "agents.token",
    }
    assert not acme.takes_migrations
    assert (acme.name, acme.version, acme.language) == ("acme", "2.0", "python")


def test_attributes_of_the_class_win(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        """
        class Driver:
            name, version, operations = "acme-py", "3", ["migrate", "wallets.credit"]
            def migrate(self, migrations=None): ...
            def verify_schema(self): ...
        """,
    )
    assert (acme.name, acme.version) == ("acme-py", "3")
    assert acme.claims == {"migrate", "wallets.credit"}
    assert acme.takes_migrations


def test_everything_written_logged_and_warned_is_output(tmp_path: Path) -> None:
    acme = driver(
        tmp_path,
        """
        print("printed")
        print("complained", file=sys.stderr)
        logging.getLogger("acme").warning("logged")
        warnings.warn("warned")
        """,
    )
    output = acme.migrate(FakeDatabase()).output
    assert output.startswith("printed\ncomplained\nlogged\n")
    assert "UserWarning: warned" in output


@pytest.mark.filterwarnings("error")
def test_warnings_are_not_errors_whatever_the_hosts_filters(tmp_path: Path) -> None:
    outcome = driver(tmp_path, "warnings.warn('old')").migrate(FakeDatabase())
    assert isinstance(outcome, Accepted)
    assert "UserWarning: old" in outcome.output


@pytest.mark.parametrize(
    ("raising", "rejection", "sqlstate"),
    [
        ("type('Mine', (Exception,), {'rejection': 'missing_file'})('x')", "missing_file", None),
        ("type('Mine', (Exception,), {'sqlstate': '23514'})('x')", None, "23514"),
        ("type('Mine', (Exception,), {'diag': type('D', (), {'sqlstate': '22003'})})('x')", None,
         "22003"),
        ("__import__('psycopg').errors.CheckViolation('x')", None, "23514"),
        ("__import__('pytest_chopsticks.errors').errors.Rejected('out_of_order')", "out_of_order",
         None),
    ],
)  # fmt: skip
def test_rejections(
    tmp_path: Path, raising: str, rejection: str | None, sqlstate: str | None
) -> None:
    outcome = driver(tmp_path, f"print('so far'); raise {raising}").migrate(FakeDatabase())
    assert isinstance(outcome, Refused)
    assert (outcome.rejection, outcome.sqlstate) == (rejection, sqlstate)
    assert outcome.output == "so far\n"


@pytest.mark.parametrize(
    "raising",
    [
        "KeyError('x')",
        "SystemExit(1)",
        "type('Mine', (Exception,), {'rejection': 3})('x')",
        "__import__('psycopg').errors.UndefinedTable('x')",
        "type('Mine', (Exception,), {'sqlstate': '2'})('x')",
    ],
)
def test_any_other_exception_is_a_fault(tmp_path: Path, raising: str) -> None:
    with pytest.raises(ImplementationFault, match=r"Driver\.migrate raised ") as raised:
        driver(tmp_path, f"print('so far'); raise {raising}").migrate(FakeDatabase())
    assert "acme_bot.py" in raised.value.message
    assert "so far" in raised.value.message
    assert "raise Rejected(name)" in (raised.value.hint or "")


def test_faults_show_no_secret_not_even_in_what_they_are_caused_by(tmp_path: Path) -> None:
    acme = driver(tmp_path, "print(self.database.dsn); raise KeyError(self.database.password)")
    with pytest.raises(ImplementationFault) as raised:
        acme.migrate(FakeDatabase())
    assert "p@ss/word" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_an_instance_is_closed_also_after_a_fault(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        """
        closed = []
        class Driver:
            def __init__(self, database, token_keys): ...
            def migrate(self): raise KeyError
            def close(self): closed.append(self)
        """,
    )
    with pytest.raises(ImplementationFault):
        acme.migrate(FakeDatabase())
    assert len(sys.modules["acme_bot"].closed) == 1


def test_a_coroutine_is_a_fault(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        "class Driver:\n    def __init__(self, **_): ...\n    async def migrate(self): ...\n",
    )
    with pytest.raises(ImplementationFault, match="returned a coroutine"):
        acme.migrate(FakeDatabase())


def test_an_operation_that_is_listed_but_lacking_is_a_fault(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        "class Driver:\n    operations = ['verify_schema']\n    def __init__(self, **_): ...\n",
    )
    with pytest.raises(
        ImplementationFault, match=r"Driver\.verify_schema is claimed, but the driver does not"
    ):
        acme.verify_schema(FakeDatabase())
    with pytest.raises(ImplementationFault, match="not claimed"):
        acme.migrate(FakeDatabase())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("class Driver:\n    def migrate(self): ...", r"raised TypeError"),
        ("class Driver:\n    def __init__(self, **_): print('hm'); 1 / 0\n"
         "    def migrate(self): ...", r"raised ZeroDivisionError(.|\n)*hm"),
    ],
)  # fmt: skip
def test_a_constructor_that_raises_is_a_fault(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(ImplementationFault, match=rf"Driver\(database=…, token_keys=…\) {message}"):
        implementation(tmp_path, source).migrate(FakeDatabase())


@pytest.mark.parametrize(
    ("source", "python", "message", "hint"),
    [
        ("", "no_such_module:Driver", "module no_such_module does not import", "Looked in"),
        ("import no_such_package", "acme_bot:Driver", "named 'no_such_package'", "Try it: cd"),
        ("x = (", "acme_bot:Driver", "SyntaxError", "Try it: cd"),
        ("print('hello')\n1 / 0", "acme_bot:Driver", "hello", "Try it: cd"),
        ("raise SystemExit(3)", "acme_bot:Driver", "SystemExit: 3", "Try it: cd"),
        ("class Drivr: ...", "acme_bot:Driver", "has no Driver", "Did you mean Drivr?"),
        ("x = 1", "acme_bot:Driver", "has no Driver", "Its classes: none"),
        ("def Driver(): ...", "acme_bot:Driver", "Driver is 'function', not a class", "class"),
        ("class Driver:\n    operations = ['wallets.kredit']", "acme_bot:Driver",
         "operations lists 'wallets.kredit'", "'wallets.credit'"),
        ("class Driver:\n    operations = 'migrate'", "acme_bot:Driver",
         "operations is 'str', not a list of names", "wallets.credit"),
    ],
)  # fmt: skip
def test_a_class_that_cannot_be_had(
    tmp_path: Path, source: str, python: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        implementation(tmp_path, source, python=python)
    assert f'{tmp_path / "chopsticks.toml"}: python = "{python}"' in raised.value.message
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")


def test_with_a_command_too_the_command_migrates_and_the_driver_does_the_rest(
    tmp_path: Path,
) -> None:
    acme = implementation(
        tmp_path,
        """
        class Driver:
            def __init__(self, **_): ...
            def migrate(self): return {"applied": ["driver"]}
            def verify_schema(self): return {"hash": "driver"}
        """,
        migrate="echo command",
    )
    assert acme.migrate(FakeDatabase()) == Accepted(None, "command")
    assert acme.verify_schema(FakeDatabase()) == Accepted({"hash": "driver"}, "")
    with acme.open(FakeDatabase()) as both:
        assert both.call("migrate") == Accepted(None, "command")
        assert both.call("verify_schema") == Accepted({"hash": "driver"}, "")
    assert acme.claims == {"migrate", "verify_schema"}
    assert not acme.takes_migrations
    assert acme.language == "python"


@pytest.mark.parametrize("answer", ["None", "'20260101_000000'", "{'applied': 1}", "{}"])
def test_an_answer_of_another_shape_is_a_fault_that_shows_it(tmp_path: Path, answer: str) -> None:
    with pytest.raises(
        ResultOfWrongShape, match=r"Driver\.migrate was answered with another shape"
    ):
        driver(tmp_path, f"return {answer}").migrate(FakeDatabase())


def test_answers_are_what_the_types_say_as_on_the_wire(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        """
        class Streaks:
            def claim(self, user_id, kind, at_ms):
                return {"streak": "7", "longest": 7, "multiplier": 1.25}
        class Driver:
            streaks = Streaks()
            def __init__(self, **_): ...
        """,
    )
    with acme.open(FakeDatabase()) as it:
        outcome = it.call("streaks.claim", user_id="1", kind="daily", at_ms=1)
    assert outcome == Accepted({"streak": 7, "longest": 7, "multiplier": Decimal("1.25")}, "")


def test_a_token_that_leaks_is_masked_and_told_of(tmp_path: Path) -> None:
    acme = implementation(
        tmp_path,
        """
        class Agents:
            def register(self, token, **_):
                print("registering", token)
            def token(self, agent_id):
                raise KeyError(agent_id, "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.secret")
        class Driver:
            agents = Agents()
            def __init__(self, **_): ...
        """,
    )
    token = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.secret"
    with acme.open(FakeDatabase()) as it:
        outcome = it.call("agents.register", agent_id="a", token=token, client_id="1", tag="t")
        assert outcome == Accepted(None, "registering ***\n", leaked=True)
        with pytest.raises(OperationFailed, match=r"\*\*\*") as raised:
            it.call("agents.token", agent_id="a")
    assert token not in str(raised.value)
    assert raised.value.leaked


@pytest.mark.parametrize(
    ("attribute", "message"),
    [("concurrent = 'yes'", "concurrent is 'str'"), ("clock = 'utc'", "clock is 'utc'")],
)
def test_an_attribute_of_another_kind(tmp_path: Path, attribute: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        implementation(tmp_path, f"class Driver:\n    {attribute}")


def test_concurrency_and_clock_are_told_by_the_class(tmp_path: Path) -> None:
    acme = implementation(tmp_path, "class Driver:\n    concurrent, clock = True, 'argument'\n")
    assert (acme.concurrent, acme.clock) == (True, "argument")


def test_concurrent_calls_keep_their_outputs_apart(tmp_path: Path) -> None:
    acme = driver(
        tmp_path,
        """
        sys.modules["acme_bot"].barrier.wait()
        for _ in range(100):
            print(self.database.name)
        sys.modules["acme_bot"].barrier.wait()
        """,
    )
    sys.modules["acme_bot"].barrier = threading.Barrier(2)  # type: ignore[attr-defined]
    before = (sys.stdout, sys.stderr)
    outputs: dict[str, str] = {}

    def migrate(name: str) -> None:
        outputs[name] = acme.migrate(FakeDatabase(name)).output

    threads = [threading.Thread(target=migrate, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {"one": "one\n" * 100, "two": "two\n" * 100}
    assert (sys.stdout, sys.stderr) == before
