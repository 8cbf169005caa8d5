package dev.otherix.apiserver.auth;

import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whoever comes over the Unix socket as the user that the server runs as, or as root, is the local
/// administrator: he could read the server's files anyway.
public final class LocalPeers implements Authenticator {
  private static final int ROOT = 0;

  private final int ownUid;

  public LocalPeers(int ownUid) {
    this.ownUid = ownUid;
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    Peer.UnixCredentials unix = request.peer().unix();
    if (unix == null || (unix.uid() != ROOT && unix.uid() != ownUid)) {
      return null;
    }
    return Caller.of("local-admin", List.of(Caller.MASTERS));
  }
}
