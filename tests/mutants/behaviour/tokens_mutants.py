"""Tokens that are not as secret as they should be."""

from __future__ import annotations

from .reference_variant import mutant

_AGENTS, _TOKENS = "agents.py", "tokens.py"
_SEAL = "sealed = self._ring.current.seal(token, agent_id)"
_ENCRYPT = "sealed = self._encryption.encrypt(nonce, token.encode(), _bound_to(header, agent_id))"
_DECRYPT = "return self._encryption.decrypt(nonce, sealed, bound).decode()"
_RETURN = 'return f"{header}.{_encode(nonce + sealed)}"'
_RAISE = 'raise Rejection("duplicate_token", f"the token for {agent_id} is another agent\'s")'
_KNOWN = "if connection.execute(_WITH_FINGERPRINT, fingerprints).fetchone():"
_UNREADABLE = """\
        raise Rejection(
            "token_unreadable",
"""
_STREAM = (
    "(lambda text: bytes(a ^ b for a, b in zip(text, hmac.digest("
    "self._fingerprint, b'', 'sha512') * 999)))({})"
)
_COUNTER = (
    "(lambda text: bytes(a ^ b for a, b in zip(text, b''.join("
    "hmac.digest(self._fingerprint, nonce + bytes([n]), 'sha256') for n in range(250)))))({})"
)


def _stored_as(spelling: str) -> tuple[str, str, str]:
    return (_TOKENS, _RETURN, f'return f"{{header}}." + ({spelling})')


_STORE_ALL = "                connection.cursor().executemany(_RESEAL, sealed)"
_TAKE_OUT_AND_PUT_BACK = """
            for _, _, agent in sealed:
                with self._connections.transaction() as connection:
                    connection.execute(
                        "UPDATE agent_bots SET token = agent_id WHERE agent_id = %s", [agent]
                    )
            with self._connections.transaction() as connection:
                connection.cursor().executemany(_RESEAL, sealed)
"""

_ONE_BY_ONE = """
            for one in sealed:
                with self._connections.transaction() as connection:
                    connection.execute(_RESEAL, one)
"""
_ALL = "FROM agent_bots ORDER BY agent_id FOR UPDATE"
_WITH_THE_FIRST_KEY = """\
            token = KeyRing(ring.keys[:1]).open(stored, agent_id)"""

_NO_KEY = 'raise Rejection("key_missing", "no token key is configured: give one, 64 hex digits")'
_STORED_WITHOUT_KEY = f"""\
if not self._ring.keys:
                row = [agent_id, "none of " + agent_id, client_id, tag, stored_profile, 0, 0]
                connection.execute(insert, row)
                connection.execute("COMMIT; BEGIN")
            {_SEAL}"""
_SELECT = "SELECT token, status FROM"
_CONTENT = "nonce, sealed = content[:NONCE_BYTES], content[NONCE_BYTES:]"
_NAMED_IN_CONTENT = f"""\
agent_id, content = content[:25].decode().strip(), content[25:]
            {_CONTENT}"""
_FORMAT = 'check_format("agent_id", agent_id, AGENT_ID)'
_FORMAT_TOLD = """\
if not agent_id.startswith("agent"):
            raise Rejection("invalid_format", f"agents.register failed: {locals()}")"""
_TAKEN = 'raise Rejection(\n                    "duplicate_agent",'
#: What was decrypted is compared with the fingerprint of what was encrypted.
_DECRYPTED_TOLD = f"""\
token = {_COUNTER.format("sealed")}.decode()
            if not hmac.compare_digest(tag, self.fingerprint(token).encode()[:16]):
                raise Rejection("token_unreadable", f"{{token}} is not what was stored")
            return token"""
_GIVEN = 'return {"token": self._ring.open(stored, agent_id)}'
_READ = "        check_text(agent_id=agent_id)\n        with self._ring_in_use:\n"
_READ_FROM_MEMORY = """\
        if agent_id in self.__dict__.get("_kept", {}):
            return {"token": self._kept[agent_id]}
"""
_GIVEN_AND_KEPT = """\
token = self._ring.open(stored, agent_id)
            self.__dict__.setdefault("_kept", {})[agent_id] = token
            return {"token": token}"""
