package dev.otherix.ctl.connect;

import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import java.io.PrintWriter;

/// Says what is sent and how it was answered. Neither headers nor bodies: those hold secrets.
final class ToldTransport implements Transport {
  private static final int SWITCHING = 101;
  private static final byte[] NOTHING = {};

  private final Transport transport;
  private final PrintWriter out;

  ToldTransport(Transport transport, PrintWriter out) {
    this.transport = transport;
    this.out = out;
  }

  private void tell(WireRequest request, int status, long began) {
    String query = request.query().isEmpty() ? "" : "?" + request.query();
    long millis = (System.nanoTime() - began) / 1_000_000;
    out.println(request.brief() + query + " -> " + status + " (" + millis + " ms)");
    out.flush();
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    long began = System.nanoTime();
    WireAnswer answer = transport.send(request);
    tell(request, answer.status(), began);
    return answer;
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    long began = System.nanoTime();
    Opened opened = transport.open(request);
    switch (opened) {
      case Opened.Stream(WireAnswer head, _) -> tell(request, head.status(), began);
      case Opened.Refused(WireAnswer answer) -> tell(request, answer.status(), began);
    }
    return opened;
  }

  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    long began = System.nanoTime();
    // The token of a stream is a secret, and stands in the query.
    WireRequest shown =
        new WireRequest(
            request.method(), request.path(), "", request.headers(), NOTHING, request.deadline());
    Joined joined = transport.join(request);
    switch (joined) {
      case Joined.Socket _ -> tell(shown, SWITCHING, began);
      case Joined.Refused(WireAnswer answer) -> tell(shown, answer.status(), began);
    }
    return joined;
  }

  @Override
  public void close() {
    transport.close();
  }
}
