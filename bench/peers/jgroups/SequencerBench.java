import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.ReceiverAdapter;
import org.jgroups.View;

/**
 * One member of a JGroups cluster: multicasts, checks the order, says how fast it was.
 *
 * <pre>java -cp ... SequencerBench CONFIG NUMBER MEMBERS SENDERS MESSAGES BYTES OUTSTANDING</pre>
 *
 * Prints "connected" when it has found the others, or that there are none: the first member should be
 * left alone until then, else two begin a cluster each. Waits until the view has MEMBERS members and
 * all of them have said so. Then the last SENDERS members multicast MESSAGES messages of BYTES bytes
 * each, at most OUTSTANDING of which they have not delivered themselves (0: as many as flow control
 * lets them). When all messages of all senders have been delivered here, prints one line of JSON, the
 * same as cpg_bench of corosync does, and stays for the others. Ends with its standard input. Exit
 * code 1, with a reason on stderr: a message was lost, doubled or damaged, or nothing came for
 * IDLE_SECONDS.
 */
public final class SequencerBench extends ReceiverAdapter {
  /** Longer than any repair that is worth waiting for. */
  private static final int IDLE_SECONDS = 30;
  private static final int ANNOUNCE_MS = 200;

  private final int self;
  private final int members;
  private final int senders;
  private final int messages;
  private final int bytes;
  private final Semaphore permits;
  private final boolean[] isReady;
  private final int[] nextSeq;
  private final long[] sentNs;
  private final long[] tookNs;
  private final CountDownLatch whole = new CountDownLatch(1);
  private final CountDownLatch ready;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile long delivered;
  private long firstNs;
  private long lastNs;
  private long orderHash = 0xcbf29ce484222325L;

  private SequencerBench(String[] args) {
    self = Integer.parseInt(args[1]);
    members = Integer.parseInt(args[2]);
    senders = Integer.parseInt(args[3]);
    messages = Integer.parseInt(args[4]);
    bytes = Integer.parseInt(args[5]);
    int outstanding = Integer.parseInt(args[6]);
    permits = outstanding == 0 ? null : new Semaphore(outstanding);
    isReady = new boolean[members + 1];
    nextSeq = new int[members + 1];
    sentNs = new long[messages + 1];
    tookNs = new long[messages + 1];
    ready = new CountDownLatch(members);
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 7) {
      System.err.println(
          "usage: SequencerBench CONFIG NUMBER MEMBERS SENDERS MESSAGES BYTES OUTSTANDING");
      System.exit(2);
    }
    // The library prints where it is bound; only the result belongs on standard output.
    PrintStream out = System.out;
    System.setOut(System.err);
    Thread parent = new Thread(SequencerBench::endWithInput);
    parent.start();
    SequencerBench bench = new SequencerBench(args);
    JChannel channel = new JChannel(args[0]);
    channel.setReceiver(bench);
    channel.connect("bench");
    out.println("connected");
    bench.run(channel);
    out.println(bench.report());
    parent.join();
  }

  /** Ends this member with whoever started it. Leaving in good order takes seconds. */
  private static void endWithInput() {
    try {
      while (System.in.read() != -1) {
        // Nothing is expected but the end.
      }
    } catch (IOException error) {
      // There is no input any more, which is the end too.
    }
    Runtime.getRuntime().halt(0);
  }

  private void run(JChannel channel) throws Exception {
    await(whole, "the others did not join");
    announce(channel);
    if (isSender()) {
      for (int seq = 1; seq <= messages; seq++) {
        if (permits != null) permits.acquire();
        sentNs[seq - 1] = System.nanoTime();
        channel.send(message(seq));
      }
    }
    long before = -1;
    while (!done.await(IDLE_SECONDS, TimeUnit.SECONDS)) {
      if (delivered == before) fail("nothing came; delivered so far " + delivered);
      before = delivered;
    }
  }

  /** Number 0 in place of a sequence number: this member has the whole view. Whoever has it later drops
   * what comes before, so it is said again until everybody has said it. */
  private void announce(JChannel channel) throws Exception {
    for (int waitedMs = 0; waitedMs < IDLE_SECONDS * 1000; waitedMs += ANNOUNCE_MS) {
      channel.send(message(0));
      if (ready.await(ANNOUNCE_MS, TimeUnit.MILLISECONDS)) return;
    }
    fail("the others did not get ready");
  }

  /** The first member is the sequencer: its own messages would not have to travel. */
  private boolean isSender() {
    return self > members - senders;
  }

  private void await(CountDownLatch latch, String complaint) throws InterruptedException {
    if (!latch.await(IDLE_SECONDS, TimeUnit.SECONDS)) fail(complaint);
  }

  private Message message(int seq) {
    byte[] payload = new byte[bytes];
    writeInt(payload, 0, self);
    writeInt(payload, 4, seq);
    return new Message(null, null, payload);
  }

  @Override
  public void viewAccepted(View view) {
    List<Address> present = view.getMembers();
    if (present.size() == members) whole.countDown();
  }

  /** Called by one thread at a time: SEQUENCER delivers in one order. */
  @Override
  public synchronized void receive(Message message) {
    long now = System.nanoTime();
    byte[] buffer = message.getRawBuffer();
    int offset = message.getOffset();
    if (message.getLength() != bytes) fail("a message of a wrong size: " + message.getLength());
    int sender = readInt(buffer, offset);
    int seq = readInt(buffer, offset + 4);
    if (seq == 0) {
      if (!isReady[sender]) ready.countDown();
      isReady[sender] = true;
      return;
    }
    if (seq != nextSeq[sender] + 1) fail("message " + sender + ":" + seq + " out of order");
    nextSeq[sender] = seq;
    orderHash = ((orderHash ^ sender) * 0x100000001b3L ^ seq) * 0x100000001b3L;
    if (delivered == 0) firstNs = now;
    lastNs = now;
    if (sender == self) {
      tookNs[seq - 1] = now - sentNs[seq - 1];
      if (permits != null) permits.release();
    }
    delivered = delivered + 1;
    if (delivered == (long) senders * messages) done.countDown();
  }

  private synchronized String report() {
    double seconds = (lastNs - firstNs) / 1e9;
    String own = "";
    if (isSender()) {
      long[] sorted = Arrays.copyOf(tookNs, messages);
      Arrays.sort(sorted);
      own = String.format(Locale.ROOT, ",\"own\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}",
          percentile(sorted, 0.5), percentile(sorted, 0.99), percentile(sorted, 1));
    }
    return String.format(Locale.ROOT, "{\"node\":%d,\"delivered\":%d,\"perSecond\":%.0f,\"order\":\"%016x\"%s}",
        self, delivered, seconds > 0 ? (delivered - 1) / seconds : 0, orderHash, own);
  }

  /** By nearest rank, in microseconds. */
  private static double percentile(long[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, rank - 1)] / 1000.0;
  }

  private static void writeInt(byte[] to, int at, int value) {
    for (int i = 0; i < 4; i++) to[at + i] = (byte) (value >>> (24 - 8 * i));
  }

  private static int readInt(byte[] from, int at) {
    int value = 0;
    for (int i = 0; i < 4; i++) value = value << 8 | from[at + i] & 0xff;
    return value;
  }

  private void fail(String reason) {
    System.err.println("SequencerBench: member " + self + ": " + reason);
    Runtime.getRuntime().halt(1);
  }
}
