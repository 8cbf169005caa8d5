package dev.otherix.apimachinery.client;

import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Requests to one of several servers of a cluster: to the same one while it answers, to the next
/// when it does not. A request goes to another server only when that is safe: when it reads, never
/// arrived, or was refused with word that nothing happened. When another server takes over, the
/// streams of the former end, so that their readers go on at the new one.
///
/// A server that falls silent would keep its streams for minutes. So while streams are open and
/// nothing else is heard, it is asked now and then whether it is ready.
///
/// Thread-safe. The lock guards the list and who of it is current.
public final class FailoverTransport implements Transport {
  private static final System.Logger LOG = System.getLogger(FailoverTransport.class.getName());
  private static final int UNAVAILABLE = 503;

  /// How long a server may be silent before it is asked.
  private static final Duration QUIET_MAX = Duration.ofSeconds(5);

  private static final Duration PROBE_MAX = Duration.ofSeconds(6);

  /// What a read waits at least for a server that is not the last to be asked.
  private static final Duration SHARE_MIN = Duration.ofSeconds(2);

  private final Function<URI, Transport> connect;
  private final Runnable onClose;
  private final Pause pause;
  private final Thread prober;
  private final ReentrantLock lock = new ReentrantLock();
  private List<Member> members = List.of();
  private int current;

  /// A server and what is open to it.
  private static final class Member {
    final URI server;
    final Transport transport;
    final Set<Tracked> streams = ConcurrentHashMap.newKeySet();
    private volatile long heardNanos = System.nanoTime();

    Member(URI server, Transport transport) {
      this.server = server;
      this.transport = transport;
    }

    void heard() {
      heardNanos = System.nanoTime();
    }

    boolean isQuiet() {
      return System.nanoTime() - heardNanos >= QUIET_MAX.toNanos();
    }

    void endStreams() {
      streams.forEach(Tracked::close);
    }
  }

  /// @param servers at least one, the first choice first
  /// @param connect the way to one of them
  /// @param onClose ends what the ways share
  public FailoverTransport(
      List<URI> servers, Function<URI, Transport> connect, Runnable onClose, Pause pause) {
    this.connect = connect;
    this.onClose = onClose;
    this.pause = pause;
    this.prober = Thread.ofVirtual().name("failover-probe").unstarted(this::probe);
    follow(servers);
    prober.start();
  }

