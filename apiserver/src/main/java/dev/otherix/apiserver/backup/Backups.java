package dev.otherix.apiserver.backup;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedFile;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes backups of a store into a folder: at times, and when it is asked. Each is restored into a
/// store of its own and compared before it counts, and encrypted with the master key. Files of
/// other names are left alone. One virtual thread for the times; the lock has one at a time taken.
public final class Backups implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Backups.class.getName());
  private static final String PREFIX = "otherix-";
  private static final String SUFFIX = ".backup";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

  /// After one that failed.
  private static final Duration AGAIN_AFTER = Duration.ofMinutes(5);

  private final Storage store;
  private final Plan plan;
  private final MasterKey key;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Pause pause;
  private final Thread thread;
  private final ReentrantLock taking = new ReentrantLock();
  private final AtomicLong succeeded = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile Instant due;

  /// @param every how often; null for only when it is asked
  /// @param keep how many stay, the newest
  public record Plan(Path folder, @Nullable Duration every, int keep) {
    public Plan {
      if (keep < 1) {
        throw new IllegalArgumentException("keep at least one backup, not " + keep);
      }
    }
  }

  /// A backup that counts.
  ///
  /// @param revision that it holds
  public record Taken(Path file, Instant at, long revision, long entries) {}

  /// @param store the one without encryption of its own, so that what is encrypted stays so
  public Backups(
      Storage store,
      Plan plan,
      MasterKey key,
      InstantSource clock,
      SecureRandom random,
      Pause pause) {
    this.store = store;
    this.plan = plan;
    this.key = key;
    this.clock = clock;
    this.random = random;
    this.pause = pause;
    this.due = nextDue();
    this.thread = Thread.ofVirtual().name("backups").unstarted(this::run);
  }

  /// From now on at times, if the plan has any.
  public void start() {
    if (plan.every != null) {
      thread.start();
    }
  }

  private Instant nextDue() {
    Duration every = plan.every;
    if (every == null) {
      return Instant.MAX;
    }
    List<Path> present = list();
    return present.isEmpty() ? clock.instant() : at(present.getLast()).plus(every);
  }

  private void run() {
    try {
      while (true) {
        if (!clock.instant().isBefore(due)) {
          try {
            take();
          } catch (StorageException | UncheckedIOException e) {
            due = clock.instant().plus(AGAIN_AFTER);
            LOG.log(Level.ERROR, "no backup, next attempt at " + due, e);
          }
        }
        pause.await(LOOK_EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "no more backups");
    }
  }

  /// Takes one now; takes as long as reading the store three times.
  ///
  /// @throws StorageException when the store cannot be read, or the copy differs
  /// @throws UncheckedIOException when the folder cannot be written
  public Taken take() {
    taking.lock();
    boolean done = false;
    try {
      Taken taken = takeOne();
      done = true;
      succeeded.incrementAndGet();
      due = nextDue();
      LOG.log(
          Level.INFO,
          "backup taken file={0} revision={1} entries={2}",
          taken.file,
          String.valueOf(taken.revision),
          taken.entries);
      return taken;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "a backup cannot be written to " + plan.folder + ": " + e.getMessage(), e);
    } finally {
      if (!done) {
        failed.incrementAndGet();
      }
      taking.unlock();
    }
  }

  private Taken takeOne() throws IOException {
    Files.createDirectories(
        plan.folder,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path work = Files.createTempDirectory(plan.folder, ".work-");
    try {
      Instant at = Instant.ofEpochSecond(clock.instant().getEpochSecond());
      Path plain = work.resolve("plain");
      long revision = store.backup(plain);
      long entries = prove(plain, work.resolve("scratch"), revision);
      Path sealed = work.resolve("sealed");
      SealedFile.seal(plain, sealed, key, random);
      Path file = plan.folder.resolve(PREFIX + TIME.format(at) + SUFFIX);
      Files.move(sealed, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel folder = FileChannel.open(plan.folder, StandardOpenOption.READ)) {
        folder.force(true);
      }
      prune();
      return new Taken(file, at, revision, entries);
    } finally {
      remove(work);
    }
  }

  /// Restores it and compares.
  private long prove(Path plain, Path scratch, long revision) {
    RocksOptions options = RocksOptions.in(scratch).withSync(false);
    RocksStorage.restore(plain, options, 0);
    try (RocksStorage restored = RocksStorage.open(options)) {
      Copied wanted = Copied.of(store, ReadAt.revision(revision));
      Copied found = Copied.of(restored, ReadAt.LATEST);
      if (!found.equals(wanted)) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "the backup restores to " + found + " and not to " + wanted);
      }
      return found.entries();
    }
  }

  private void prune() throws IOException {
    List<Path> present = list();
    for (int i = 0; i < present.size() - plan.keep; i++) {
      Files.deleteIfExists(present.get(i));
      LOG.log(Level.INFO, "backup removed file={0} keep={1}", present.get(i), plan.keep);
    }
  }

  private static void remove(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }

  /// Those that are there, oldest first.
  public List<Path> list() {
    List<Path> all = new ArrayList<>();
    if (!Files.isDirectory(plan.folder)) {
      return all;
    }
    try (Stream<Path> files = Files.list(plan.folder)) {
      files.filter(Backups::isOne).sorted().forEach(all::add);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(plan.folder + " cannot be read", e);
    }
  }

  private static boolean isOne(Path file) {
    String name = String.valueOf(file.getFileName());
    if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) {
      return false;
    }
    try {
      at(file);
      return true;
    } catch (DateTimeParseException _) {
      // Somebody else's.
      return false;
    }
  }

  /// When it was taken.
  public static Instant at(Path file) {
    String name = String.valueOf(file.getFileName());
    return TIME.parse(
        name.substring(PREFIX.length(), name.length() - SUFFIX.length()), Instant::from);
  }

  /// What is counted.
  public List<Family> families() {
    List<Path> present = list();
    double last = present.isEmpty() ? 0 : at(present.getLast()).getEpochSecond();
    return List.of(
        new Family(
            "otherix_backups_total",
            "Backups since the start, by what came of them.",
            Family.Type.COUNTER,
            List.of("result"),
            List.of(
                new Family.Point.Value(List.of("success"), succeeded.get()),
                new Family.Point.Value(List.of("failure"), failed.get()))),
        new Family(
            "otherix_backup_last_success_timestamp_seconds",
            "When the newest backup in the folder was taken; 0 when there is none.",
            Family.Type.GAUGE,
            List.of(),
            List.of(new Family.Point.Value(List.of(), last))));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
