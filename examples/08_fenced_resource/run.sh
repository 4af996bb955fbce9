#!/bin/sh
# Ada's machine stands still while she has the lock, for longer than her lease lasts, so Ben gets it.
# When she goes on, she knows nothing of that and writes. It is the resource that has to refuse her:
# one file here looks at the fencing number, and the other one doesn't.
dir=$(mktemp -d)
export dir XDG_STATE_HOME="$dir"
trap 'kill -CONT $stopped 2>/dev/null; kill $nodes; wait; rm -r "$dir"' EXIT

until_says() {
  patience=300
  until grep -q "$1" "$2" 2>/dev/null || [ "$patience" -eq 0 ]; do
    sleep 0.1
    patience=$((patience - 1))
  done
}

# Three free ports, one line for each node.
deno eval --quiet 'const ports = [0, 0, 0].map((port) => Deno.listen({ hostname: "127.0.0.1", port }));
  for (const [i, name] of ["ada", "ben", "cem"].entries()) {
    console.log(`${name} 127.0.0.1:${ports[i].addr.port}`);
  }' >"$dir/machines"

for name in ada ben cem; do
  mpcomm tokenring --machines "$dir/machines" --name $name --pace 50ms --json --quiet --start \
    </dev/null >"$dir/$name.out" 2>/dev/null &
  nodes="$nodes $!"
  [ $name = ada ] && ada=$!
done
until_says '"token"' "$dir/ada.out"

# What both do with the lock. Ada says who she is, and waits for a word.
cat >"$dir/write.sh" <<'END'
echo "$$ $PPID" >"$dir/$1.pids"
[ "$1" = ada ] && read -r _ <"$dir/go"
echo "$1" >"$dir/plain.txt"
deno run --quiet --no-config -R -W --allow-env=MPCOMM_FENCE fenced_file.ts "$dir/fenced.txt" "$1" 2>&1 |
  sed "s/^/$1 is /"
echo done >"$dir/$1.done"
END
mkfifo "$dir/go"

mpcomm tokenring --machines "$dir/machines" --name ada lock -- sh "$dir/write.sh" ada 2>/dev/null &
lock=$!
until_says . "$dir/ada.pids"
read -r command guard <"$dir/ada.pids"

# All of Ada's machine: the guard too, which would have ended her command before the lease is over.
stopped="$guard $lock $ada $command"
kill -STOP $stopped
mpcomm tokenring --machines "$dir/machines" --name ben lock -- sh "$dir/write.sh" ben
echo "Ben has written: plain.txt has $(cat "$dir/plain.txt"), fenced.txt $(cat "$dir/fenced.txt")"

# Her command is the first that goes on.
kill -CONT "$command"
echo go >"$dir/go"
until_says done "$dir/ada.done"
echo "Ada has written: plain.txt has $(cat "$dir/plain.txt"), fenced.txt $(cat "$dir/fenced.txt")"
