#!/bin/sh
# Installs what the tests need beyond Python packages: other PostgreSQL versions and `pg` from npm,
# and, on Debian as root, a local PostgreSQL, Node, a container engine and a browser.
set -eu
cd "$(dirname "$0")"

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends \
    postgresql postgresql-client pgbouncer podman runc containernetworking-plugins iptables \
    chromium \
    >/dev/null
  command -v npm >/dev/null || apt-get install -q -y --no-install-recommends nodejs npm >/dev/null
fi

for project in postgres_versions javascript/implementation; do
  npm install --silent --no-audit --no-fund --prefix "$project"
done
