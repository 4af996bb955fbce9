#!/bin/sh
# Ben is away, and gets what he missed when he comes back. Then he and the coordinator are killed,
# and all that was acknowledged is in both logs all the same, once and in one sequence.
dir=$(mktemp -d)
participants=
trap 'kill $participants 2>/dev/null; wait $participants; kill $coordinator; wait; rm -r "$dir"' EXIT

coordinator() {
  mpcomm coordinator --listen "$1" --td 60 --store "$dir/group.db" --json --quiet >"$dir/out" &
  coordinator=$!
  until_says listening "$dir/out"
}

# Stays online, since nothing tells it to stop.
participant() {
  id=$1
  shift
  mpcomm participant --id "$id" --log "$dir/$id.log" --coordinator "$address" --quiet "$@" \
    </dev/null >"$dir/$id.out" &
  participants="$participants $!"
}

until_says() {
  patience=300
  until grep -q "$1" "$2" 2>/dev/null || [ "$patience" -eq 0 ]; do
    sleep 0.1
    patience=$((patience - 1))
  done
}

coordinator 127.0.0.1:0
address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$dir/out")

participant ben --exec 'register; disconnect'
wait $! # He is offline, and there is nothing more to do.
participant ada --exec 'register; msend Ben is away; msend He misses this too'
until_says 'misses this' "$dir/ada.log"
participant ben --exec 'reconnect; msend I am back'
ben=$!
until_says 'am back' "$dir/ben.log"

kill -9 $ben $coordinator
wait $ben $coordinator 2>/dev/null
coordinator "$address"
printf 'Where is Ben?\nAnd what happened?\n' |
  mpcomm participant --id ada --coordinator "$address" --quiet msend --stdin
participant ben --exec 'reconnect; msend I was killed'
until_says 'was killed' "$dir/ben.log"
until_says 'was killed' "$dir/ada.log"

# Number, sender and text; lines with # are remarks about where a log begins.
grep -v '^#' "$dir/ben.log" | cut -f 1,3,4
grep -v '^#' "$dir/ada.log" >"$dir/ada"
grep -v '^#' "$dir/ben.log" >"$dir/ben"
cmp "$dir/ada" "$dir/ben" && echo "Ada has logged the same."
