#!/bin/sh
# Three people talk at the same time, over a slow network that loses a twentieth of all datagrams.
# Everyone sees the same lines in the same order; which order that is differs from run to run, so the
# lines are sorted here. To talk yourself: mpcomm chat --peers peers.txt --name alice
seen=$(mktemp -d)
trap 'rm -r "$seen"' EXIT

# Says four lines, and /quit after having seen all twelve.
talk() {
  for topic in weather football elections lunch; do echo "$1 on $topic"; done
  patience=300
  until [ "$(wc -l <"$seen/$1")" -ge 12 ] || [ "$patience" -eq 0 ]; do
    sleep 0.1
    patience=$((patience - 1))
  done
  echo /quit
}

for name in alice bob carol; do
  : >"$seen/$name"
  talk "$name" | mpcomm chat --peers peers.txt --name "$name" --quiet \
    --link delay=40ms,jitter=20ms,loss=5% >"$seen/$name" &
done
wait

sort "$seen/alice"
cmp "$seen/alice" "$seen/bob" && cmp "$seen/bob" "$seen/carol" &&
  echo "All three saw these lines in the same order."
