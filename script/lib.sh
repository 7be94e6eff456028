# Shared by the scripts of this folder; source it, don't run it.

set -euo pipefail

root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache_dir=${USHER_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/usher}

# The version of CAF, and with it the name of its prefix: raise `caf_recipe` when the way it is built changes.
caf_version=0.18.7
caf_recipe=1

say() { printf '== %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null || die "run this as root, or install sudo: $* needs it"
    sudo "$@"
  fi
}

# caf_prefix FLAVOUR: where the build of CAF for `plain` or `tsan` lives.
caf_prefix() { printf '%s/caf-%s-%s-%s' "$cache_dir" "$caf_version" "$caf_recipe" "$1"; }

jobs() { nproc; }
