package dev.otherix.apiserver.storage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Clients that write and read few keys of a store at once and note what they asked and heard, for
/// [Linearizability]. Works on every engine; failures with `UNKNOWN_OUTCOME` are noted as such.
final class ConcurrentHistory {
  private final Storage store;
  private final String prefix;
  private final int keys;
  private final AtomicLong time = new AtomicLong();
  private final ConcurrentLinkedQueue<Operation> operations = new ConcurrentLinkedQueue<>();

  ConcurrentHistory(Storage store, String prefix, int keys) {
    this.store = store;
    this.prefix = prefix;
    this.keys = keys;
  }

  /// Runs `clients` threads of `rounds` operations each and gives back what they noted.
  List<Operation> run(int clients, int rounds, long seed) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      SplittableRandom random = new SplittableRandom(seed * 1000 + i);
      String name = "c" + i;
      threads.add(Thread.ofPlatform().name(name).start(() -> client(name, random, rounds)));
    }
    for (Thread each : threads) {
      each.join();
    }
    return new ArrayList<>(operations);
  }

  private void client(String name, SplittableRandom random, int rounds) {
    long[] known = new long[keys];
    for (int round = 0; round < rounds; round++) {
      int number = random.nextInt(keys);
      String key = prefix + number;
      String value = name + "." + round;
      Operation.Kind kind =
          switch (random.nextInt(10)) {
            case 0, 1 -> Operation.Kind.CREATE;
            case 2, 3, 4, 5 -> Operation.Kind.UPDATE;
            case 6 -> Operation.Kind.DELETE;
            default -> Operation.Kind.GET;
          };
      known[number] = once(kind, key, value, known[number]);
    }
  }

  /// @return the revision that the key was seen at
  private long once(Operation.Kind kind, String key, String value, long expected) {
    long asked = time.incrementAndGet();
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    try {
      return switch (kind) {
        case GET -> get(key, asked);
        case CREATE -> heard(kind, key, value, 0, asked, store.create(key, bytes, null));
        case UPDATE ->
            heard(kind, key, value, expected, asked, store.update(key, bytes, expected, null));
        case DELETE -> heard(kind, key, null, expected, asked, store.delete(key, expected));
      };
    } catch (StorageException e) {
      if (e.reason() == StorageException.Reason.UNKNOWN_OUTCOME) {
        note(kind, key, kind == Operation.Kind.DELETE ? null : value, expected, asked, null);
      }
    }
    return expected;
  }

  private long get(String key, long asked) {
    Entry entry = store.get(key, ReadAt.LATEST);
    String found = entry == null ? null : new String(entry.value(), StandardCharsets.UTF_8);
    long revision = entry == null ? 0 : entry.revision();
    note(Operation.Kind.GET, key, found, 0, asked, new Operation.Answer(false, revision));
    return revision;
  }

  private long heard(
      Operation.Kind kind,
      String key,
      @Nullable String value,
      long expected,
      long asked,
      Outcome outcome) {
    Operation.Answer answer =
        switch (outcome) {
          case Outcome.Written written -> new Operation.Answer(true, written.revision());
          case Outcome.Exists exists -> new Operation.Answer(false, exists.current().revision());
          case Outcome.Changed changed -> new Operation.Answer(false, changed.current().revision());
          case Outcome.Missing _ -> new Operation.Answer(false, 0);
        };
    note(kind, key, value, expected, asked, answer);
    return kind == Operation.Kind.DELETE && answer.written() ? 0 : answer.revision();
  }

  private void note(
      Operation.Kind kind,
      String key,
      @Nullable String value,
      long expected,
      long asked,
      Operation.@Nullable Answer answer) {
    long answered = answer == null ? Long.MAX_VALUE : time.incrementAndGet();
    operations.add(new Operation(kind, key, value, expected, asked, answered, answer));
  }
}
