#!/bin/sh
# Six nodes in a tree, as in the original: each adds one other, and all get to know all. Everybody says
# a word, and all hear all words. Then one is killed: the others notice, and say something. When it is
# started again it has all that it missed.
dir=$(mktemp -d)
trap 'kill $nodes 2>/dev/null; wait; rm -r "$dir"' EXIT

# Waits until a command's output is this.
until_is() {
  patience=300
  until [ "$("$2" "$3" "$4")" = "$1" ] || [ "$patience" -eq 0 ]; do
    sleep 0.1
    patience=$((patience - 1))
  done
}

# How many lines of a node's output match.
lines() {
  grep -c "$2" "$dir/$1.out"
}

# A node, and the one that it adds.
start_node() {
  rm -f "$dir/$1.in"
  mkfifo "$dir/$1.in"
  mpcomm gossip --machines "$dir/machines" --name "$1" ${2:+--peers "$2"} --json --quiet \
    <>"$dir/$1.in" >"$dir/$1.out" 2>/dev/null &
  nodes="$nodes $!"
}

say() {
  echo "say $2" >"$dir/$1.in"
}

# The texts that a node has heard.
heard() {
  sed -n 's/.*"event":"rumor".*"text":"\([^"]*\)".*/\1/p' "$dir/$1.out" | sort
}

# Ports below 32768 are seldom somebody else's.
port=$((20000 + $$ % 10000))
for name in ada ben cem dot eva fay; do
  echo "$name 127.0.0.1:$((port += 1))"
done >"$dir/machines"

start_node ada
start_node ben ada
start_node cem ada
start_node dot ben
start_node eva ben
start_node fay cem
fay=$!
for name in ada ben cem dot eva fay; do
  until_is 5 lines $name '"up"'
done
echo "All know all"

for name in ada ben cem dot eva fay; do
  say $name "$name was here"
done
for name in ada ben cem dot eva fay; do
  until_is 6 lines $name '"rumor"'
  echo "$name has heard $(lines $name '"rumor"') words"
done

kill -9 $fay
wait $fay 2>/dev/null
until_is 1 lines dot '"fay","state":"down"'
say dot "fay is gone"
until_is 7 lines cem '"rumor"'

start_node fay
until_is 7 lines fay '"rumor"'
echo "Fay is back, and has heard:"
heard fay
