#!/bin/sh
# A cluster of corosync on this machine, for some measurements: starts it, runs cpg_bench on every
# node for each of them, one after the other, and leaves nothing behind.
#
#   cluster.sh CPG_BENCH NODES MTU PRIORITY SENDERS:MESSAGES:BYTES:OUTSTANDING:LOSS...
#
# PRIORITY is `realtime`, which is corosync's default, or `normal`. LOSS is the share of the datagrams
# that each node drops when they come in, in thousandths. For each measurement the output is a line
# with a # and the measurement, and what each node's cpg_bench printed; where one failed, lines are
# missing, and stderr says why.
#
# Each node has a network namespace (own address, own abstract sockets) and a mount namespace (own
# /run, /dev/shm, /var/lib/corosync); a bridge joins them. All of it lives in namespaces of this
# script's own, and the kernel takes them away with its first process, which ends when it is done, is
# interrupted, or its standard input ends. Needs root, corosync, iproute2, util-linux and, for a loss, nftables.

set -eu

if [ "${CLUSTER_INSIDE:-}" != 1 ]; then
  CLUSTER_INSIDE=1 exec unshare --mount --net --ipc --pid --fork --kill-child --mount-proc "$0" "$@"
fi

bench=$1 nodes=$2 mtu=$3 priority=$4
shift 4

# The first process of the namespaces: with it all others end. The standard input ends with whoever
# started this.
trap 'exit 1' HUP INT TERM
exec 3<&0
(cat >/dev/null; kill -TERM 1) <&3 &

# Nobody outside sees this folder.
work=/mnt
mount -t tmpfs tmpfs "$work"

ip link set lo up
ip link add bridge0 type bridge
ip link set bridge0 mtu "$mtu" up

configuration() {
  cat <<CONF
totem {
  version: 2
  cluster_name: bench
  transport: knet
  crypto_cipher: none
  crypto_hash: none
}
system {
  sched_rr: $([ "$priority" = realtime ] && echo yes || echo no)
  priority: $([ "$priority" = realtime ] && echo max || echo 0)
}
logging {
  to_stderr: no
  to_syslog: no
  to_logfile: yes
  logfile: $work/$1.log
}
nodelist {
CONF
  for i in $(seq "$nodes"); do
    printf '  node {\n    name: n%s\n    nodeid: %s\n    ring0_addr: 10.77.0.%s\n  }\n' "$i" "$i" "$i"
  done
  echo '}'
}

# Makes the namespaces of node $1; their process goes on as its corosync.
start_node() {
  configuration "$1" >"$work/$1.conf"
  unshare --mount --net sh -c '
    while [ ! -e "$0/$1.wired" ]; do sleep 0.01; done
    for d in /run /dev/shm /var/lib/corosync /var/log/corosync; do mount -t tmpfs tmpfs "$d"; done
    ip link set lo up
    ip link set eth0 mtu "$2" up
    ip addr add "10.77.0.$1/24" dev eth0
    exec corosync -f -c "$0/$1.conf"
  ' "$work" "$1" "$mtu" &
  eval "node$1=$!"
  # The new namespace must be there before an end of the wire is put into it.
  while [ "$(readlink /proc/$!/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
  ip link add "wire$1" mtu "$mtu" type veth peer name eth0 mtu "$mtu" netns "$!"
  ip link set "wire$1" master bridge0 up
  : >"$work/$1.wired"
}

# Runs a command in the namespaces of node $1.
on_node() {
  eval "pid=\$node$1"
  shift
  nsenter --target "$pid" --mount --net "$@"
}

# Are all nodes members of one ring, as node $1 sees it?
is_whole() {
  on_node "$1" corosync-cmapctl 2>/dev/null | grep -c 'members.*status.*= joined' | grep -qx "$nodes"
}

for i in $(seq "$nodes"); do start_node "$i"; done
for i in $(seq "$nodes"); do
  tries=0
  until is_whole "$i"; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ]; then
      echo "cluster.sh: the nodes did not find each other" >&2
      tail -n 20 "$work"/*.log >&2
      exit 1
    fi
    sleep 0.1
  done
done

# From now on node $1 drops $2 thousandths of the datagrams that come in.
set_loss() {
  if [ "$2" = 0 ]; then
    if [ -e "$work/$1.loses" ]; then on_node "$1" nft delete table inet loss; fi
    rm -f "$work/$1.loses"
    return
  fi
  : >"$work/$1.loses"
  on_node "$1" nft -f - <<RULES
table inet loss {
  chain input {
    type filter hook input priority 0;
    udp dport 5405 numgen random mod 1000 < $2 drop
  }
}
RULES
}

code=0
number=0
for measurement in "$@"; do
  number=$((number + 1))
  IFS=: read -r senders messages bytes outstanding loss <<FIELDS
$measurement
FIELDS
  for i in $(seq "$nodes"); do set_loss "$i" "$loss"; done
  clients=
  for i in $(seq "$nodes"); do
    on_node "$i" timeout 60 "$bench" "bench$number" "$nodes" "$senders" "$messages" "$bytes" \
      "$outstanding" >"$work/$i.out" &
    clients="$clients $!"
  done
  for client in $clients; do wait "$client" || code=1; done
  echo "# $measurement"
  cat "$work"/*.out
done
exit $code
