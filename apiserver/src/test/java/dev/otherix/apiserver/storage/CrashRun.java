package dev.otherix.apiserver.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Starts [CrashWriter] on one directory again and again, kills it, and holds what is on the disk
/// to what it had acknowledged.
final class CrashRun {
  private static final List<String> FAULTS =
      List.of(
          "storage.beforeCommit",
          "storage.afterCommit",
          "storage.beforeAnswer",
          "storage.beforeSweep");
  private static final int WRITERS = 8;
  private static final int RESUMES = 10;
  private static final Duration LIFE_MAX = Duration.ofSeconds(60);

  private final Path directory;
  private final SplittableRandom random;

  /// Every acknowledged write by revision, over all lives of the child.
  private final Map<Long, Acknowledged> acknowledged = new TreeMap<>();

  private final Set<String> tried = new HashSet<>();
  private int lost;
  private int phantom;
  private long floor;

  /// @param id of the write, which is what a value begins with
  private record Acknowledged(String id, String key, boolean delete) {}

  CrashRun(Path directory, long seed) {
    this.directory = directory;
    this.random = new SplittableRandom(seed);
  }

  /// Whose numbers [#toString] prints.
  record Report(int writes, int kills, int lost, int phantom) {
    @Override
    public String toString() {
      return writes
          + " acknowledged writes, "
          + kills
          + " kills, "
          + lost
          + " lost, "
          + phantom
          + " phantom";
    }
  }

  Report run(int kills) throws IOException, InterruptedException {
    for (int i = 0; i < kills; i++) {
      // Every other time at a fault point, by turns.
      String fault = i % 2 == 0 ? "" : FAULTS.get(i / 2 % FAULTS.size());
      live(i, fault);
      check();
    }
    return new Report(acknowledged.size(), kills, lost, phantom);
  }

