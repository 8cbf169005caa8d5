package dev.otherix.ctl.store;

import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where a managed etcd keeps everything, and what it remembers of itself there beside its data.
record EtcdFolder(Path path) {
  private static final String NAME = "name";
  private static final String PEER = "peer";
  private static final String CLUSTER = "initial-cluster";
  private static final String REMOVED = "removed";
  private static final String BEGUN = "begun";

  /// @param dataDir of the server
  static EtcdFolder of(Path dataDir) {
    return new EtcdFolder(ManagedEtcd.folder(dataDir).toAbsolutePath());
  }

  void prepare() throws IOException {
    for (Path each : new Path[] {path, pki(), data()}) {
      Files.createDirectories(
          each, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  Path data() {
    return path.resolve("data");
  }

  Path pki() {
    return path.resolve("pki");
  }

  Path pidFile() {
    return path.resolve("etcd.pid");
  }

  /// Whether it has been a member of something.
  boolean hasData() {
    return Files.exists(data().resolve("member"));
  }

  /// The name that is wanted, or the one that it had, or the host's.
  ///
  /// @param wanted empty for no wish
  String name(String wanted, String host) {
    String former = read(NAME);
    String first = host.toLowerCase(Locale.ROOT).split("\\.", 2)[0].replaceAll("[^a-z0-9-]", "-");
    String name = !wanted.isEmpty() ? wanted : former != null ? former : first;
    write(NAME, name);
    return name;
  }

  /// The address that is wanted, or the one that it had: the others know it by that.
  @Nullable URI peer(@Nullable URI wanted) {
    if (wanted != null) {
      write(PEER, wanted.toString());
      return wanted;
    }
    String former = read(PEER);
    return former == null ? null : URI.create(former);
  }

  /// The members that it is to join; null when it begins a cluster of its own, or has begun.
  @Nullable String clusterToJoin() {
    return hasData() ? null : read(CLUSTER);
  }

  void join(String cluster) {
    write(CLUSTER, cluster);
  }

  /// It is a member now: with other data it would not be the same one.
  void markBegun() throws IOException {
    write(BEGUN, "");
    Files.deleteIfExists(path.resolve(CLUSTER));
  }

  /// Whatever it was, it begins a cluster of its own next time.
  void beginAnew() throws IOException {
    Files.deleteIfExists(path.resolve(CLUSTER));
    Files.deleteIfExists(path.resolve(BEGUN));
  }

  /// It is no member any more, and may not come back as one.
  void markRemoved() {
    write(REMOVED, "");
  }

  /// @throws CommandFailure when it was removed, or has lost what made it one
  void requireMember() {
    if (Files.exists(path.resolve(BEGUN)) && !hasData()) {
      throw new CommandFailure(
          data()
              + " is empty, and has not been: restore a backup with otherixctl server restore, or,"
              + " when there are other servers, remove this one there, move "
              + path
              + " away and join again");
    }
    if (Files.exists(path.resolve(REMOVED))) {
      throw new CommandFailure(
          "this server was removed from its cluster; to let it in again, move "
              + path
              + " away and run otherixctl server join with a new token");
    }
  }

  private @Nullable String read(String file) {
    Path found = path.resolve(file);
    try {
      return Files.exists(found) ? Files.readString(found).strip() : null;
    } catch (IOException e) {
      throw new UncheckedIOException(found + " cannot be read", e);
    }
  }

  private void write(String file, String text) {
    Path next = path.resolve(file + ".next");
    try {
      Files.writeString(next, text + "\n");
      Files.move(
          next,
          path.resolve(file),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(path.resolve(file) + " cannot be written", e);
    }
  }
}
