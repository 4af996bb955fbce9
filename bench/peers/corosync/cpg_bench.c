/*
 * One member of a closed process group of corosync: multicasts, checks the order, says how fast it
 * was.
 *
 *   cpg_bench GROUP MEMBERS SENDERS MESSAGES BYTES OUTSTANDING
 *
 * Waits until the group has MEMBERS members. Then those with the node numbers 1 to SENDERS multicast
 * MESSAGES messages of BYTES bytes each, at most OUTSTANDING of which they have not delivered
 * themselves (0: as many as flow control lets them). Ends when all messages of all senders have been
 * delivered here, and prints one line of JSON: deliveries, deliveries a second from the first to the
 * last, a hash of the order of delivery, and of the own messages the time from multicast to own
 * delivery in microseconds. Exit code 1, with a reason on stderr: a message was lost, doubled or
 * damaged, a member left, or nothing came for IDLE_MS.
 */

#include <corosync/cpg.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What each message begins with. */
struct head {
  uint32_t sender;
  uint32_t seq;
};

/* Longer than any recovery of the group that is worth waiting for, in milliseconds. */
#define IDLE_MS 30000
/* After so many multicasts deliveries are looked at. */
#define BURST 64
#define MAX_NODES 128
#define MAX_BYTES (1 << 20)

static uint32_t self, members, senders, messages, bytes, outstanding;
static uint32_t next_seq[MAX_NODES + 1];
static uint32_t sent, own_delivered;
static uint64_t delivered, first_ns, last_ns, order_hash = 14695981039346656037u;
static uint64_t *sent_ns, *took_ns;
static int is_ready;

static void fail(const char *what, uint64_t number) {
  fprintf(stderr, "cpg_bench: node %u: %s (%" PRIu64 ")\n", self, what, number);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* FNV-1a, a word at a time. */
static void add_to_order(uint32_t word) { order_hash = (order_hash ^ word) * 1099511628211u; }

static void on_deliver(cpg_handle_t handle, const struct cpg_name *group, uint32_t node,
                       uint32_t pid, void *message, size_t length) {
  (void)handle, (void)group, (void)pid;
  struct head head;
  uint64_t now = now_ns();
  if (length != bytes) fail("a message of a wrong size", length);
  memcpy(&head, message, sizeof head);
  if (head.sender != node || node > senders) fail("a message of a wrong sender", head.sender);
  if (head.seq != next_seq[node] + 1) fail("a message out of its sender's order", head.seq);
  next_seq[node] = head.seq;
  add_to_order(head.sender);
  add_to_order(head.seq);
  if (delivered++ == 0) first_ns = now;
  last_ns = now;
  if (node == self) took_ns[own_delivered++] = now - sent_ns[head.seq - 1];
}

static void on_change(cpg_handle_t handle, const struct cpg_name *group,
                      const struct cpg_address *present, size_t count,
                      const struct cpg_address *left, size_t left_count,
                      const struct cpg_address *joined, size_t joined_count) {
  (void)handle, (void)group, (void)present, (void)left, (void)joined, (void)joined_count;
  /* Who has delivered everything may leave before this process has. */
  if (left_count > 0 && delivered == 0) fail("a member left", left_count);
  if (count == members) is_ready = 1;
}

static void dispatch(cpg_handle_t handle) {
  cs_error_t error = cpg_dispatch(handle, CS_DISPATCH_ALL);
  if (error != CS_OK && error != CS_ERR_TRY_AGAIN) fail("dispatch failed", error);
}

/* Multicasts what may be multicast now; returns whether flow control ended it. */
static int multicast_some(cpg_handle_t handle, char *message) {
  for (int i = 0; i < BURST && sent < messages; i++) {
    if (outstanding > 0 && sent - own_delivered >= outstanding) return 0;
    struct head head = {self, sent + 1};
    struct iovec part = {message, bytes};
    memcpy(message, &head, sizeof head);
    sent_ns[sent] = now_ns();
    cs_error_t error = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &part, 1);
    if (error == CS_ERR_TRY_AGAIN) return 1;
    if (error != CS_OK) fail("multicast failed", error);
    sent++;
  }
  return 0;
}

static void run(cpg_handle_t handle, int fd) {
  uint64_t total = (uint64_t)senders * messages;
  int is_sender = self <= senders;
  char *message = calloc(1, bytes);
  struct pollfd readable = {fd, POLLIN, 0};
  while (delivered < total) {
    int is_full = is_ready && is_sender && multicast_some(handle, message);
    int is_open = is_ready && is_sender && sent < messages &&
                  (outstanding == 0 || sent - own_delivered < outstanding);
    /* Where there is more to send it only looks, and where flow control says no, for a millisecond. */
    int count = poll(&readable, 1, is_full ? 1 : is_open ? 0 : IDLE_MS);
    if (count > 0) dispatch(handle);
    else if (count == 0 && !is_open) fail("nothing came; delivered so far", delivered);
  }
  free(message);
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* By nearest rank, in microseconds. */
static double percentile(double share) {
  uint32_t rank = (uint32_t)(share * own_delivered);
  if (rank < share * own_delivered) rank++;
  return took_ns[rank == 0 ? 0 : rank - 1] / 1000.0;
}

static void report(void) {
  double seconds = (last_ns - first_ns) / 1e9;
  printf("{\"node\":%u,\"delivered\":%" PRIu64 ",\"perSecond\":%.0f,\"order\":\"%016" PRIx64 "\"",
         self, delivered, seconds > 0 ? (delivered - 1) / seconds : 0, order_hash);
  if (own_delivered > 0) {
    qsort(took_ns, own_delivered, sizeof *took_ns, compare);
    printf(",\"own\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}", percentile(0.5), percentile(0.99),
           percentile(1));
  }
  printf("}\n");
}

int main(int argc, char **argv) {
  cpg_callbacks_t callbacks = {on_deliver, on_change};
  cpg_handle_t handle;
  struct cpg_name group;
  unsigned int node;
  int fd;
  if (argc != 7) {
    fprintf(stderr, "usage: cpg_bench GROUP MEMBERS SENDERS MESSAGES BYTES OUTSTANDING\n");
    return 2;
  }
  group.length = (uint32_t)snprintf(group.value, sizeof group.value, "%s", argv[1]);
  members = (uint32_t)atoi(argv[2]);
  senders = (uint32_t)atoi(argv[3]);
  messages = (uint32_t)atoi(argv[4]);
  bytes = (uint32_t)atoi(argv[5]);
  outstanding = (uint32_t)atoi(argv[6]);
  if (members < 1 || members > MAX_NODES || senders > members || bytes < sizeof(struct head) ||
      bytes > MAX_BYTES || group.length >= sizeof group.value) {
    fprintf(stderr, "cpg_bench: an argument is out of range\n");
    return 2;
  }
  sent_ns = calloc(messages + 1, sizeof *sent_ns);
  took_ns = calloc(messages + 1, sizeof *took_ns);
  cs_error_t error = cpg_initialize(&handle, &callbacks);
  if (error != CS_OK) fail("there is no corosync to connect to", error);
  if (cpg_local_get(handle, &node) != CS_OK) fail("there is no node number", 0);
  self = node;
  if (self < 1 || self > members) fail("a node number beyond the members", self);
  while ((error = cpg_join(handle, &group)) == CS_ERR_TRY_AGAIN) poll(NULL, 0, 10);
  if (error != CS_OK) fail("joining failed", error);
  cpg_fd_get(handle, &fd);
  run(handle, fd);
  report();
  return 0;
}
