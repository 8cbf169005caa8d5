package dev.otherix.apiserver.inprocess;

import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Somebody in this process. Give it to the server as a way to authenticate and to an
/// [InProcessTransport]; no connection can claim it, because it goes by the very object that only
/// that transport holds.
public final class InProcessIdentity implements Authenticator {
  private final Caller caller;
  private final Peer peer = new Peer("in-process", List.of(), null);

  public InProcessIdentity(Caller caller) {
    this.caller = caller;
  }

  Peer peer() {
    return peer;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // An equal peer is another connection.
  public @Nullable Caller authenticate(Request request) {
    return request.peer() == peer ? caller : null;
  }
}
