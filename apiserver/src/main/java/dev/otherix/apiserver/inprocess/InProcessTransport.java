package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Handler;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Hands requests to a server's handler. Each runs on a virtual thread of its own, so that a
/// deadline or an interrupt of the caller ends the waiting as it would on a socket.
public final class InProcessTransport implements Transport {
  private final Handler handler;
  private final Peer peer;
  private final Set<InProcessMessages> streams = ConcurrentHashMap.newKeySet();
  private final Set<InProcessSocket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public InProcessTransport(Handler handler, InProcessIdentity identity) {
    this.handler = handler;
    this.peer = identity.peer();
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    return switch (answer(request, false)) {
      case Answer.Whole whole -> toWire(whole);
      case Answer.Stream stream -> {
        stream.messages().close();
        throw new ConnectionException(
            request.brief() + " was answered with a stream", !request.reads());
      }
    };
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    return switch (answer(request, false)) {
      case Answer.Whole whole -> new Opened.Refused(toWire(whole));
      case Answer.Stream stream -> {
        InProcessMessages messages = new InProcessMessages(stream.messages(), streams::remove);
        streams.add(messages);
        if (closed) {
          messages.close();
        }
        yield new Opened.Stream(
            new WireAnswer(stream.status(), toMap(stream.headers()), new byte[0]), messages);
      }
    };
  }

  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    return switch (answer(request, true)) {
      case Answer.Whole whole -> new Joined.Refused(toWire(whole));
      case Answer.Stream stream -> {
        InProcessSocket socket = new InProcessSocket(stream.messages(), sockets::remove);
        sockets.add(socket);
        if (closed) {
          socket.close();
        }
        yield new Joined.Socket(socket);
      }
    };
  }

  private Answer answer(WireRequest request, boolean webSocket) throws InterruptedException {
    if (closed) {
      throw new ConnectionException(request.brief() + " after the transport was closed", false);
    }
    FutureTask<Answer> work = new FutureTask<>(() -> handler.handle(toServer(request, webSocket)));
    Thread.ofVirtual().name("in-process-request").start(work);
    boolean writes = !request.reads();
    try {
      return work.get(request.deadline().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      work.cancel(true);
      throw new ConnectionException(
          request.brief() + " had no answer within " + request.deadline(), e, writes);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConnectionException(request.brief() + " failed: " + cause, cause, writes);
    } catch (InterruptedException e) {
      work.cancel(true);
      throw e;
    }
  }

  private Request toServer(WireRequest request, boolean webSocket) {
    List<String> namesAndValues = new ArrayList<>();
    request
        .headers()
        .forEach((name, value) -> {
          namesAndValues.add(name);
          namesAndValues.add(value);
        });
    return new Request(
        request.method(),
        request.path(),
        request.query(),
        Headers.of(namesAndValues),
        request.body(),
        peer,
        webSocket,
        true);
  }

  private static WireAnswer toWire(Answer.Whole whole) {
    return new WireAnswer(whole.status(), toMap(whole.headers()), bytes(whole.body()));
  }

  private static Map<String, List<String>> toMap(Headers headers) {
    Map<String, List<String>> map = new LinkedHashMap<>();
    headers.forEach((name, value) -> map.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
    return map;
  }

  private static byte[] bytes(Body body) {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(Math.toIntExact(Math.max(0, body.length())));
    boolean more = true;
    while (more) {
      more = body.writeSlice((bytes, offset, length, _) -> out.write(bytes, offset, length));
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    closed = true;
    streams.forEach(InProcessMessages::close);
    sockets.forEach(InProcessSocket::close);
  }
}
