package dev.otherix.apiserver.auth;

import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who comes over the Unix socket, as the kernel tells. Root and the user that the server runs as
/// are the local administrator: they could read the server's files anyway. Members of one group may
/// be let in as well, each under his own number.
public final class LocalPeers implements Authenticator {
  private static final int ROOT = 0;

  private final int ownUid;
  private final @Nullable Members members;
  private final ProcessGroups processes;

  /// A group of this machine, and what its members are to the server.
  ///
  /// @param groups of the server, such as that of a role
  public record Members(int gid, List<String> groups) {
    public Members {
      groups = List.copyOf(groups);
    }
  }

  public LocalPeers(int ownUid) {
    this(ownUid, null);
  }

  /// @param members null for nobody else
  public LocalPeers(int ownUid, @Nullable Members members) {
    this(ownUid, members, Path.of("/proc"));
  }

  LocalPeers(int ownUid, @Nullable Members members, Path proc) {
    this.ownUid = ownUid;
    this.members = members;
    this.processes = new ProcessGroups(proc);
  }

  @Override
  public @Nullable Caller authenticate(Request request) {
    Peer.UnixCredentials unix = request.peer().unix();
    if (unix == null) {
      return null;
    }
    if (unix.uid() == ROOT || unix.uid() == ownUid) {
      return Caller.of("local-admin", List.of(Caller.MASTERS));
    }
    if (members == null) {
      return null;
    }
    // The kernel tells the first group only; the others are in a file.
    if (unix.gid() != members.gid) {
      request.requireThread();
      if (!processes.has(unix.pid(), unix.uid(), members.gid)) {
        return null;
      }
    }
    return Caller.of("local-" + unix.uid(), members.groups);
  }
}
