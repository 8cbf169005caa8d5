package dev.otherix.ctl.store;

import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.Replicas;
import dev.otherix.apiserver.storage.EtcdMembers;
import dev.otherix.apiserver.storage.EtcdOptions;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.Keys;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What keeps a store, running: nothing where the store is files, or an etcd. Close the store
/// first.
public final class Engine implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());

  /// A new member receives everything first, and after an outage the servers come one by one.
  private static final Duration OTHERS_MAX = Duration.ofMinutes(10);

  private static final Duration POLL = Duration.ofMillis(100);

  private static final String REMOVE_OTHERS =
      "start all, remove the others with otherixctl server remove, stop the last one, run the"
          + " command there, and join the others again";

  private final Path dataDir;
  private final @Nullable ManagedEtcd managed;
  private final @Nullable EtcdOptions etcd;

  private Engine(Path dataDir, @Nullable ManagedEtcd managed, @Nullable EtcdOptions etcd) {
    this.dataDir = dataDir;
    this.managed = managed;
    this.etcd = etcd;
  }

  /// For commands: what is not there soon does not come.
  ///
  /// @param dataDir of the server
  /// @throws CommandFailure when it cannot run; it says what to do
  public static Engine start(StoreConfig config, Path dataDir)
      throws IOException, InterruptedException {
    return start(config, dataDir, START_MAX);
  }

  /// For a server, which waits for the others.
  ///
  /// @param dataDir of the server
  /// @throws CommandFailure when it cannot run; it says what to do
  public static Engine startServer(StoreConfig config, Path dataDir)
      throws IOException, InterruptedException {
    return start(config, dataDir, OTHERS_MAX);
  }

  private static Engine start(StoreConfig config, Path dataDir, Duration othersMax)
      throws IOException, InterruptedException {
    return switch (config) {
      case StoreConfig.Embedded _ -> new Engine(dataDir, null, null);
      case StoreConfig.External(EtcdOptions options) -> new Engine(dataDir, null, options);
      case StoreConfig.Managed managed -> {
        ManagedEtcd etcd =
            ManagedEtcd.start(dataDir, managed, InstantSource.system(), new SecureRandom());
        Engine engine = new Engine(dataDir, etcd, etcd.options());
        boolean answers = false;
        try {
          engine.awaitAnswer(etcd, othersMax);
          EtcdFolder.of(dataDir).markBegun();
          answers = true;
        } finally {
          if (!answers) {
            etcd.close();
          }
        }
        yield engine;
      }
    };
  }

  /// An etcd that runs waits for a majority of the members, or to become one, as long as a server
  /// may; one that does not run, not so long.
  private void awaitAnswer(ManagedEtcd started, Duration othersMax) throws InterruptedException {
    EtcdOptions impatient =
        started.options().withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(30));
    long begun = System.nanoTime();
    boolean told = false;
    try (EtcdMembers members = EtcdMembers.of(impatient)) {
      while (true) {
        StorageException failure = tryOpen(impatient);
        if (failure == null) {
          return;
        }
        started.requireMember();
        boolean runs = members.answers();
        if (runs && !told) {
          told = true;
          LOG.log(Level.INFO, "etcd waits for the other members name={0}", started.name());
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - begun);
        if (waited.compareTo(runs ? othersMax : START_MAX) >= 0) {
          throw runs ? alone(waited, othersMax) : silent(waited, failure);
        }
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
      }
    }
  }

  /// Null when it can be opened, or whoever opens it tells why not.
  private static @Nullable StorageException tryOpen(EtcdOptions options) {
    try (EtcdStorage store = EtcdStorage.open(options)) {
      store.revision();
      return null;
    } catch (StorageException e) {
      return e.reason() == StorageException.Reason.CORRUPT ? null : e;
    }
  }

  private CommandFailure alone(Duration waited, Duration othersMax) {
    String remedy =
        othersMax.equals(OTHERS_MAX)
            ? "start the other servers; if they are lost, restore a backup"
            : REMOVE_OTHERS;
    return new CommandFailure(
        "the etcd in "
            + ManagedEtcd.folder(dataDir)
            + " runs, and after "
            + waited.toSeconds()
            + " s is no member of a majority: "
            + remedy);
  }

  /// For commands that change what every server must know.
  ///
  /// @param store as it was opened
  /// @throws CommandFailure when others have it, or come back to it; it says what to do
  public void requireNoOthers(Storage store) {
    if (managed != null) {
      try (EtcdMembers members = EtcdMembers.of(managed.options())) {
        int count = members.list().size();
        if (count > 1) {
          throw new CommandFailure(
              "this server is one of " + count + " that run the etcd: " + REMOVE_OTHERS);
        }
      }
    }
    long running = Replicas.count(store);
    if (running > 0) {
      throw new CommandFailure(
          running
              + " servers use this store: stop all of them; one that was killed counts for 45"
              + " seconds more");
    }
  }

  private CommandFailure silent(Duration waited, StorageException failure) {
    return new CommandFailure(
        "the etcd in "
            + ManagedEtcd.folder(dataDir)
            + " does not answer after "
            + waited.toSeconds()
            + " s; its lines in the log tell why",
        failure);
  }

  /// @throws CommandFailure when it cannot be opened; it says what to do
  public Storage open() {
    try {
      return etcd == null
          ? RocksStorage.open(RocksOptions.in(DataDirectory.store(dataDir)))
          : EtcdStorage.open(etcd);
    } catch (StorageException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  /// How to reach it.
  ///
  /// @throws IllegalStateException when it is no etcd
  EtcdOptions etcd() {
    if (etcd == null) {
      throw new IllegalStateException("the store is no etcd");
    }
    return etcd;
  }

  /// The largest value that it takes.
  int valueBytesMax() {
    return etcd == null ? Keys.VALUE_BYTES_MAX : etcd.valueBytesMax();
  }

  /// Fills the store, which must be empty, from a backup.
  ///
  /// @param revisionSeen the highest that anybody may remember
  /// @return the revision that it begins at
  long restore(Path backup, long revisionSeen) {
    return etcd == null
        ? RocksStorage.restore(backup, RocksOptions.in(DataDirectory.store(dataDir)), revisionSeen)
        : EtcdStorage.restore(backup, etcd, revisionSeen);
  }

  /// Whether no other server can have the store.
  public boolean alone() {
    return managed != null ? managed.peer() == null : etcd == null;
  }

  /// The etcd that this server runs; null when there is none.
  public @Nullable ManagedEtcd managed() {
    return managed;
  }

  /// Has the etcd that this server runs, if it does, trust whom the cluster trusts, and be where it
  /// says.
  public void join(ClusterCa authority) throws InterruptedException {
    ManagedEtcd own = managed;
    if (own == null) {
      return;
    }
    if (own.adopt(authority)) {
      own.restart();
      awaitAnswer(own, OTHERS_MAX);
    }
    URI peer = own.peer();
    if (peer == null) {
      return;
    }
    try (EtcdMembers members = EtcdMembers.of(own.options())) {
      long id = members.self().id();
      for (EtcdMembers.Peer each : members.list()) {
        if (each.id() == id && !each.peers().equals(List.of(peer))) {
          members.move(id, peer);
        }
      }
    } catch (EtcdMembers.Refused e) {
      throw new CommandFailure(
          "etcd.peer " + peer + " cannot be told to the other members: " + e.getMessage(), e);
    }
  }

  /// Whether the other servers removed this one; done when they do.
  public CompletableFuture<Void> removal() {
    return managed == null ? new CompletableFuture<>() : managed.removal();
  }

  @Override
  public void close() {
    if (managed != null) {
      managed.close();
    }
  }
}
