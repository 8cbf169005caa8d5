package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// A transport whose streams can be cut, and that remembers what was asked of it.
final class CuttingTransport implements Transport {
  private final Transport real;
  private final List<MessageSource> open = new CopyOnWriteArrayList<>();
  private final List<WireRequest> requests = new CopyOnWriteArrayList<>();
  private volatile boolean refusesInitialEvents;

  CuttingTransport(Transport real) {
    this.real = real;
  }

  void cut() {
    for (MessageSource each : List.copyOf(open)) {
      // One by one: a stream that opens meanwhile must stay in the list.
      open.remove(each);
      each.close();
    }
  }

  /// As servers do that are too old for it.
  void refuseInitialEvents() {
    refusesInitialEvents = true;
  }

  List<WireRequest> requests() {
    return requests;
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    requests.add(request);
    return real.send(request);
  }

  @Override
  public Joined join(WireRequest request) {
    throw new UnsupportedOperationException("no test here opens sockets");
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    requests.add(request);
    if (refusesInitialEvents && request.query().contains("sendInitialEvents")) {
      String status =
          "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":422,"
              + "\"reason\":\"Invalid\",\"message\":\"sendInitialEvents is forbidden\"}";
      return new Opened.Refused(
          new WireAnswer(422, Map.of(), status.getBytes(StandardCharsets.UTF_8)));
    }
    Opened opened = real.open(request);
    if (opened instanceof Opened.Stream stream) {
      open.add(stream.messages());
    }
    return opened;
  }

  @Override
  public void close() {
    real.close();
  }
}
