#!/bin/sh
# Nine processes at three nodes add one to a number in a file, each by reading, waiting and writing:
# without a lock most of that would be lost. Then a node that has the lock is killed, and the others go
# on with a new token.
dir=$(mktemp -d)
export dir XDG_STATE_HOME="$dir"
trap 'kill $nodes 2>/dev/null; wait; rm -r "$dir"' EXIT

until_says() {
  patience=300
  until grep -q "$1" "$2" 2>/dev/null || [ "$patience" -eq 0 ]; do
    sleep 0.1
    patience=$((patience - 1))
  done
}

# Its name, and where its commands come from.
start_node() {
  mpcomm tokenring --machines "$dir/machines" --name "$1" --pace 50ms --start --json --quiet \
    <"$2" >"$dir/$1.out" 2>/dev/null &
  nodes="$nodes $!"
}

# A node's name, and what to do with the lock. A node runs already, so that one is asked.
locked() {
  name=$1
  shift
  mpcomm tokenring --machines "$dir/machines" --name "$name" lock "$@"
}

# The same file for all nodes. Ports below 32768 are seldom somebody else's.
port=$((20000 + $$ % 10000))
for name in ada ben cem; do
  echo "$name 127.0.0.1:$((port += 1))"
done >"$dir/machines"

mkfifo "$dir/commands"
exec 3<>"$dir/commands"
start_node ada "$dir/commands"
ada=$!
start_node ben /dev/null
start_node cem /dev/null
until_says '"ada","ben","cem"' "$dir/ben.out"

echo 0 >"$dir/number"
for name in ada ben cem ada ben cem ada ben cem; do
  locked $name -- sh -c 'read n <"$dir/number"; sleep 0.05; echo $((n + 1)) >"$dir/number"' &
  jobs="$jobs $!"
done
wait $jobs
echo "Nine have added one: $(cat "$dir/number")"

# Ada keeps the token.
echo lock >&3
until_says '"locked"' "$dir/ada.out"
locked ben --try -- echo never 2>/dev/null
echo "Ben has tried: exit code $?"

kill -9 $ada
wait $ada 2>/dev/null
first=$(sed -n 's/.*"locked","fence":\([0-9]*\).*/\1/p' "$dir/ada.out")
second=$(locked ben --timeout 20s -- sh -c 'echo "$MPCOMM_FENCE"')
[ "$second" -gt "$first" ] && echo "Ada is gone; Ben has had the lock, with a higher number"