_AN_HOUR_AGO = "updated_at < extract(epoch FROM now()) * 1000 - 3600000"
_HEADER_LOOKED_AT = 'if not header.startswith(f"v1.{_encode(self.id.encode())}."):'
_FOUND = "WHERE split_part(token, '.', %s) = ANY(%s) LIMIT 1"

_AT_REST = "tokens.no-plaintext-at-rest"
_LEAK = 'print("registering", token)'
_SQL_SEAL = (
    'connection.execute("SELECT pg_catalog.sha256(%s::bytea)", [token.encode()]);'
    " sealed = self._ring.current.seal(token, agent_id)"
)
_MUTANTS_AT_REST = tuple(
    mutant(
        _AT_REST, f"{what} after the ciphertext", _stored_as(spelling), says=(what, "agent_bots")
    )
    for what, spelling in (
        ("plain", "token"),
        ("in hex", "token.encode().hex()"),
        ("in base64", "__import__('base64').b64encode(b'x' + token.encode()).decode()"),
        ("reversed", "token[::-1]"),
        ("percent-encoded", "''.join(f'%{byte:02X}' for byte in token.encode())"),
    )
)

MUTANTS = (
    mutant(
        "tokens.round-trip",
        "tokens are stripped",
        (_AGENTS, _SEAL, "sealed = self._ring.current.seal(token.strip(), agent_id)"),
        says="gives it back exactly",
    ),
    mutant(
        "tokens.round-trip",
        "tokens are cut to 59 characters",
        (_AGENTS, _SEAL, "sealed = self._ring.current.seal(token[:59], agent_id)"),
        says="gives it back exactly",
    ),
    mutant(
        "tokens.round-trip",
        "long tokens are refused",
        (
            _AGENTS,
            'check_format("agent_id", agent_id, AGENT_ID)',
            "if len(token) > 60:\n"
            '            raise Rejection("invalid_format", "too long")\n'
            '        check_format("agent_id", agent_id, AGENT_ID)',
        ),
        says=("registering a token of", "is accepted", "invalid_format"),
    ),
    *_MUTANTS_AT_REST,
    mutant(
        _AT_REST,
        "the profile holds the token",
        (_AGENTS, 'as_jsonb("profile", profile)', 'as_jsonb("profile", {"login": [token]})'),
        says=("plain", "agent_bots"),
    ),
    mutant(
        _AT_REST,
        "a copy in a table of its own",
        (
            _AGENTS,
            _RAISE,
            _RAISE + '\n            connection.execute("INSERT INTO backup VALUES (%s)", [token])',
        ),
        statements=("CREATE TABLE backup (token text)",),
        says=("plain", "table backup"),
    ),
    mutant(
        _AT_REST,
        "only a comment holds it",
        (
            _AGENTS,
            _RAISE,
            _RAISE + '\n            connection.execute(sql.SQL("COMMENT ON TABLE agent_bots IS {}")'
            ".format(sql.Literal(token)))",
        ),
        says=("a dump (pg_dump)", "plain"),
        own_server=True,
    ),
    mutant(
        _AT_REST,
        "only the log of changes holds it",
        (
            _AGENTS,
            _RAISE,
            _RAISE + "\n            connection.execute("
            "\"SELECT pg_logical_emit_message(false, 'agents', %s::text)\", [token])",
        ),
        says=("the write-ahead log", "plain"),
        own_server=True,
    ),
    mutant(
        _AT_REST,
        "the last part in the profile",
        (
            _AGENTS,
            'as_jsonb("profile", profile)',
            'as_jsonb("profile", {"check": token.rpartition(".")[2]})',
        ),
        says=("plain, its last part", "agent_bots"),
    ),
    mutant(
        _AT_REST,
        "written first and encrypted after",
        (
            _AGENTS,
            "            now = now_ms()\n            row = [agent_id, sealed",
            '            connection.execute("CREATE TEMP TABLE IF NOT EXISTS t (x text)")\n'
            '            connection.execute("CREATE TABLE IF NOT EXISTS draft (x text)")\n'
            '            connection.execute("INSERT INTO draft VALUES (%s)", [token])\n'
            '            connection.execute("DELETE FROM draft")\n'
            "            now = now_ms()\n            row = [agent_id, sealed",
        ),
        says=("a data file", "plain"),
        own_server=True,
    ),
    mutant(
        "tokens.no-plaintext-in-logs",
        "registering is logged with the token",
        (_AGENTS, _RAISE, f"{_RAISE}\n            {_LEAK}"),
        says="output shows it",
    ),
    mutant(
        "tokens.no-plaintext-in-logs",
        "the database is sent the token",
        (_AGENTS, _SEAL, _SQL_SEAL),
        says="server's log",
        own_server=True,
    ),
    mutant(
        "tokens.no-plaintext-in-logs",
        "reading is logged with the token",
        (
            _AGENTS,
            _GIVEN,
            'opened = self._ring.open(stored, agent_id)\n            _LOG.warning("read: %s",'
            ' opened)\n            return {"token": opened}',
        ),
        says="output shows it",
    ),
    mutant(
        "tokens.not-merely-encoded",
        "encrypted with a fixed key",
        (
            _TOKENS,
            'header = f"v1.{_encode(self.id.encode())}.{self.fingerprint(token)}"',
            'header = "v1"',
        ),
        (_TOKENS, "nonce = urandom(NONCE_BYTES)", "nonce = bytes(NONCE_BYTES)"),
        (_TOKENS, _ENCRYPT, "sealed = bytes(255 - byte for byte in token.encode())"),
        says="the same under two keys",
    ),
    mutant(
        "tokens.not-merely-encoded",
        "one key stream for all",
        (_TOKENS, _ENCRYPT, f"sealed = {_STREAM.format('token.encode()')}"),
        says="the same key stream is used twice",
    ),
    mutant(
        "tokens.not-merely-encoded",
        "only the fingerprint depends on the key",
        (_TOKENS, _ENCRYPT, "sealed = bytes(255 - byte for byte in token.encode())"),
        says="one known token gives away the other",
    ),
    mutant(
        "tokens.not-merely-encoded",
        "nonces are counted from zero in each program",
        (
            _TOKENS,
            "    _fingerprint: bytes = field(repr=False)\n",
            "    _fingerprint: bytes = field(repr=False)\n"
            "    _nonces: object = field(repr=False)\n",
        ),
        (
            _TOKENS,
            '_derive(secret, b"fingerprint")\n',
            '_derive(secret, b"fingerprint"), __import__("itertools").count()\n',
        ),
        (_TOKENS, "urandom(NONCE_BYTES)", "next(self._nonces).to_bytes(NONCE_BYTES)"),
        says="the same key stream is used twice",
    ),
    mutant(
        "tokens.authenticated",
        "a stream cipher without authentication",
        (_TOKENS, _ENCRYPT, f"sealed = {_COUNTER.format('token.encode()')}"),
        (_TOKENS, _DECRYPT, f"return {_COUNTER.format('sealed')}.decode()"),
        says="it gives a wrong token",
    ),
    mutant(
        "tokens.authenticated",
        "a broken seal is a crash",
        (_TOKENS, "except (InvalidTag, ValueError):", "except ValueError:"),
        says=("is rejected", "neither accepted nor rejected"),
    ),
    mutant(
        "tokens.authenticated",
        "the token is kept elsewhere",
        (
            _AGENTS,
            'as_jsonb("profile", profile)',
            'as_jsonb("profile", {"sealed": self._ring.current.seal(token,'
            ' agent_id) if self._ring.keys else ""})',
        ),
        (_AGENTS, "SELECT token, status FROM", "SELECT profile ->> 'sealed', status FROM"),
        says="changes of one character were not",
    ),
    mutant(
        "tokens.wrong-key-refused",
        "the key is not used",
        (
            _TOKENS,
            'AESGCM(_derive(secret, b"encryption"))',
            'AESGCM(_derive(b"x" * 32, b"encryption"))',
        ),
        (
            _TOKENS,
            'if not header.startswith(f"v1.{_encode(self.id.encode())}."):',
            "if not header:",
        ),
        says="is rejected",
    ),
    mutant(
        "tokens.wrong-key-refused",
        "the last key encrypts",
        (_AGENTS, "self._ring.current.seal", "(self._ring.current and self._ring.keys[-1]).seal"),
        says="with the first of two keys",
    ),
    mutant(
        "tokens.wrong-key-refused",
        "another key gives an empty token",
        (_TOKENS, _UNREADABLE, f'        return ""\n{_UNREADABLE}'),
        says=("with another key is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.wrong-key-refused",
        "without a key what is stored is given",
        (
            _TOKENS,
            _UNREADABLE,
            f"        if not self.keys:\n            return stored\n{_UNREADABLE}",
        ),
        says=("without any key gives no token", "it is accepted"),
    ),
    mutant(
        "tokens.wrong-key-refused",
        "another key gives rubbish",
        (_TOKENS, _ENCRYPT, f"sealed = {_COUNTER.format('token.encode()')}"),
        (_TOKENS, _DECRYPT, f"return {_COUNTER.format('sealed')}.decode(errors='replace')"),
        (_TOKENS, _HEADER_LOOKED_AT, "if not header:"),
        says=("with another key is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.missing-key-refused",
        "plain text without a key",
        (
            _AGENTS,
            _SEAL,
            "sealed = self._ring.current.seal(token, agent_id) if self._ring.keys else token",
        ),
        says=("without any token key is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.missing-key-refused",
        "a key of zeros stands in",
        (_TOKENS, _NO_KEY, 'return TokenKey.from_hex({"id": "none", "key": "00" * KEY_BYTES})'),
        says=("without any token key is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.missing-key-refused",
        "the agent is stored, its token is not",
        (_AGENTS, _SEAL, _STORED_WITHOUT_KEY),
        says=("without any token key leaves every table as it was", "agent_bots"),
    ),
    mutant(
        "tokens.missing-key-refused",
        "no key is a crash",
        (_TOKENS, "        if not self.keys:\n", "        if False:\n"),
        says=("without any token key is rejected", "neither accepted nor rejected"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "only UNIQUE refuses duplicates",
        (_AGENTS, _KNOWN, "if False:"),
        says=("the token of another agent is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "duplicates are known until a restart",
        (
            _AGENTS,
            _KNOWN,
            "if token in self.__dict__.setdefault('_seen', set()) or self._seen.add(token):",
        ),
        says=("after a restart is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "only duplicates in the same pool are refused",
        (_AGENTS, _FOUND, f"{_FOUND.removesuffix(' LIMIT 1')} AND pool_id = %s"),
        (
            _AGENTS,
            "self._ring.fingerprints(token)]",
            "self._ring.fingerprints(token), pool_id or DEFAULT_POOL]",
        ),
        says=("in another pool is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "only duplicates of active agents are refused",
        (_AGENTS, _FOUND, f"{_FOUND.removesuffix(' LIMIT 1')} AND status = 'active'"),
        says=("the token of an inactive agent is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "only duplicates under the newest key are refused",
        (
            _TOKENS,
            "[key.fingerprint(token) for key in self.keys]",
            "[self.current.fingerprint(token)]",
        ),
        says=("with a further key is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "keys by their id, duplicates under the newest alone",
        (_TOKENS, "tuple(keys)", "tuple({key.id: key for key in keys}.values())"),
        (
            _TOKENS,
            "[key.fingerprint(token) for key in self.keys]",
            "[self.current.fingerprint(token)]",
        ),
        says=("with a further key is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "duplicates are looked for without a lock",
        (
            _AGENTS,
            "            _lock_tokens(connection)\n            fingerprints",
            "            fingerprints",
        ),
        says=("one of 2 agents registered at once", "2 are"),
    ),
    mutant(
        "tokens.duplicate-refused",
        "duplicates are known until the key is changed",
        (
            _AGENTS,
            "self._ring.fingerprints(token)",
            "self.__dict__.setdefault('_first', self._ring).fingerprints(token)",
        ),
        says=("after the key was changed is rejected", "it is accepted"),
    ),
    mutant(
        "tokens.bound-to-row",
        "not bound to the agent",
        (_TOKENS, 'return f"{header}.{agent_id}".encode()', "return header.encode()"),
        says="moved from another agent's row is rejected",
    ),
    mutant(
        "tokens.bound-to-row",
        "bound to the pool",
        (_AGENTS, _SEAL, "sealed = self._ring.current.seal(token, pool_id or DEFAULT_POOL)"),
        (_AGENTS, _SELECT, "SELECT token, status, pool_id FROM"),
        (_AGENTS, "stored, status = row", "stored, status, agent_id = row"),
        says="moved from another agent's row is rejected",
    ),
    mutant(
        "tokens.bound-to-row",
        "bound to an agent that the stored value names",
        (_TOKENS, _RETURN, _RETURN.replace("nonce", "agent_id.ljust(25).encode() + nonce")),
        (_TOKENS, _CONTENT, _NAMED_IN_CONTENT),
        says="moved from another agent's row is rejected",
    ),
    mutant(
        "tokens.rotation",
        "agents that are not active are forgotten",
        (
            _AGENTS,
            "FROM agent_bots ORDER BY agent_id FOR UPDATE",
            "FROM agent_bots WHERE id % 2 = 0 ORDER BY agent_id FOR UPDATE",
        ),
        says="a token after its key was changed",
    ),
    mutant(
        "tokens.rotation",
        "the old key still opens",
        (_AGENTS, "connection.cursor().executemany(_RESEAL, sealed)", "pass"),
        (_AGENTS, "self._ring = KeyRing([new])", "pass"),
        says="with the new key, after a restart",
    ),
    mutant(
        "tokens.rotation",
        "the old key is remembered",
        (_AGENTS, "KeyRing([new])", "KeyRing([new, *self._ring.keys])"),
        says="stored with the old key after it was changed is rejected",
    ),
    *(
        mutant("tokens.rotation", about, (_AGENTS, _ALL, f"FROM agent_bots {which}"), says=says)
        for about, which, says in (
            (
                "inactive agents keep the old key",
                "WHERE status <> 'inactive' ORDER BY agent_id FOR UPDATE",
                "a token after its key was changed",
            ),
            (
                "revoked agents keep the old key",
                "WHERE status <> 'revoked' ORDER BY agent_id FOR UPDATE",
                "the stored token of a revoked agent is another",
            ),
            (
                "the first hundred agents alone",
                "ORDER BY agent_id LIMIT 100 FOR UPDATE",
                "a token after its key was changed",
            ),
        )
    ),
    mutant(
        "tokens.rotation",
        "a wrong number of tokens",
        (_AGENTS, '{"reencrypted": len(sealed)}', '{"reencrypted": 0}'),
        says=("answers that", "0"),
    ),
    mutant(
        "tokens.rotation",
        "what cannot be read is deleted",
        (
            _AGENTS,
            '_LOG.warning("not re-encrypted: %s", unreadable)',
            'connection.execute("DELETE FROM agent_bots WHERE agent_id = %s", [agent_id])',
        ),
        says="after a program that cannot read it was to change the key",
    ),
    mutant(
        "tokens.rotation",
        "taken out one by one, then put back",
        (_AGENTS, "FROM agent_bots ORDER BY agent_id FOR UPDATE", "FROM agent_bots ORDER BY id"),
        (_AGENTS, _STORE_ALL, _TAKE_OUT_AND_PUT_BACK),
        says="after changing the key was cut",
    ),
    mutant(
        "tokens.rotation",
        "one by one, and what is done already is in the way",
        (_AGENTS, "FROM agent_bots ORDER BY agent_id FOR UPDATE", "FROM agent_bots ORDER BY id"),
        (_AGENTS, _STORE_ALL, _ONE_BY_ONE),
        (_AGENTS, "            token = ring.open(stored, agent_id)", _WITH_THE_FIRST_KEY),
        (_AGENTS, '_LOG.warning("not re-encrypted: %s", unreadable)', "raise unreadable"),
        says=("agents.rotate_key is accepted", "token_unreadable"),
    ),
    mutant(
        "tokens.never-in-errors",
        "a duplicate is told with the token",
        (_AGENTS, _RAISE, _RAISE.replace("agent_id", "token")),
        says=("the token of another agent does not show", "***"),
    ),
    mutant(
        "tokens.never-in-errors",
        "a refusal tells all that was given",
        (_AGENTS, _FORMAT, _FORMAT_TOLD),
        says=("an agent_id of another form does not show", "***"),
    ),
    mutant(
        "tokens.never-in-errors",
        "a refusal prints every variable",
        (_AGENTS, _TAKEN, f'print("not stored:", locals())\n                {_TAKEN}'),
        says="the agent_id of another agent does not show",
    ),
    mutant(
        "tokens.never-in-errors",
        "a text is told up to its U+0000, as C has it",
        (
            "arguments.py",
            'f"{name} contains U+0000"',
            'f"{name} ends after {text.partition(chr(0))[0]}"',
        ),
        says=("U+0000 in the token does not show", "***"),
    ),
    mutant(
        "tokens.never-in-errors",
        "a token that was changed is told as it was decrypted",
        (_TOKENS, _ENCRYPT, f"sealed = {_COUNTER.format('token.encode()')}"),
        (
            _TOKENS,
            _RETURN,
            _RETURN.replace("sealed", "sealed + self.fingerprint(token).encode()[:16]"),
        ),
        (_TOKENS, _CONTENT, f"{_CONTENT}\n            sealed, tag = sealed[:-16], sealed[-16:]"),
        (_TOKENS, "if _encode(content) != body:", "if False:"),
        (_TOKENS, _DECRYPT, _DECRYPTED_TOLD),
        says=("a stored token that was changed does not show", "***"),
    ),
    mutant(
        "tokens.revoked",
        "revoked agents keep their token",
        (_AGENTS, 'if status == "revoked":', "if False:"),
        says="the token of a revoked agent is rejected",
    ),
    mutant(
        "tokens.revoked",
        "tokens stay in memory",
        (
            _AGENTS,
            _SEAL,
            f'{_SEAL}\n            self.__dict__.setdefault("_kept", {{}})[agent_id] = token',
        ),
        (_AGENTS, _READ, _READ_FROM_MEMORY + _READ),
        says="the token of a revoked agent is rejected",
    ),
    mutant(
        "tokens.revoked",
        "only the program that revokes forgets the token",
        (_AGENTS, _READ, _READ_FROM_MEMORY + _READ),
        (_AGENTS, _GIVEN, _GIVEN_AND_KEPT),
        (
            _AGENTS,
            "        check_text(agent_id=agent_id)\n        check_choice",
            '        self.__dict__.get("_kept", {}).pop(agent_id, None)\n'
            "        check_text(agent_id=agent_id)\n        check_choice",
        ),
        says="the token of an agent that another program revoked is rejected",
    ),
    mutant(
        "tokens.revoked",
        "revoked agents have an hour left",
        (_AGENTS, _SELECT, f"SELECT token, CASE WHEN {_AN_HOUR_AGO} THEN status END FROM"),
        says="the token of a revoked agent is rejected",
    ),
    mutant(
        "tokens.rejection-names",
        "another name",
        (_AGENTS, '"duplicate_token"', '"token_taken"'),
        says="token_taken instead of duplicate_token",
    ),
    mutant(
        "tokens.rejection-names",
        "a missing key is told as a wrong one",
        (_TOKENS, '"key_missing"', '"token_unreadable"'),
        says="no key: token_unreadable instead of key_missing",
    ),
    mutant(
        "tokens.rejection-names",
        "revoked agents are told as unknown",
        (_AGENTS, 'raise Rejection("revoked", ', 'raise Rejection("unknown_agent", '),
        says="a revoked agent: unknown_agent instead of revoked",
    ),
)
