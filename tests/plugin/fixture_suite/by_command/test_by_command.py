# mypy: ignore-errors
def test_template(chopsticks_conn):
    assert chopsticks_conn.execute("SELECT what FROM built_by").fetchall() == [("c",)]
