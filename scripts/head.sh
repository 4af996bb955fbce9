#!/bin/sh
{ # The shell reads all of the head before it runs any of it: half a head is a syntax error.
# mpcomm @VERSION@, a self-extracting executable for @SYSTEM@.
#
# Behind this head lie two gzip streams: the program, and the Deno runtime that runs it. The first
# start unpacks both into the user's cache, each under its own hash. Later starts find them there.
# Wanted: a POSIX sh and gzip.
#
# All variables outside of subshells are prefixed: had the environment exported one of them, the
# program would see it changed.

mpcomm_program=@PROGRAM_HASH@/mpcomm.js
mpcomm_runtime=@RUNTIME_HASH@/mpcomm

mpcomm_fail() {
  printf 'mpcomm: %s\n' "$1" >&2
  exit 1
}

# Whether the part $1 is there. The size matters: a crash of the machine can leave an empty file.
mpcomm_has() {
  [ -s "$1" ] && [ -x "$1" ]
}

# Becomes the program if the cache $1 holds both parts; returns otherwise.
mpcomm_start() {
  mpcomm_cache=$1
  shift
  mpcomm_has "$mpcomm_cache/$mpcomm_program" && mpcomm_has "$mpcomm_cache/$mpcomm_runtime" ||
    return 0
  # What is set here is ours, and not for what is run under a lock.
  if [ -z "${MPCOMM_OWN_VARIABLES:-}" ]; then
    MPCOMM_OWN_VARIABLES=DENO_NO_UPDATE_CHECK
    [ -n "${DENO_DIR:-}" ] || MPCOMM_OWN_VARIABLES="$MPCOMM_OWN_VARIABLES DENO_DIR"
    export MPCOMM_OWN_VARIABLES
  fi
  export DENO_NO_UPDATE_CHECK=1
  export DENO_DIR="${DENO_DIR:-$mpcomm_cache/deno}"
  exec "$mpcomm_cache/$mpcomm_runtime" run @FLAGS@ "$mpcomm_cache/$mpcomm_program" "$@"
}

# Writes $2 bytes from byte $1 of this file.
mpcomm_slice() {
  tail -c "+$1" "$mpcomm_self" | head -c "$2"
}

# Unpacks the part $1, $4 bytes, from the gzip stream at byte $2, $3 bytes long. The part gets its
# name when it is complete, in one step that never replaces a file that somebody else may be
# running. Exits with 3 if the stream is damaged.
mpcomm_part() {
  mpcomm_has "$1" && return
  mkdir -p "${1%/*}" || exit 1
  # What a killed first start left behind.
  find "${1%/*}" -name '*.new.*' -mtime +0 -exec rm -f {} +
  attempt=0
  until (set -C && : >"$1.new.$$.$attempt") 2>/dev/null; do
    attempt=$((attempt + 1))
    [ "$attempt" -lt 5 ] || { echo "cannot write into ${1%/*}" && exit 1; }
  done
  new=$1.new.$$.$attempt
  if ! mpcomm_slice "$2" "$3" | gzip -dc >"$new"; then
    mpcomm_slice "$2" "$3" | gzip -t 2>/dev/null || exit 3
    exit 1
  fi
  [ "$(wc -c <"$new")" -eq "$4" ] || exit 3
  chmod 700 "$new" || exit 1
  case $1 in
  *.js) ;; # Only the runtime can be tried by itself.
  *) trial=$("$new" --version 2>&1 </dev/null) || { echo "cannot run it: ${trial##*: }" && exit 1; } ;;
  esac
  ln "$new" "$1" 2>/dev/null || mpcomm_has "$1" || mv -f "$new" "$1" || exit 1
  rm -f "$new"
}

# Unpacks both parts into the cache $1. A subshell: umask, traps and variables stay in it.
mpcomm_unpack() (
  umask 077
  new=
  trap '[ -z "$new" ] || rm -f "$new"' EXIT
  trap 'exit 1' HUP INT PIPE TERM
  mpcomm_part "$1/$mpcomm_program" @PROGRAM_FROM@ @PROGRAM_LENGTH@ @PROGRAM_SIZE@
  mpcomm_part "$1/$mpcomm_runtime" @RUNTIME_FROM@ @RUNTIME_LENGTH@ @RUNTIME_SIZE@
)

# Unpacks into the cache $1 and becomes the program. Returns if that failed, with the reason, one
# line, in mpcomm_reason.
mpcomm_unpack_and_start() {
  mpcomm_reason=$(mpcomm_unpack "$1" 2>&1)
  case $? in
  0) mpcomm_start "$@" && mpcomm_reason="it vanished" ;;
  3) mpcomm_fail "$mpcomm_self is damaged, copy it again" ;;
  esac
  # shellcheck disable=SC2086 # Splitting makes one line of it.
  mpcomm_reason=$(set -f && echo "cannot unpack into $1:" ${mpcomm_reason:-cannot write})
}

# Whether the directory $1 is the user's own and closed to everybody else.
mpcomm_is_private() (
  set -f
  # shellcheck disable=SC2046 # Splitting is wanted: mode, links, owner.
  set -- $(ls -ldn "$1" 2>/dev/null)
  case ${1:-} in
  drwx------*) [ "$3" = "$(id -u)" ] ;;
  *) false ;;
  esac
)

case ${XDG_CACHE_HOME:-} in
/*) mpcomm_home=$XDG_CACHE_HOME/mpcomm ;;
*)
  case ${HOME:-} in
  /*) mpcomm_home=$HOME/.cache/mpcomm ;;
  *) mpcomm_home= ;;
  esac
  ;;
esac
[ -z "$mpcomm_home" ] || mpcomm_start "$mpcomm_home" "$@"

# From here on it is a first start, or one without a home to write to.

case ${TMPDIR:-} in
/*) mpcomm_temporary=$TMPDIR ;;
*) mpcomm_temporary=/tmp ;;
esac
mpcomm_temporary=$mpcomm_temporary/mpcomm-$(id -u)
if mpcomm_is_private "$mpcomm_temporary"; then mpcomm_start "$mpcomm_temporary" "$@"; fi

mpcomm_self=$0
[ -f "$mpcomm_self" ] || mpcomm_self=$(command -v "$0")
[ -r "$mpcomm_self" ] || mpcomm_fail "cannot read $0"
[ "$(uname -sm)" = '@SYSTEM@' ] ||
  mpcomm_fail "$mpcomm_self is made for @SYSTEM@, this is $(uname -sm)"
[ "$(wc -c <"$mpcomm_self")" -ge @TOTAL_SIZE@ ] ||
  mpcomm_fail "$mpcomm_self is truncated, copy it again"

mpcomm_reasons=
if [ -n "$mpcomm_home" ]; then
  mpcomm_unpack_and_start "$mpcomm_home" "$@"
  mpcomm_reasons="$mpcomm_reason; "
fi
mkdir -m 700 "$mpcomm_temporary" 2>/dev/null
mpcomm_is_private "$mpcomm_temporary" ||
  mpcomm_fail "${mpcomm_reasons}cannot make $mpcomm_temporary for this user alone"
mpcomm_unpack_and_start "$mpcomm_temporary" "$@"
mpcomm_fail "$mpcomm_reasons$mpcomm_reason"
}
