/**
 * The stack of protocols that JGroups runs, as its configuration file: the values are those of
 * `sequencer.xml`, which it ships, on the loopback interface and with a shorter search for others.
 * It runs over UDP with IP multicast. Over TCP, as `tcp.xml` ships it, it was slower in the two
 * things that were tried: the rate with 64 B, and one message after the other.
 *
 * @module
 */

/** What is chosen. */
export interface JGroupsStack {
  /** Whether messages wait up to 30 ms for others that go along in one datagram. */
  readonly bundling: boolean;
  /** Share of the incoming messages that DISCARD drops. */
  readonly lossRate?: number;
}

const TIMER = {
  timer_type: "new",
  "timer.min_threads": 4,
  "timer.max_threads": 10,
  "timer.keep_alive_time": 3000,
  "timer.queue_max_size": 500,
};

/** The configuration file of a stack on the loopback interface. */
export function stackXml({ bundling, lossRate = 0 }: JGroupsStack): string {
  const elements = [
    udp(bundling),
    ...(lossRate > 0 ? [element("DISCARD", { up: lossRate, down: 0 })] : []),
    element("PING", { timeout: 1000, num_initial_members: 3 }),
    element("MERGE2", { min_interval: 10000, max_interval: 30000 }),
    element("FD_SOCK", { bind_addr: "127.0.0.1" }),
    element("FD_ALL", {}),
    element("VERIFY_SUSPECT", { timeout: 1500 }),
    element("BARRIER", {}),
    element("pbcast.NAKACK", {
      use_stats_for_retransmission: false,
      exponential_backoff: 0,
      use_mcast_xmit: true,
      retransmit_timeout: "300,600,1200",
      gc_lag: 0,
      discard_delivered_msgs: true,
    }),
    element("UNICAST", { timeout: "300,600,1200" }),
    element("pbcast.STABLE", {
      stability_delay: 1000,
      desired_avg_gossip: 50000,
      max_bytes: "4M",
    }),
    element("pbcast.GMS", { print_local_addr: false, join_timeout: 3000, view_bundling: true }),
    element("SEQUENCER", {}),
    element("UFC", { max_credits: "2M", min_threshold: 0.4 }),
    element("MFC", { max_credits: "2M", min_threshold: 0.4 }),
    element("FRAG2", { frag_size: "60K" }),
  ];
  return `<config>\n${elements.map((line) => `  ${line}\n`).join("")}</config>\n`;
}

function udp(bundling: boolean): string {
  return element("UDP", {
    bind_addr: "127.0.0.1",
    mcast_addr: "228.8.8.8",
    mcast_port: 45588,
    ucast_recv_buf_size: "20M",
    ucast_send_buf_size: "640K",
    mcast_recv_buf_size: "25M",
    mcast_send_buf_size: "640K",
    tos: 8,
    ip_ttl: 2,
    loopback: true,
    discard_incompatible_packets: true,
    enable_diagnostics: false,
    enable_bundling: bundling,
    max_bundle_size: "64K",
    max_bundle_timeout: 30,
    ...TIMER,
    ...pool("thread_pool", { min: 2, max: 8, queue: 10000, rejection: "discard" }),
    ...pool("oob_thread_pool", { min: 1, max: 8, queue: 0, rejection: "Run" }),
  });
}

/** A pool of threads; a queue of no places is none. */
function pool(
  name: string,
  { min, max, queue, rejection }: { min: number; max: number; queue: number; rejection: string },
) {
  return {
    [`${name}.enabled`]: true,
    [`${name}.min_threads`]: min,
    [`${name}.max_threads`]: max,
    [`${name}.keep_alive_time`]: 5000,
    [`${name}.queue_enabled`]: queue > 0,
    [`${name}.queue_max_size`]: Math.max(queue, 100),
    [`${name}.rejection_policy`]: rejection,
  };
}

function element(name: string, attributes: Readonly<Record<string, string | number | boolean>>) {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`).join("");
  return `<${name}${text}/>`;
}
