package dev.otherix.apiserver.inprocess;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Gap;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.FaultyTransport.End;
import dev.otherix.apiserver.inprocess.FaultyTransport.Fault;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/// What client-go's tests of its reflector and shared informer say that clients do, of ours,
/// against the real server. On the left their names.
///
/// | theirs | here, or in [InformerTest] (I) |
/// |---|---|
/// | ListAndWatch, WatchList "RV empty" | I start_withObjectsThere_syncsThenFollows |
/// | ListAndWatchWithErrors, RetryInternalError | failuresOfEveryKind_areOutlasted |
/// | InitConnBackoff, BackoffOnTooManyRequests | failures_areWaitedFor_longerEachTime |
/// | NoRelistOnTooManyRequests | tooManyRequests_readsNothingAgain |
/// | WatchListPageSize, PaginatingNonConsistentReads | staleRevision_inAList_readsPagesConsistently |
/// | NotPaginatingNotConsistentReads | firstList_isWholeAndFromTheCache |
/// | FullListIfExpired, WatchList "expiry" | streamExpires_readsAllAgain_handlersMissNothing |
/// | FullListIfTooLarge | revisionOfTheFuture_readsAllAgain |
/// | WatchTimeout | watches_endByThemselves_atDifferentTimes |
/// | ResourceVersionUpdate, StoreResourceVersion | resume_beginsWhereTheLastEventEnded |
/// | WatchList "not synced before the bookmark", "annotation value" | unmarkedEnd_doesNotSync |
/// | WatchList "fallback on Invalid" | I start_whereInitialEventsAreRefused_lists |
/// | WatchList "fallback on any other error" | refusedInitialEvents_whateverTheReason_lists |
/// | WatchList "updates and deletes inside" | changesDuringTheStart_areInTheResult |
/// | WatchList "stop before sync", "stop after sync" | streamEnds_beforeAndAfterTheSync |
/// | the stop and close cases | closed_atAnyPoint_tellsNothingMore |
/// | WatchDisruption, ResetWatch | I serverRestarted_changesMeanwhileAppear |
/// | DeletionHandlingObjectToName, ReplaceEvents | deletedInTheGap_isToldWithItsLastState |
/// | HammerController, InitializationRace | hammered_everyHandlerEndsWithTheTruth |
/// | ErrorHandling, EventPanics | I handler_thatFails_hearsWhatFollows |
/// | MultipleRegistration, HandlerAbuse | hammered_everyHandlerEndsWithTheTruth, I slowHandler_... |
///
/// Not taken over: RemoveHandler (handlers stay as long as their informer),
/// ReplacesStoreOnUnsafeDelete and IsUnsupportedTableObject (nothing here asks for either).
@Tag("slow")
final class FollowerBehaviourTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final GroupVersionResource WIDGETS =
      new GroupVersionResource("example.io", "v1", "widgets");
  private static final Fault NONE = new Fault.None();
  private static final Fault BROKEN = new Fault.Broken();
  private static final Fault BUSY = new Fault.Refused(429, "TooManyRequests");
  private static final Fault NO_INITIAL_EVENTS = new Fault.Refused(422, "Invalid");

  private final InProcessIdentity identity =
      new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
  private final WidgetServer server;
  private final FaultyTransport transport;
  private final ResourceClient watched;
  private final ResourceClient widgets;
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();

  FollowerBehaviourTest() throws Exception {
    server = WidgetServer.start(WidgetServer.newStore(), List.of(identity), List.of());
    InProcessTransport real = new InProcessTransport(server.server().handler(), identity);
    transport = new FaultyTransport(real);
    watched = new ApiClient(transport, ClientOptions.of("test").withoutRetries()).resource(WIDGETS);
    widgets = new ApiClient(real, ClientOptions.of("test")).resource(WIDGETS);
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
  }

  /// Waits are noted, and over at once.
  private InformerOptions options() {
    Backoff backoff = new Backoff(Duration.ofMillis(800), Duration.ofSeconds(30), new Random(1));
    return InformerOptions.ALL.withBackoff(
        backoff,
        time -> {
          pauses.add(time);
          Thread.onSpinWait();
        });
  }

  private Informer started() {
    Informer informer = new Informer(watched, options());
    informer.addHandler("test", (key, before, after) -> heard.add(told(key, before, after)));
    informer.start();
    return informer;
  }

  private Informer synced() throws InterruptedException {
    Informer informer = started();
    assertTrue(informer.awaitSynced(PATIENCE));
    return informer;
  }

  private static String told(
      ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    return key.name() + " " + size(before) + "->" + size(after);
  }

  private static String size(@Nullable ObjectNode object) {
    return object == null ? "none" : object.at("/spec/size").asString();
  }

  private static ObjectNode widget(String name, int size) {
    return Json.parseObject(
        """
        {"apiVersion": "example.io/v1", "kind": "Widget",
         "metadata": {"name": "%s", "namespace": "default"}, "spec": {"size": %d}}
        """
            .formatted(name, size));
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  private String put(String name, int size) throws InterruptedException {
    return widgets.apply(widget(name, size)).at("/metadata/resourceVersion").asString();
  }

  private void awaitHeard(String... changes) {
    await().atMost(PATIENCE).until(() -> heard.equals(List.of(changes)));
  }

  private void awaitWatches(long count) {
    await().atMost(PATIENCE).until(() -> transport.watches() == count);
  }

  @Test
  void failuresOfEveryKind_areOutlasted() throws InterruptedException {
    put("a", 1);
    transport.onWatch(
        BROKEN,
        BUSY,
        new Fault.Refused(500, "InternalError"),
        new Fault.Ends(0, End.BROKEN),
        new Fault.Ends(0, End.CLOSED));
    transport.onList(BROKEN, new Fault.Refused(403, "Forbidden"), BUSY);
    try (Informer informer = synced()) {
      awaitHeard("a none->1");
      put("a", 2);
      awaitHeard("a none->1", "a 1->2");
      assertEquals(1, informer.all().size());
    }
  }

  @Test
  void failures_areWaitedFor_longerEachTime() throws InterruptedException {
    transport.onWatch(BUSY, BROKEN, BUSY, BROKEN, BUSY, BROKEN, BUSY, BROKEN);
    try (Informer _ = synced()) {
      assertEquals(8, pauses.size());
      long step = 800;
      for (Duration each : pauses) {
        assertTrue(each.toMillis() >= step / 2 && each.toMillis() <= step, pauses.toString());
        step = Math.min(2 * step, 30_000);
      }
    }
  }

  @Test
  void tooManyRequests_readsNothingAgain() throws InterruptedException {
    put("a", 1);
    transport.onWatch(NONE, BUSY, BROKEN, new Fault.Refused(500, "InternalError"), BUSY);
    try (Informer informer = synced()) {
      transport.cut();
      awaitWatches(6);
      put("a", 2);
      awaitHeard("a none->1", "a 1->2");
      assertEquals(1, informer.stats().loads());
      assertEquals(0, transport.lists());
    }
  }

  @Test
  void firstList_isWholeAndFromTheCache() throws InterruptedException {
    put("a", 1);
    transport.onWatch(NO_INITIAL_EVENTS);
    try (Informer _ = synced()) {
      awaitWatches(2);
      assertEquals("resourceVersion=0", transport.queries().get(1));
    }
  }

  @Test
  void staleRevision_inAList_readsPagesConsistently() throws InterruptedException {
    put("a", 1);
    Fault gone = new Fault.Refused(410, "Expired");
    transport.onWatch(NO_INITIAL_EVENTS, gone, NO_INITIAL_EVENTS);
    try (Informer informer = synced()) {
      awaitWatches(4);
      await().atMost(PATIENCE).until(() -> informer.stats().loads() == 2);
      assertTrue(transport.queries().contains("limit=500"), transport.queries().toString());
      put("a", 2);
      awaitHeard("a none->1", "a 1->2");
    }
  }

  @Test
  void streamExpires_readsAllAgain_handlersMissNothing() throws InterruptedException {
    put("stays", 1);
    put("goes", 1);
    transport.onWatch(NONE, new Fault.Ends(0, End.EXPIRED), BUSY);
    try (Informer informer = synced()) {
      await().atMost(PATIENCE).until(() -> heard.size() == 2);
      heard.clear();
      widgets.delete(key("goes"), DeleteOptions.DEFAULT);
      awaitHeard("goes 1->none");
      transport.cut();
      await().atMost(PATIENCE).until(() -> informer.stats().loads() == 2);
      put("stays", 2);
      awaitHeard("goes 1->none", "stays 1->2");
    }
  }

  @Test
  void revisionOfTheFuture_readsAllAgain() throws InterruptedException {
    put("a", 1);
    transport.onWatch(NONE, new Fault.Refused(504, "Timeout"));
    try (Informer informer = synced()) {
      transport.cut();
      await().atMost(PATIENCE).until(() -> informer.stats().loads() == 2);
      put("a", 2);
      awaitHeard("a none->1", "a 1->2");
    }
  }

  @Test
  void watches_endByThemselves_atDifferentTimes() throws InterruptedException {
    Pattern timeout = Pattern.compile("timeoutSeconds=([0-9]+)");
    try (Informer _ = synced()) {
      for (int i = 1; i <= 8; i++) {
        int before = i;
        await()
            .atMost(PATIENCE)
            .until(() -> {
              transport.cut();
              return transport.watches() > before;
            });
      }
    }
    Map<Integer, Integer> times = new HashMap<>();
    for (String query : transport.queries()) {
      Matcher matcher = timeout.matcher(query);
      assertTrue(matcher.find(), query);
      times.merge(Integer.parseInt(matcher.group(1)), 1, Integer::sum);
    }
    assertTrue(times.keySet().stream().allMatch(each -> each >= 300 && each <= 600));
    assertTrue(times.size() > 1, times.toString());
  }

  @Test
  void resume_beginsWhereTheLastEventEnded() throws InterruptedException {
    put("a", 1);
    try (Informer informer = synced()) {
      String last = put("a", 2);
      assertTrue(informer.awaitRevision(last, PATIENCE));
      assertEquals(last, informer.revision());
      transport.cut();
      awaitWatches(2);
      String query = transport.queries().getLast();
      assertTrue(query.contains("resourceVersion=" + last), query);
      assertTrue(query.contains("allowWatchBookmarks=true"), query);
      assertFalse(query.contains("sendInitialEvents"), query);
    }
  }

  @Test
  void unmarkedEnd_doesNotSync() throws InterruptedException {
    put("a", 1);
    transport.onWatch(new Fault.Unmarked());
    try (Informer informer = started()) {
      awaitWatches(1);
      assertFalse(informer.awaitSynced(Duration.ofMillis(200)));
      assertEquals(List.of(), heard);
      transport.cut();
      assertTrue(informer.awaitSynced(PATIENCE));
      awaitHeard("a none->1");
    }
  }

  @Test
  void refusedInitialEvents_whateverTheReason_lists() throws InterruptedException {
    put("a", 1);
    int watches = 0;
    for (int code : new int[] {400, 403, 404, 405, 422, 500, 501}) {
      long lists = transport.lists();
      transport.onWatch(new Fault.Refused(code, "Unknown"));
      try (Informer _ = synced()) {
        assertEquals(lists + 1, transport.lists(), "code " + code);
        // Its second watch must not take the refusal that is meant for the next informer's first.
        watches += 2;
        awaitWatches(watches);
      }
    }
  }

  @Test
  void changesDuringTheStart_areInTheResult() throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      put("w" + i, 0);
    }
    try (Informer informer = started()) {
      for (int i = 0; i < 50; i += 2) {
        put("w" + i, 1);
        widgets.delete(key("w" + (i + 1)), DeleteOptions.DEFAULT);
      }
      String last = put("last", 1);
      assertTrue(informer.awaitRevision(last, PATIENCE));
      assertEquals(26, informer.all().size());
      assertTrue(informer.all().stream().allMatch(each -> size(each).equals("1")));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void streamEnds_beforeAndAfterTheSync(End how) throws InterruptedException {
    put("a", 1);
    put("b", 1);
    // One of two objects, then the end; then all of it and its bookmark, then the end.
    transport.onWatch(new Fault.Ends(1, how), new Fault.Ends(3, how));
    try (Informer informer = synced()) {
      awaitWatches(3);
      long initial =
          transport.queries().stream().filter(each -> each.contains("sendInitialEvents")).count();
      assertEquals(how == End.EXPIRED ? 3 : 2, initial, "what was known counts after the sync");
      put("a", 2);
      await().atMost(PATIENCE).until(() -> heard.contains("a 1->2"));
      assertEquals(3, heard.size(), heard.toString());
      assertEquals(2, informer.all().size());
    }
  }

  @Test
  void closed_atAnyPoint_tellsNothingMore() throws InterruptedException {
    put("a", 1);
    new Informer(watched, options()).close();
    Informer neverStarted = new Informer(watched, options());
    neverStarted.close();
    neverStarted.start();
    assertEquals(0, transport.watches(), "closed before the start");
    transport.onWatch(new Fault.Unmarked());
    Informer starting = started();
    awaitWatches(1);
    starting.close();
    Informer running = synced();
    await().atMost(PATIENCE).until(() -> !heard.isEmpty());
    running.close();
    heard.clear();
    long watches = transport.watches();
    put("a", 2);
    transport.cut();
    try (Informer other = synced()) {
      assertTrue(other.awaitRevision(put("a", 3), PATIENCE));
    }
    assertEquals(watches + 1, transport.watches(), "the closed ones did not watch again");
    assertEquals(1, running.all().size(), "what it knew stays readable");
    assertFalse(starting.isSynced());
  }

  @Test
  void deletedInTheGap_isToldWithItsLastState() throws InterruptedException {
    put("a", 7);
    put("b", 1);
    transport.onWatch(NONE, BUSY, new Fault.Refused(410, "Expired"));
    try (Informer informer = new Informer(watched, options())) {
      List<Integer> lastSizes = new CopyOnWriteArrayList<>();
      informer.addHandler(
          "last",
          (_, before, after) -> {
            if (after == null) {
              lastSizes.add(Objects.requireNonNull(before).at("/spec/size").asInt());
            }
          });
      informer.start();
      assertTrue(informer.awaitSynced(PATIENCE));
      transport.cut();
      widgets.delete(key("a"), DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> lastSizes.equals(List.of(7)));
      assertEquals(1, informer.all().size());
    }
  }

  /// What came and went while nobody watched left nothing: there was no state that anybody here
  /// could have gone by. Who wrote it hears of the gap.
  @Test
  void cameAndWentInTheGap_isNotTold() throws InterruptedException {
    put("a", 1);
    try (Informer informer = Informer.byHand(watched, options())) {
      informer.addHandler("test", (key, before, after) -> heard.add(told(key, before, after)));
      List<Gap> gaps = new CopyOnWriteArrayList<>();
      informer.addGapListener(gaps::add);
      while (!informer.isSynced()) {
        informer.advance();
      }
      assertEquals(List.of(), gaps);
      transport.onWatch(new Fault.Refused(410, "Expired"));
      transport.cut();
      String born = put("mayfly", 1);
      widgets.delete(key("mayfly"), DeleteOptions.DEFAULT);
      String last = put("a", 2);
      while (!informer.hasReached(last)) {
        informer.advance();
      }
      while (informer.tell()) {
        assertFalse(heard.isEmpty());
      }
      assertEquals(List.of("a none->2"), heard.stream().filter(e -> e.startsWith("a")).toList());
      assertEquals(2, informer.stats().loads());
      assertFalse(heard.stream().anyMatch(e -> e.startsWith("mayfly")), heard.toString());
      assertEquals(1, gaps.size());
      assertTrue(gaps.getFirst().holds(born));
    }
  }

  /// Handlers join at any time, streams end in every way, and each handler's view is a chain
  /// without a hole that ends with what the server has.
  @Test
  void hammered_everyHandlerEndsWithTheTruth() throws InterruptedException {
    Random random = new Random(7);
    List<View> views = new CopyOnWriteArrayList<>();
    try (Informer informer = new Informer(watched, options())) {
      informer.start();

      for (int i = 0; i < 600; i++) {
        String name = "w" + random.nextInt(12);
        switch (random.nextInt(20)) {
          case 0 -> transport.cut();
          case 1 -> transport.onWatch(new Fault.Ends(random.nextInt(3), End.BROKEN));
          case 2 -> transport.onWatch(new Fault.Ends(random.nextInt(3), End.EXPIRED));
          case 3 -> transport.onWatch(BUSY, NO_INITIAL_EVENTS);
          case 4 -> {
            View view = new View();
            views.add(view);
            informer.addHandler("view" + views.size(), view::changed);
          }
          case 5, 6, 7 -> {
            if (widgets.find(key(name)).isPresent()) {
              widgets.delete(key(name), DeleteOptions.DEFAULT);
            }
          }
          default -> put(name, i);
        }
      }
      String last = put("last", 1);
      assertTrue(informer.awaitRevision(last, PATIENCE));
      Map<ObjectKey, ObjectNode> truth = new HashMap<>();
      for (ObjectNode each : widgets.list(ListOptions.ALL).items()) {
        truth.put(ResourceClient.keyOf(each), each);
      }
      assertTrue(views.size() > 10, "the seed makes too few handlers");
      for (View view : views) {
        await().atMost(PATIENCE).until(() -> view.shows(truth));
        assertEquals(List.of(), view.broken);
      }
    }
  }

  /// What one handler believes.
  private static final class View {
    private final Map<ObjectKey, ObjectNode> objects = new ConcurrentHashMap<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();

    void changed(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
      ObjectNode known = objects.get(key);
      // Of what came and went between two calls it hears as gone, and did not know it.
      boolean mayfly = known == null && after == null;
      if (!mayfly && !Objects.equals(known, before)) {
        broken.add(key.name());
      }
      if (after == null) {
        objects.remove(key);
      } else {
        objects.put(key, after);
      }
    }

    boolean shows(Map<ObjectKey, ObjectNode> truth) {
      return objects.keySet().equals(truth.keySet())
          && truth.entrySet().stream()
              .allMatch(each ->
                  version(each.getValue())
                      .equals(version(objects.getOrDefault(each.getKey(), each.getValue()))));
    }

    private static String version(ObjectNode object) {
      return object.at("/metadata/resourceVersion").asString();
    }
  }
}
