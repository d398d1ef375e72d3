#!/bin/sh
# Installs what the tests need beyond Python packages: other PostgreSQL versions and `pg` from npm,
# the source of a client, and, on Debian as root, a local PostgreSQL, Node, a container engine and a
# browser.
set -eu
cd "$(dirname "$0")"

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends \
    postgresql postgresql-client pgbouncer podman runc containernetworking-plugins iptables \
    uidmap slirp4netns passt chromium \
    >/dev/null
  command -v npm >/dev/null || apt-get install -q -y --no-install-recommends nodejs npm >/dev/null
  # As udev has it, where there is one: the network of a container without root begins there.
  [ ! -c /dev/net/tun ] || chmod 0666 /dev/net/tun ||
    echo "/dev/net/tun stays as it is: tests with containers will need root" >&2
elif [ "$(id -u)" != 0 ]; then
  missing=""
  for program in npm node pgbouncer podman runc newuidmap slirp4netns chromium psql; do
    PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing="$missing $program"
  done
  if [ -n "$missing" ]; then
    echo "Missing:$missing. Run this as root, which installs them: sh $0" >&2
    exit 1
  fi
fi

for project in postgres_versions javascript/implementation; do
  npm install --silent --no-audit --no-fund --prefix "$project"
done

# The source of psycopg2, for the tests in it: its wheels have none. pip asks pg_config about it.
if ! [ -f clients/downloads/psycopg2-2.9.13.tar.gz ]; then
  tools=$(mktemp -d)
  python3 -m venv "$tools"
  "$tools/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary psycopg2 \
    --dest clients/downloads psycopg2==2.9.13
  rm -r "$tools"
fi
