package dev.otherix.ctl.store;

import dev.otherix.apimachinery.client.ServerJoin;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A data directory that becomes that of another server of a cluster: what its etcd starts with.
public final class Joining {
  private final EtcdFolder folder;

  private Joining(EtcdFolder folder) {
    this.folder = folder;
  }

  /// @throws CommandFailure when the directory is a server's already
  public static Joining into(Path dataDir) throws IOException {
    DataDirectory.prepare(dataDir);
    if (Files.exists(DataDirectory.store(dataDir))) {
      throw new CommandFailure(
          DataDirectory.store(dataDir)
              + " holds a cluster of its own: move "
              + dataDir
              + " away, or name another --data-dir");
    }
    EtcdFolder folder = EtcdFolder.of(dataDir);
    folder.prepare();
    folder.requireMember();
    if (folder.hasData()) {
      throw new CommandFailure(
          folder.path() + " is a member already: start the server, or move the folder away");
    }
    return new Joining(folder);
  }

  /// The name under which it joins.
  public String name(String wanted, String host) {
    return folder.name(wanted, host);
  }

  public void write(StoreConfig.Managed config, ServerJoin.Joined joined) throws IOException {
    EtcdCertificates.writeJoined(
        folder.pki(), joined.certificate(), joined.key(), joined.authorities());
    folder.peer(config.peer());
    folder.join(joined.initialCluster());
  }
}
