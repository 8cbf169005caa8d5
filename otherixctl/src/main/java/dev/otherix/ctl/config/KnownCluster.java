package dev.otherix.ctl.config;

import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.ClusterFile;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;

/// Finds a cluster in the configuration.
final class KnownCluster {
  private KnownCluster() {}

  /// @throws CommandFailure when there is none of the name
  static Cluster named(ClusterFile file, String name, Session session) {
    return file.find(name)
        .orElseThrow(() ->
            new CommandFailure(
                Exit.NOT_FOUND,
                "the configuration "
                    + session.configFile()
                    + " has no cluster \""
                    + name
                    + "\"; see: otherixctl config list"));
  }

  /// @param name empty for the current one
  static Cluster namedOrCurrent(ClusterFile file, String name, Session session) {
    if (name.isEmpty() && file.current().isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "no cluster is the current one; choose one with: otherixctl config use NAME");
    }
    return named(file, name.isEmpty() ? file.current() : name, session);
  }
}
