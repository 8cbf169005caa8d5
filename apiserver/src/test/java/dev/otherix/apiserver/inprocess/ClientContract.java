package dev.otherix.apiserver.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.DeleteOptions.Propagation;
import dev.otherix.apimachinery.client.Discovery;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ListPage;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.TypedClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionKind;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.patch.PatchType;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.node.ObjectNode;

/// What a client does, whatever the transport.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClientContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final GroupVersionResource WIDGETS =
      new GroupVersionResource("example.io", "v1", "widgets");

  private WidgetServer server;
  private Transport transport;
  private ApiClient client;
  private ResourceClient widgets;
  private final List<String> warnings = new ArrayList<>();
  private final List<String> writes = new ArrayList<>();

  abstract WidgetServer start() throws Exception;

  abstract Transport connect(WidgetServer to) throws Exception;

  @BeforeAll
  void begin() throws Exception {
    server = start();
    transport = connect(server);
  }

  @BeforeEach
  void newClient() {
    warnings.clear();
    writes.clear();
    client =
        new ApiClient(
            transport,
            ClientOptions.of("contract")
                .withWarnings(warnings::add)
                .withWrites((resource, version) -> writes.add(resource.resource() + version)));
    widgets = client.resource(WIDGETS);
  }

  @AfterEach
  void empty() throws InterruptedException {
    widgets.deleteCollection(ListOptions.ALL.inNamespace("default"), DeleteOptions.DEFAULT);
  }

  @AfterAll
  void end() {
    transport.close();
    server.close();
  }

  private static ObjectNode widget(String name, int size) {
    return Json.parseObject(
        """
        {"apiVersion": "example.io/v1", "kind": "Widget",
         "metadata": {"name": "%s", "namespace": "default", "labels": {"size": "s%d"}},
         "spec": {"size": %d}}
        """
            .formatted(name, size, size));
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  @Test
  void create_thenGet_isTheSameObject() throws InterruptedException {
    ObjectNode created = widgets.create(widget("a", 1));
    assertTrue(Json.equal(created, widgets.get(key("a"))));
    assertEquals("red", created.at("/spec/colour").asString());
    assertEquals("contract", created.at("/metadata/managedFields/0/manager").asString());
    assertEquals(List.of("widgets" + created.at("/metadata/resourceVersion").asString()), writes);
  }

  @Test
  void create_asDryRun_writesNothing() throws InterruptedException {
    widgets.create(widget("a", 1), WriteOptions.DEFAULT.asDryRun());
    assertEquals(Optional.empty(), widgets.find(key("a")));
    assertEquals(List.of(), writes);
  }

  @Test
  void create_whatIsWrong_throwsWithTheServersStatus() {
    ApiException e = assertThrows(ApiException.class, () -> widgets.create(widget("a", -1)));
    assertTrue(e.is(StatusReason.INVALID));
    assertEquals(422, e.code());
    Status.Details details = Objects.requireNonNull(e.status().details());
    assertEquals("spec.size", details.causes().getFirst().field());
    assertThrowsReason(StatusReason.NOT_FOUND, () -> widgets.get(key("none")));
  }

  @Test
  void create_twice_saysThatItExists() throws InterruptedException {
    widgets.create(widget("a", 1));
    assertThrowsReason(StatusReason.ALREADY_EXISTS, () -> widgets.create(widget("a", 1)));
  }

  @Test
  void create_withUnknownField_warns() throws InterruptedException {
    ObjectNode strange = widget("a", 1);
    strange.withObjectProperty("spec").put("weight", 3);
    widgets.create(strange, WriteOptions.DEFAULT.withFieldValidation("Warn"));
    assertEquals(List.of("unknown field \"spec.weight\""), warnings);
  }

  @Test
  void update_ofAnOldVersion_conflicts() throws InterruptedException {
    ObjectNode first = widgets.create(widget("a", 1));
    ObjectNode second = first.deepCopy();
    second.withObjectProperty("spec").put("size", 2);
    assertEquals(2, widgets.update(second).at("/spec/size").asInt());
    assertThrowsReason(StatusReason.CONFLICT, () -> widgets.update(first));
  }

  @Test
  void update_status_leavesTheSpec() throws InterruptedException {
    ObjectNode object = widgets.create(widget("a", 1));
    object.withObjectProperty("spec").put("size", 9);
    object.putObject("status").put("ready", true);
    ObjectNode changed = widgets.update(object, "status", WriteOptions.DEFAULT);
    assertEquals(1, changed.at("/spec/size").asInt());
    assertTrue(changed.at("/status/ready").asBoolean());
  }

  @Test
  void patch_mergeAndJson_change() throws InterruptedException {
    widgets.create(widget("a", 1));
    widgets.mergePatch(key("a"), "", Json.parseObject("{\"spec\": {\"size\": 5}}"));
    ObjectNode patched =
        widgets.patch(
            key("a"),
            "",
            PatchType.JSON,
            Json.parse("[{\"op\": \"add\", \"path\": \"/spec/colour\", \"value\": \"blue\"}]"),
            WriteOptions.DEFAULT);
    assertEquals("{\"colour\":\"blue\",\"size\":5}", patched.get("spec").toString());
  }

  @Test
  void apply_ofTwoManagers_conflictsUntilForced() throws InterruptedException {
    widgets.apply(widget("a", 1));
    WriteOptions other = WriteOptions.DEFAULT.withFieldManager("other");
    assertThrowsReason(StatusReason.CONFLICT, () -> widgets.apply(widget("a", 2), "", other));
    ObjectNode forced = widgets.apply(widget("a", 2), "", other.withForce());
    assertEquals(2, forced.at("/spec/size").asInt());
  }

  @Test
  void scale_isReadAndWritten() throws InterruptedException {
    widgets.create(widget("a", 1));
    ObjectNode scale = widgets.get(key("a"), "scale");
    scale.withObjectProperty("spec").put("replicas", 7);
    widgets.update(scale, "scale", WriteOptions.DEFAULT);
    assertEquals(7, widgets.get(key("a")).at("/spec/size").asInt());
  }

  @Test
  void delete_withoutFinalizers_isGone() throws InterruptedException {
    widgets.create(widget("a", 1));
    assertEquals(Optional.empty(), widgets.delete(key("a"), DeleteOptions.DEFAULT));
    assertThrowsReason(
        StatusReason.NOT_FOUND, () -> widgets.delete(key("a"), DeleteOptions.DEFAULT));
  }

  @Test
  void delete_ofAnotherObject_isRefused() throws InterruptedException {
    ObjectNode created = widgets.create(widget("a", 1));
    assertThrowsReason(
        StatusReason.CONFLICT,
        () -> widgets.delete(key("a"), DeleteOptions.DEFAULT.onlyUid("another")));
    assertThrowsReason(
        StatusReason.CONFLICT, () -> widgets.delete(key("a"), DeleteOptions.DEFAULT.onlyAt("1")));
    String uid = created.at("/metadata/uid").asString();
    assertEquals(Optional.empty(), widgets.delete(key("a"), DeleteOptions.DEFAULT.onlyUid(uid)));
  }

  @Test
  void delete_inForeground_leavesItWaiting() throws InterruptedException {
    widgets.create(widget("a", 1));
    ObjectNode waiting =
        widgets.delete(key("a"), DeleteOptions.DEFAULT.with(Propagation.FOREGROUND)).orElseThrow();
    assertEquals("foregroundDeletion", waiting.at("/metadata/finalizers/0").asString());
    widgets.mergePatch(key("a"), "", Json.parseObject("{\"metadata\": {\"finalizers\": null}}"));
    assertEquals(Optional.empty(), widgets.find(key("a")));
  }

  @Test
  void list_inPages_isCompleteAtOneRevision() throws InterruptedException {
    for (int i = 0; i < 7; i++) {
      widgets.create(widget("w" + i, i));
    }
    ListPage first = widgets.list(ListOptions.ALL.withLimit(3));
    assertEquals(3, first.items().size());
    assertEquals(4, first.remaining());
    assertEquals("Widget", first.items().getFirst().path("kind").asString());
    widgets.create(widget("w9", 9));
    List<String> names = new ArrayList<>();
    String revision =
        widgets.forEach(
            ListOptions.ALL.withLimit(3), each -> names.add(each.at("/metadata/name").asString()));
    assertEquals(List.of("w0", "w1", "w2", "w3", "w4", "w5", "w6", "w9"), names);
    assertFalse(revision.isEmpty());
  }

  @Test
  void list_withSelector_selects() throws InterruptedException {
    widgets.create(widget("a", 1));
    widgets.create(widget("b", 2));
    ListOptions labels = ListOptions.ALL.inNamespace("default").withSelectors("size in (s2)", "");
    assertEquals(1, widgets.list(labels).items().size());
    ListOptions fields = ListOptions.ALL.withSelectors("", "metadata.name=a");
    assertEquals(1, widgets.list(fields).items().size());
  }

  @Test
  void metadataOnly_bringsNoSpec() throws InterruptedException {
    widgets.create(widget("a", 1));
    ObjectNode item = widgets.metadataOnly().list(ListOptions.ALL).items().getFirst();
    assertEquals("PartialObjectMetadata", item.path("kind").asString());
    assertEquals("a", item.at("/metadata/name").asString());
    assertFalse(item.has("spec"));
    assertFalse(widgets.metadataOnly().get(key("a")).has("spec"));
  }

  @Test
  void watch_afterAList_bringsWhatFollows() throws InterruptedException {
    widgets.create(widget("old", 1));
    String revision = widgets.list(ListOptions.ALL).resourceVersion();
    try (ApiWatch watch = widgets.watch(WatchOptions.ALL.after(revision))) {
      widgets.create(widget("a", 1));
      widgets.mergePatch(key("a"), "", Json.parseObject("{\"spec\": {\"size\": 5}}"));
      widgets.delete(key("a"), DeleteOptions.DEFAULT);
      assertEquals("ADDED a", brief(watch));
      assertEquals("MODIFIED a", brief(watch));
      assertEquals("DELETED a", brief(watch));
      assertInstanceOf(WatchEvent.Quiet.class, watch.next(Duration.ofMillis(1)));
    }
  }

  @Test
  void watch_withInitialEvents_endsThemWithABookmark() throws InterruptedException {
    widgets.create(widget("a", 1));
    try (ApiWatch watch = widgets.watch(WatchOptions.ALL.withInitialEvents())) {
      assertEquals("ADDED a", brief(watch));
      WatchEvent.Bookmark end = (WatchEvent.Bookmark) watch.next(PATIENCE);
      assertTrue(end.endsInitialEvents());
      assertFalse(end.resourceVersion().isEmpty());
    }
  }

  @Test
  void watch_ofAnAncientRevision_throwsExpired() throws InterruptedException {
    widgets.create(widget("a", 1));
    try (ApiWatch watch = widgets.watch(WatchOptions.ALL.after("1"))) {
      assertThrowsReason(StatusReason.EXPIRED, () -> watch.next(PATIENCE));
    }
  }

  @Test
  void watch_ofAnUnknownKind_throws() {
    ResourceClient none = client.resource(new GroupVersionResource("no.such", "v1", "things"));
    assertThrowsReason(StatusReason.NOT_FOUND, () -> none.watch(WatchOptions.ALL).close());
  }

  @Test
  void watch_whoseTimeIsOver_ends() throws InterruptedException {
    String revision = widgets.list(ListOptions.ALL).resourceVersion();
    WatchOptions brief = WatchOptions.ALL.after(revision).withTimeoutSeconds(1);
    try (ApiWatch watch = widgets.watch(brief)) {
      assertInstanceOf(WatchEvent.End.class, watch.next(PATIENCE));
    }
  }

  @Test
  void watch_closedByAnother_ends() throws InterruptedException {
    ApiWatch watch = widgets.watch(WatchOptions.ALL.withInitialEvents());
    watch.next(PATIENCE);
    Thread closer = Thread.ofVirtual().start(watch::close);
    WatchEvent event = watch.next(PATIENCE);
    assertInstanceOf(WatchEvent.End.class, event);
    closer.join();
  }

  @Test
  void discovery_knowsWidgets() throws InterruptedException {
    Discovery.Found found = client.discovery().preferred();
    assertTrue(found.isComplete());
    ServedType type =
        found.types().stream().filter(t -> t.kind().equals("Widget")).findFirst().orElseThrow();
    assertEquals(WIDGETS, type.resource());
    assertTrue(type.namespaced());
    assertTrue(type.can("list", "watch", "delete"));
    assertEquals(
        Optional.of(type),
        client.discovery().find(new GroupVersionKind("example.io", "v1", "Widget")));
    assertEquals(
        Optional.empty(), client.discovery().find(new GroupVersionKind("no.such", "v1", "Widget")));
  }

  @Test
  void typed_readsAndWritesRecords() throws InterruptedException {
    TypedClient<Widget> typed = new TypedClient<>(widgets, Widget.class, "example.io/v1", "Widget");
    ObjectMeta meta = ObjectMeta.EMPTY.withName("a").withNamespace("default");
    Widget created = typed.create(new Widget(meta, new Widget.Spec(3, "green")));
    assertEquals(new Widget.Spec(3, "green"), created.spec());
    assertEquals(created, typed.get(key("a")));
    assertEquals(List.of(created), typed.list(ListOptions.ALL));
  }

  record Widget(ObjectMeta metadata, Spec spec) {
    record Spec(int size, String colour) {}
  }

  @Test
  void send_afterClose_failsWithoutDoubt() throws Exception {
    Transport other = connect(server);
    other.close();
    ApiClient closed = new ApiClient(other, ClientOptions.of("contract"));
    assertThrows(ConnectionException.class, () -> closed.resource(WIDGETS).list(ListOptions.ALL));
  }

  @Test
  void getRaw_readsAnyDocument() throws InterruptedException {
    assertFalse(client.getRaw("/version").path("gitVersion").asString("").isEmpty());
  }

  private static String brief(ApiWatch watch) throws InterruptedException {
    WatchEvent event = watch.next(PATIENCE);
    return event instanceof WatchEvent.Changed(WatchEvent.Type type, ObjectNode object)
        ? type + " " + object.at("/metadata/name").asString()
        : event.toString();
  }

  private interface Call {
    void run() throws InterruptedException;
  }

  private static void assertThrowsReason(StatusReason reason, Call call) {
    ApiException e = assertThrows(ApiException.class, call::run);
    assertEquals(reason.wireName(), e.status().reason());
  }
}
