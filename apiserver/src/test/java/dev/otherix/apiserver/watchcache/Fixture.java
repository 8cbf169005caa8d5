package dev.otherix.apiserver.watchcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.selector.LabelSelector;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Outcome;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.function.Executable;

/// A store whose values are `color` or `color,node`, and a cache over `/w/` of it: the color is the
/// label `color`, the node the field `spec.node`. Clock and back-off are the test's.
final class Fixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final Duration MOMENT = Duration.ofMillis(50);
  private static final EncodedObject.Head HEAD = EncodedObject.Head.of("test/v1", "W");

  final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  final InstantSource clock = now::get;
  final FaultyStorage store;
  final WatchCache cache;

  Fixture() {
    this(options());
  }

  Fixture(CacheOptions options) {
    this(new FaultyStorage(new MemoryStorage(InstantSource.system())), options);
  }

  Fixture(FaultyStorage store, CacheOptions options) {
    this.store = store;
    this.cache =
        WatchCache.start(
            store,
            options.withTimes(options.waitMax(), _ -> Duration.ofMillis(1), clock),
            Fixture::item);
  }

  static CacheOptions options() {
    return CacheOptions.of("/w/");
  }

  /// Gives up waiting early, for cases that wait in vain.
  static CacheOptions impatient() {
    return options().withTimes(MOMENT, _ -> Duration.ofMillis(1), InstantSource.system());
  }

  static CacheItem item(Entry entry) {
    String[] parts = new String(entry.value(), StandardCharsets.UTF_8).split(",", 2);
    String name = entry.key().substring(entry.key().lastIndexOf('/') + 1);
    Map<String, String> fields =
        parts.length == 1
            ? Map.of("metadata.name", name)
            : Map.of("metadata.name", name, "spec.node", parts[1]);
    EncodedObject object = EncodedObject.ofBody(HEAD, entry.revision(), entry.value());
    return new CacheItem(entry.key(), object, fields, Map.of("color", parts[0]));
  }

  static Filter labels(String selector) {
    return Filter.of("", LabelSelector.parse(selector), FieldSelector.parse(""));
  }

  static Filter fields(String selector) {
    return Filter.of("", LabelSelector.parse(""), FieldSelector.parse(selector));
  }

  void pass(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Creates or updates.
  long put(String name, String value) {
    return put(store, "/w/" + name, bytes(value));
  }

  static long put(Storage store, String key, byte[] value) {
    Entry current = store.get(key, ReadAt.LATEST);
    Outcome outcome =
        current == null
            ? store.create(key, value, null)
            : store.update(key, value, current.revision(), null);
    return assertInstanceOf(Outcome.Written.class, outcome).revision();
  }

  long elsewhere() {
    return put(store, "/elsewhere/x", bytes("x"));
  }

  long delete(String name) {
    Entry current = store.get("/w/" + name, ReadAt.LATEST);
    Outcome outcome = store.delete("/w/" + name, current == null ? 0 : current.revision());
    return assertInstanceOf(Outcome.Written.class, outcome).revision();
  }

  /// Until the cache has come that far.
  void settle() throws InterruptedException {
    assertTrue(cache.awaitFresh(store.revision(), PATIENCE));
  }

  CacheWatch watch(long after) throws InterruptedException {
    return watch(after, Filter.everything());
  }

  CacheWatch watch(long after, Filter filter) throws InterruptedException {
    return cache.watch(WatchRequest.of(new WatchStart.After(after), filter));
  }

  /// The next `count` events.
  static List<WatchEvent> take(CacheWatch watch, int count) throws InterruptedException {
    List<WatchEvent> events = new ArrayList<>();
    while (events.size() < count) {
      CacheWatch.Batch batch = watch.next(PATIENCE);
      if (batch.events().isEmpty()) {
        throw new AssertionError(count + " events wanted, and only these came: " + texts(events));
      }
      events.addAll(batch.events());
    }
    assertEquals(count, events.size(), () -> texts(events).toString());
    return events;
  }

  /// All events until the watch has come as far as the store is now.
  List<WatchEvent> drain(CacheWatch watch) throws InterruptedException {
    settle();
    List<WatchEvent> events = new ArrayList<>();
    for (List<WatchEvent> batch = watch.poll().events();
        !batch.isEmpty();
        batch = watch.poll().events()) {
      events.addAll(batch);
    }
    return events;
  }

  static String text(CacheItem item) {
    String body = new String(item.object().body(), StandardCharsets.UTF_8);
    return item.key().substring("/w/".length()) + "=" + body;
  }

  /// `+a=red`, `~a=red`, `-a=red`, `*`, `*end`.
  static List<String> texts(List<WatchEvent> events) {
    return events.stream()
        .map(event ->
            switch (event) {
              case WatchEvent.Added added -> "+" + text(added.item());
              case WatchEvent.Modified modified -> "~" + text(modified.item());
              case WatchEvent.Deleted deleted -> "-" + text(deleted.item());
              case WatchEvent.Bookmark bookmark -> bookmark.initialEventsEnd() ? "*end" : "*";
            })
        .toList();
  }

  static List<Long> revisions(List<WatchEvent> events) {
    return events.stream().map(WatchEvent::revision).toList();
  }

  static List<String> texts(Listing listing) {
    return listing.items().stream().map(Fixture::text).toList();
  }

  static ApiException refused(StatusReason reason, Executable call) {
    ApiException refusal = assertThrows(ApiException.class, call);
    assertEquals(reason.wireName(), refusal.status().reason());
    return refusal;
  }

  @Override
  public void close() {
    cache.close();
    store.close();
  }
}
