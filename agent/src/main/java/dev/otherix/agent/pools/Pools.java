package dev.otherix.agent.pools;

import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.StoragePool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The pools that the server lists for this node. A folder is made when its pool is first used and
/// lies under a prefix that ClusterSettings allows; a pool that the server no longer lists keeps
/// its files. Thread-safe.
public final class Pools {
  private static final ObjectKey SETTINGS = ObjectKey.clusterScoped("cluster");
  private static final int PROBE_SECONDS_MAX = 10;
  private static final Duration KNOWN_MAX = Duration.ofSeconds(60);
  private static final List<String> ALLOWED_DEFAULT = List.of("/var/lib/otherix/pools");

  private final String node;
  private final Informer pools;
  private final Informer settings;

  /// What was found out about folders.
  private final Map<Path, Boolean> direct = new ConcurrentHashMap<>();

  /// @param settings of ClusterSettings
  public Pools(String node, Informer pools, Informer settings) {
    this.node = node;
    this.pools = pools;
    this.settings = settings;
  }

  /// A pool that works.
  ///
  /// @param direct whether disks in it can leave out the host's page cache
  public record Ready(String name, Path folder, boolean direct) {
    /// Where a machine's disks are.
    public Path disks(String uid) {
      return folder.resolve("vms").resolve(uid);
    }
  }

  /// A pool as it is.
  ///
  /// @param error null when it works
  public record State(
      String name, long capacityBytes, long availableBytes, @Nullable String error) {}

  /// Waits, for a while, until the server's pools are known: before, none is there.
  public void awaitKnown() throws InterruptedException {
    boolean _ = pools.awaitSynced(KNOWN_MAX) && settings.awaitSynced(KNOWN_MAX);
  }

  /// @param asked null for the cluster's default pool
  /// @throws PoolException when it cannot be used
  public Ready open(@Nullable String asked) {
    String name = asked == null ? defaultPool() : asked;
    ObjectNode object = pools.get(ObjectKey.clusterScoped(name)).orElse(null);
    if (object == null) {
      throw new PoolException("the pool \"" + name + "\" does not exist; create it");
    }
    StoragePool pool = Records.read(object, StoragePool.class);
    if (!isHere(pool)) {
      throw new PoolException(
          "the pool \"" + name + "\" is not on node " + node + "; add the node to its nodeList");
    }
    return open(name, Path.of(pool.spec().path()).normalize());
  }

  private String defaultPool() {
    return spec().map(ClusterSettings.Spec::defaultPool).orElse(ClusterSettings.POOL);
  }

  private Ready open(String name, Path folder) {
    List<String> allowed =
        spec().map(ClusterSettings.Spec::allowedPoolPaths).orElse(ALLOWED_DEFAULT);
    if (allowed.stream().noneMatch(each -> folder.startsWith(Path.of(each)))) {
      throw new PoolException(
          "the pool \""
              + name
              + "\" is at "
              + folder
              + ", which lies under none of "
              + String.join(", ", allowed)
              + "; allow it in ClusterSettings");
    }
    try {
      Files.createDirectories(folder);
      // Whoever machines run as passes through, and sees nothing of other machines.
      Files.createDirectories(
          folder.resolve("vms"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
      Path trial = Files.createTempFile(folder, ".probe-", "");
      Files.delete(trial);
      boolean isDirect = direct.computeIfAbsent(folder, Pools::takesDirectAccess);
      return new Ready(name, folder, isDirect);
    } catch (IOException | UncheckedIOException e) {
      throw new PoolException(
          "the pool \"" + name + "\" cannot be written at " + folder + ": " + e.getMessage(), e);
    }
  }

  /// Writes a file past the page cache; QEMU can do so where this succeeds.
  private static boolean takesDirectAccess(Path folder) {
    Path probe = folder.resolve(".probe");
    try {
      Process process =
          new ProcessBuilder(
                  "dd", "if=/dev/zero", "of=" + probe, "bs=4096", "count=1", "oflag=direct")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = process.waitFor(PROBE_SECONDS_MAX, TimeUnit.SECONDS);
      process.destroyForcibly();
      Files.deleteIfExists(probe);
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Optional<ClusterSettings.Spec> spec() {
    return settings.get(SETTINGS).map(each -> Records.read(each, ClusterSettings.class).spec());
  }

  private boolean isHere(StoragePool pool) {
    return node.equals(pool.spec().node()) || pool.spec().nodeList().contains(node);
  }

  /// Every pool that the server lists for this node.
  public List<State> all() {
    List<State> states = new ArrayList<>();
    for (ObjectNode object : pools.all()) {
      StoragePool pool = Records.read(object, StoragePool.class);
      if (isHere(pool)) {
        states.add(look(String.valueOf(pool.metadata().name())));
      }
    }
    return states;
  }

  private State look(String name) {
    try {
      FileStore store = Files.getFileStore(open(name).folder());
      return new State(name, store.getTotalSpace(), store.getUsableSpace(), null);
    } catch (PoolException | IOException e) {
      return new State(name, 0, 0, String.valueOf(e.getMessage()));
    }
  }
}
