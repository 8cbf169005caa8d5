package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/// A transport to a real server on which what a test wants goes wrong, once for each time that it
/// said so, in order.
final class FaultyTransport implements Transport {
  /// What goes wrong with one request.
  sealed interface Fault {
    /// Nothing: this one passes.
    record None() implements Fault {}

    record Refused(int code, String reason, Map<String, List<String>> headers) implements Fault {
      Refused(int code, String reason) {
        this(code, reason, Map.of());
      }
    }

    record Broken() implements Fault {}

    /// The stream brings so many messages, and then ends as `how` says.
    record Ends(int messages, End how) implements Fault {}

    /// No bookmark says that the initial events are over.
    record Unmarked() implements Fault {}
  }

  /// How a stream ends.
  enum End {
    CLOSED,
    BROKEN,
    EXPIRED
  }

  private final Transport real;
  private final List<WireRequest> requests = new CopyOnWriteArrayList<>();
  private final Queue<Fault> watches = new ConcurrentLinkedQueue<>();
  private final Queue<Fault> lists = new ConcurrentLinkedQueue<>();
  private final List<MessageSource> open = new CopyOnWriteArrayList<>();

  FaultyTransport(Transport real) {
    this.real = real;
  }

  void onWatch(Fault... faults) {
    watches.addAll(List.of(faults));
  }

  void onList(Fault... faults) {
    lists.addAll(List.of(faults));
  }

  /// The queries of the lists and watches so far, in order.
  List<String> queries() {
    return requests.stream().map(WireRequest::query).toList();
  }

  long lists() {
    return requests.stream().filter(each -> !each.query().contains("watch=true")).count();
  }

  long watches() {
    return requests.size() - lists();
  }

  /// Ends every stream that is open.
  void cut() {
    for (MessageSource each : List.copyOf(open)) {
      // One by one: a stream that opens meanwhile must stay in the list.
      open.remove(each);
      each.close();
    }
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    requests.add(request);
    return switch (next(lists)) {
      case Fault.Refused refused -> answer(refused);
      case Fault.Broken _ -> throw new ConnectionException("broken on purpose", false);
      case Fault.None _, Fault.Ends _, Fault.Unmarked _ -> real.send(request);
    };
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    requests.add(request);
    return switch (next(watches)) {
      case Fault.Refused refused -> new Opened.Refused(answer(refused));
      case Fault.Broken _ -> throw new ConnectionException("broken on purpose", false);
      case Fault.None none -> opened(request, none);
      case Fault.Ends ends -> opened(request, ends);
      case Fault.Unmarked unmarked -> opened(request, unmarked);
    };
  }

  private Opened opened(WireRequest request, Fault fault) throws InterruptedException {
    if (!(real.open(request) instanceof Opened.Stream(WireAnswer head, MessageSource messages))) {
      throw new IllegalStateException("the real server refuses " + request.query());
    }
    open.add(messages);
    return new Opened.Stream(head, new FaultyMessages(messages, fault));
  }

  private static Fault next(Queue<Fault> faults) {
    Fault fault = faults.poll();
    return fault == null ? new Fault.None() : fault;
  }

  private static WireAnswer answer(Fault.Refused refused) {
    return new WireAnswer(
        refused.code,
        refused.headers,
        status(refused.code, refused.reason).getBytes(StandardCharsets.UTF_8));
  }

  private static String status(int code, String reason) {
    return """
    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": %d, "reason": "%s",
     "message": "on purpose"}
    """
        .formatted(code, reason)
        .replace("\n", "");
  }

  /// A stream with its fault.
  private static final class FaultyMessages implements MessageSource {
    private final MessageSource messages;
    private final Fault fault;
    private int taken;

    FaultyMessages(MessageSource messages, Fault fault) {
      this.messages = messages;
      this.fault = fault;
    }

    @Override
    public Taken take(Duration atMost) throws InterruptedException {
      if (fault instanceof Fault.Ends(int count, End how) && taken == count) {
        return switch (how) {
          case CLOSED -> new Taken.End();
          case BROKEN -> throw new ConnectionException("broken on purpose", false);
          case EXPIRED ->
              new Taken.Message(
                  ("{\"type\":\"ERROR\",\"object\":" + status(410, "Expired") + "}")
                      .getBytes(StandardCharsets.UTF_8));
        };
      }
      Taken next = messages.take(atMost);
      taken++;
      if (fault instanceof Fault.Unmarked
          && next instanceof Taken.Message(byte[] json)
          && new String(json, StandardCharsets.UTF_8).contains("initial-events-end")) {
        // As if the annotation had another value: it has to be "true".
        String other = new String(json, StandardCharsets.UTF_8).replace("\"true\"", "\"false\"");
        return new Taken.Message(other.getBytes(StandardCharsets.UTF_8));
      }
      return next;
    }

    @Override
    public void close() {
      messages.close();
    }
  }

  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    return real.join(request);
  }

  @Override
  public void close() {
    real.close();
  }
}
