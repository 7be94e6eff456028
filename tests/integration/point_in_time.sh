#!/usr/bin/env bash
# What docs/operations/backup.md says of a PostgreSQL outside, done: an archive of the log, a base backup, and back to a
# moment between two writes. Usage: point_in_time.sh PROGRAMS DIRECTORY; DIRECTORY is empty, and open to the user postgres.
set -euo pipefail

programs=$1
cd "$2"
as() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
say() { as "$programs/psql" -XqAt -v ON_ERROR_STOP=1 -h "$PWD/run" -U postgres postgres -c "$1"; }
start() { as "$programs/pg_ctl" -D "$PWD/$1" -l "$PWD/run/log" -w -t 120 start >/dev/null; }
stop() { as "$programs/pg_ctl" -D "$PWD/$1" -m fast -w -t 120 stop >/dev/null; }
# Whatever becomes of it, no server stays behind.
trap 'for each in first second; do as "$programs/pg_ctl" -D "$PWD/$each" -m immediate stop >/dev/null 2>&1 || true; done' EXIT

if [ "$(id -u)" -eq 0 ]; then install -d -o postgres run archive base first second; else mkdir run archive base first second; fi
chmod 700 base first second
as "$programs/initdb" -D "$PWD/first" -U postgres --auth=trust --no-instructions >/dev/null
as tee -a first/postgresql.conf >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$PWD/run'
wal_level = replica
archive_mode = on
archive_command = 'test ! -f $PWD/archive/%f && cp %p $PWD/archive/%f.tmp && sync $PWD/archive/%f.tmp && mv $PWD/archive/%f.tmp $PWD/archive/%f'
archive_timeout = 60s
CONF
start first
say "create table acknowledged (what text)"
say "insert into acknowledged values ('before the base backup')"
as "$programs/pg_basebackup" -h "$PWD/run" -U postgres -D "$PWD/base" -X stream -c fast
as "$programs/pg_verifybackup" "$PWD/base" >/dev/null
say "insert into acknowledged values ('after the base backup')"
moment=$(say "select clock_timestamp()")
say "insert into acknowledged values ('after the moment')"
segment=$(say "select pg_walfile_name(pg_switch_wal())")
for ((i = 0; i < 600; ++i)); do
  [ -e "archive/$segment" ] && break
  sleep 0.1
done
[ -e "archive/$segment" ]
stop first

as cp -a base/. second/
as tee -a second/postgresql.conf >/dev/null <<CONF
archive_mode = off
restore_command = 'cp $PWD/archive/%f %p'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
CONF
as touch second/recovery.signal
start second
for ((i = 0; i < 600; ++i)); do
  [ "$(say 'select pg_is_in_recovery()')" = f ] && break
  sleep 0.1
done
say "select what from acknowledged order by what"
stop second