  private void live(int run, String fault) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                ChildJvm.command(
                    CrashWriter.class,
                    List.of("-Dcrash.at=" + fault, "-Dcrash.after=" + (1 + random.nextInt(200))),
                    directory.toString(),
                    String.valueOf(run),
                    String.valueOf(WRITERS)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long killAfter = fault.isEmpty() ? 20 + random.nextInt(600) : LIFE_MAX.toMillis();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
      String first = out.readLine();
      if (first == null) {
        throw new AssertionError("run " + run + ": the store did not open after a kill");
      }
      // Through the handle: killing the Process itself would drop what its pipe still holds.
      Thread reaper =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  if (!child.waitFor(killAfter, TimeUnit.MILLISECONDS)) {
                    child.toHandle().destroyForcibly();
                  }
                } catch (InterruptedException e) {
                  child.toHandle().destroyForcibly();
                }
              });
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        note(line);
      }
      reaper.join();
    }
    if (child.waitFor() != 137) {
      throw new AssertionError("run " + run + ": the child ended with " + child.exitValue());
    }
  }

  private void note(String line) {
    String[] words = line.split(" ");
    if (words[0].equals("try")) {
      tried.add(words[1]);
      return;
    }
    Acknowledged write = new Acknowledged(words[1], words[2], words[4].equals("delete"));
    Acknowledged other = acknowledged.put(Long.parseLong(words[3]), write);
    if (other != null) {
      throw new AssertionError("revision " + words[3] + " twice: " + other + " and " + write);
    }
  }

  /// Opens what the killed process left and reads all of it.
  private void check() throws InterruptedException {
    RocksOptions options =
        RocksOptions.in(directory).withHistory(Duration.ofHours(1), CrashWriter.HISTORY);
    try (RocksStorage store = RocksStorage.open(options)) {
      long last = store.revision();
      List<StorageEvent> events = events(store);
      Map<Long, StorageEvent> byRevision = new HashMap<>();
      for (StorageEvent event : events) {
        byRevision.put(event.revision(), event);
        Entry entry = value(event);
        if (entry != null && !tried.contains(id(entry))) {
          phantom++;
        }
      }
      for (Map.Entry<Long, Acknowledged> each : acknowledged.entrySet()) {
        if (each.getKey() > last
            || (each.getKey() > floor && !same(each.getValue(), byRevision.get(each.getKey())))) {
          lost++;
        }
      }
      requireState(store, events);
      requireResumable(store);
    }
  }

  private static boolean same(Acknowledged write, @Nullable StorageEvent event) {
    if (event == null || !event.key().equals(write.key)) {
      return false;
    }
    Entry entry = value(event);
    return entry == null ? write.delete : !write.delete && id(entry).equals(write.id);
  }

  private static @Nullable Entry value(StorageEvent event) {
    return switch (event) {
      case StorageEvent.Created created -> created.entry();
      case StorageEvent.Updated updated -> updated.entry();
      case StorageEvent.Deleted _ -> null;
    };
  }

  private static String id(Entry entry) {
    String text = new String(entry.value(), UTF_8);
    return text.substring(0, text.indexOf(' '));
  }

  /// The whole retained history through a watch: one event for every revision.
  private List<StorageEvent> events(RocksStorage store) throws InterruptedException {
    List<StorageEvent> events = new ArrayList<>();
    while (true) {
      floor = store.compactedRevision();
      events.clear();
      long next = floor;
      try (Watch watch = store.watch("/", floor)) {
        while (next < store.revision()) {
          for (StorageEvent event : watch.next(Duration.ofSeconds(5)).events()) {
            if (event.revision() != ++next) {
              throw new AssertionError("a gap in front of " + event + ": " + next + " is missing");
            }
            events.add(event);
          }
        }
        return events;
      } catch (StorageException e) {
        if (e.reason() != StorageException.Reason.COMPACTED) {
          throw e;
        }
        // The store sweeps while we read; begin at the new floor.
      }
    }
  }

  /// The state at some revision and the events after it are the state at the end; what is
  /// acknowledged last under a key is there.
  private void requireState(RocksStorage store, List<StorageEvent> events) {
    Map<String, Entry> state = new TreeMap<>();
    long begin = Math.max(1, store.compactedRevision());
    if (begin > store.revision()) {
      return;
    }
    store
        .list("/", "", 0, ReadAt.revision(begin))
        .entries()
        .forEach(each -> state.put(each.key(), each));
    for (StorageEvent event : events) {
      if (event.revision() > begin) {
        Entry entry = value(event);
        if (entry == null) {
          state.remove(event.key());
        } else {
          state.put(event.key(), entry);
        }
      }
    }
    List<Entry> listed = store.list("/", "", 0, ReadAt.LATEST).entries();
    if (!listed.equals(new ArrayList<>(state.values()))) {
      throw new AssertionError("the list and the history differ: " + listed + " and " + state);
    }
    Map<String, Long> lastWrites = new HashMap<>();
    acknowledged.forEach((revision, write) -> lastWrites.put(write.key, revision));
    lastWrites.forEach((key, revision) -> {
      Entry entry = state.get(key);
      if (entry == null ? !deleted(key, revision, events) : entry.revision() < revision) {
        lost++;
      }
    });
  }

  /// Whether the last acknowledged write of the key deleted it, or a later one whose answer was
  /// lost in the crash.
  private boolean deleted(String key, long revision, List<StorageEvent> events) {
    Acknowledged write = acknowledged.get(revision);
    return (write != null && write.delete)
        || events.stream()
            .anyMatch(each ->
                each instanceof StorageEvent.Deleted
                    && each.key().equals(key)
                    && each.revision() > revision);
  }

  /// From any retained revision a watch begins with the next one.
  private void requireResumable(RocksStorage store) throws InterruptedException {
    for (int i = 0; i < RESUMES; i++) {
      long begin = store.compactedRevision();
      long end = store.revision();
      long from = begin == end ? end : random.nextLong(begin, end);
      try (Watch watch = store.watch("/", from)) {
        List<StorageEvent> events = watch.next(Duration.ZERO).events();
        if (from < end && (events.isEmpty() || events.getFirst().revision() != from + 1)) {
          throw new AssertionError("a watch from " + from + " of " + end + " began with " + events);
        }
      } catch (StorageException e) {
        if (e.reason() != StorageException.Reason.COMPACTED) {
          throw e;
        }
      }
    }
  }

  /// Arguments: directory, kills, seed. Prints the report and fails when something is wrong.
  public static void main(String[] args) throws IOException, InterruptedException {
    long seed = Long.parseLong(args[2]);
    Report report = new CrashRun(Path.of(args[0]), seed).run(Integer.parseInt(args[1]));
    System.out.println(report);
    if (report.lost + report.phantom > 0) {
      System.err.println("seed " + seed);
      System.exit(1);
    }
  }
}
