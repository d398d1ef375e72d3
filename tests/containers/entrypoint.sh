#!/bin/sh
# What the official image's entry point does with its variables, and no more.
set -eu
: "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"
: "${PGDATA:=/var/lib/postgresql/data}" "${POSTGRES_INITDB_ARGS:=}"
export PGDATA

[ "${1#-}" = "$1" ] || set -- postgres "$@"

as_postgres() {
    setpriv --reuid=999 --regid=999 --clear-groups "$@"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?must be given}"
    mkdir -p "$PGDATA" /var/run/postgresql
    chown 999:999 "$PGDATA" /var/run/postgresql
    printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
    chown 999:999 /tmp/password
    # Unquoted: several arguments.
    as_postgres initdb --username="$POSTGRES_USER" --pwfile=/tmp/password $POSTGRES_INITDB_ARGS
    rm /tmp/password
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    [ "$POSTGRES_DB" = postgres ] || echo "CREATE DATABASE \"$POSTGRES_DB\"" |
        as_postgres postgres --single -j postgres
fi

echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
exec setpriv --reuid=999 --regid=999 --clear-groups "$@"