  /// From now on these are the servers; one that stays keeps its connections.
  public void follow(List<URI> servers) {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("a client needs a server");
    }
    List<Member> gone;
    lock.lock();
    try {
      List<Member> next = new ArrayList<>();
      for (URI each : servers) {
        Member known = find(members, each);
        next.add(known == null ? new Member(each, connect.apply(each)) : known);
      }
      gone = new ArrayList<>(members);
      gone.removeAll(next);
      int kept = members.isEmpty() ? -1 : next.indexOf(members.get(current));
      members = List.copyOf(next);
      current = Math.max(0, kept);
    } finally {
      lock.unlock();
    }
    gone.forEach(Member::endStreams);
  }

  private static @Nullable Member find(List<Member> among, URI server) {
    for (Member each : among) {
      if (each.server.equals(server)) {
        return each;
      }
    }
    return null;
  }

  /// Whom the next request asks first.
  public URI current() {
    return order().getFirst().server;
  }

  /// The servers, the current one first.
  private List<Member> order() {
    lock.lock();
    try {
      List<Member> order = new ArrayList<>(members.subList(current, members.size()));
      order.addAll(members.subList(0, current));
      return order;
    } finally {
      lock.unlock();
    }
  }

  @FunctionalInterface
  private interface Exchange<T> {
    T with(Member member, WireRequest request) throws InterruptedException;
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    return attempt(
        request,
        (member, bounded) -> member.transport.send(bounded),
        FailoverTransport::didNothing);
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    return attempt(
        request,
        (member, bounded) -> tracked(member, member.transport.open(bounded)),
        opened -> opened instanceof Opened.Refused(WireAnswer answer) && didNothing(answer));
  }

  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    return attempt(
        request,
        (member, bounded) -> member.transport.join(bounded),
        joined -> joined instanceof Joined.Refused(WireAnswer answer) && didNothing(answer));
  }

  private static boolean didNothing(WireAnswer answer) {
    return answer.status() == UNAVAILABLE && !answer.first("retry-after").isEmpty();
  }

  /// @param another whether another server should be asked for the answer
  private <T> T attempt(WireRequest request, Exchange<T> exchange, Function<T, Boolean> another)
      throws InterruptedException {
    long deadline = System.nanoTime() + request.deadline().toNanos();
    List<Member> order = order();
    for (int i = 0; ; i++) {
      Member member = order.get(i);
      int left = order.size() - i;
      try {
        T answer = exchange.with(member, bounded(request, deadline, left));
        boolean refused = another.apply(answer);
        if (!refused) {
          worked(member, i > 0);
        }
        if (!refused || left == 1 || System.nanoTime() - deadline >= 0) {
          return answer;
        }
        failed(member, "503");
      } catch (ConnectionException e) {
        failed(member, String.valueOf(e.getMessage()));
        if (left == 1 || e.outcomeUnknown() || System.nanoTime() - deadline >= 0) {
          throw e;
        }
      }
    }
  }

  /// A read leaves time for the servers after this one; a write that was sent is not repeated.
  private static WireRequest bounded(WireRequest request, long deadline, int left) {
    Duration rest = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    if (left == 1 || !request.reads()) {
      return request.within(rest);
    }
    Duration share = rest.dividedBy(left);
    return request.within(share.compareTo(SHARE_MIN) > 0 ? share : SHARE_MIN).within(rest);
  }

  /// @param instead whether it answered in the place of one that had failed
  private void worked(Member member, boolean instead) {
    member.heard();
    List<Member> others;
    lock.lock();
    try {
      int at = members.indexOf(member);
      if (at < 0 || (!instead && at != current)) {
        // A late answer of one that others have left meanwhile brings nobody back.
        return;
      }
      current = at;
      others = members.stream().filter(each -> each != member).toList();
    } finally {
      lock.unlock();
    }
    others.forEach(Member::endStreams);
  }

  /// The next request asks the next one. Streams stay until another server has answered.
  private void failed(Member member, String why) {
    lock.lock();
    try {
      if (members.size() > 1 && members.get(current) == member) {
        current = (current + 1) % members.size();
        LOG.log(
            Level.INFO,
            "server fails server={0} next={1} error={2}",
            member.server,
            members.get(current).server,
            why);
      }
    } finally {
      lock.unlock();
    }
  }

  private void probe() {
    try {
      while (true) {
        pause.await(QUIET_MAX);
        List<Member> order = order();
        boolean open = order.stream().anyMatch(each -> !each.streams.isEmpty());
        if (open && order.size() > 1 && order.getFirst().isQuiet()) {
          ask();
        }
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "servers are no longer asked");
    }
  }

  private void ask() throws InterruptedException {
    WireRequest request = new WireRequest("GET", "/readyz", "", Map.of(), new byte[0], PROBE_MAX);
    try {
      attempt(
          request,
          (member, bounded) -> member.transport.send(bounded),
          answer -> !answer.succeeded());
    } catch (ConnectionException e) {
      LOG.log(Level.DEBUG, "no server answers", e);
    }
  }

  private static Opened tracked(Member member, Opened opened) {
    return switch (opened) {
      case Opened.Stream(WireAnswer head, MessageSource messages) -> {
        Tracked tracked = new Tracked(member.streams, messages);
        member.streams.add(tracked);
        yield new Opened.Stream(head, tracked);
      }
      case Opened.Refused refused -> refused;
    };
  }

  /// A stream that is known to be open.
  private static final class Tracked implements MessageSource {
    private final Set<Tracked> all;
    private final MessageSource messages;

    Tracked(Set<Tracked> all, MessageSource messages) {
      this.all = all;
      this.messages = messages;
    }

    @Override
    public Taken take(Duration atMost) throws InterruptedException {
      return messages.take(atMost);
    }

    @Override
    public void close() {
      all.remove(this);
      messages.close();
    }
  }

  @Override
  public void close() {
    prober.interrupt();
    for (Member each : order()) {
      each.endStreams();
      each.transport.close();
    }
    onClose.run();
  }
}
