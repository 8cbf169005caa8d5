package dev.otherix.apiserver.inprocess;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class InformerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final GroupVersionResource WIDGETS =
      new GroupVersionResource("example.io", "v1", "widgets");

  private final InProcessIdentity identity =
      new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
  private final WidgetServer server;
  private final CuttingTransport transport;
  private final ResourceClient widgets;
  private final List<String> heard = new CopyOnWriteArrayList<>();

  InformerTest() throws Exception {
    server = WidgetServer.start(WidgetServer.newStore(), List.of(identity), List.of());
    transport = new CuttingTransport(new InProcessTransport(server.server().handler(), identity));
    widgets = new ApiClient(transport, ClientOptions.of("test")).resource(WIDGETS);
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
  }

  private static InformerOptions options() {
    return InformerOptions.ALL.withBackoff(
        new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random(1)), Pause.real());
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

  private Informer started(InformerOptions options) {
    Informer informer = new Informer(widgets, options);
    informer.addHandler("test", (key, before, after) -> heard.add(told(key, before, after)));
    informer.start();
    return informer;
  }

  private static String told(
      ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    return key.name() + " " + size(before) + "->" + size(after);
  }

  private static String size(@Nullable ObjectNode object) {
    return object == null ? "none" : object.at("/spec/size").asString();
  }

  private void awaitHeard(String... changes) {
    await().atMost(PATIENCE).until(() -> heard.equals(List.of(changes)));
  }

  @Test
  void start_withObjectsThere_syncsThenFollows() throws InterruptedException {
    widgets.apply(widget("a", 1));
    try (Informer informer = started(options())) {
      assertTrue(informer.awaitSynced(PATIENCE));
      assertEquals(1, informer.all().size());
      awaitHeard("a none->1");
      widgets.apply(widget("a", 2));
      awaitHeard("a none->1", "a 1->2");
      widgets.delete(key("a"), DeleteOptions.DEFAULT);
      awaitHeard("a none->1", "a 1->2", "a 2->none");
      assertEquals(List.of(), informer.all());
    }
    assertTrue(
        transport.requests().stream().anyMatch(r -> r.query().contains("sendInitialEvents=true")));
    assertEquals(1, transport.requests().stream().filter(r -> r.query().contains("watch")).count());
  }

  @Test
  void start_whereInitialEventsAreRefused_lists() throws InterruptedException {
    widgets.apply(widget("a", 1));
    transport.refuseInitialEvents();
    try (Informer informer = started(options())) {
      assertTrue(informer.awaitSynced(PATIENCE));
      widgets.apply(widget("b", 1));
      awaitHeard("a none->1", "b none->1");
    }
    assertTrue(transport.requests().stream().anyMatch(r -> r.query().equals("resourceVersion=0")));
  }

  @Test
  void streamCut_goesOnWithoutReadingAllAgain() throws InterruptedException {
    widgets.apply(widget("a", 1));
    try (Informer informer = started(options())) {
      assertTrue(informer.awaitSynced(PATIENCE));
      for (int i = 2; i < 6; i++) {
        transport.cut();
        int size = i;
        widgets.apply(widget("a", i));
        await().atMost(PATIENCE).until(() -> heard.contains("a " + (size - 1) + "->" + size));
      }
      awaitHeard("a none->1", "a 1->2", "a 2->3", "a 3->4", "a 4->5");
      assertEquals(1, informer.stats().loads());
      assertTrue(informer.stats().streams() > 1);
    }
  }

  @Test
  void slowHandler_delaysNobodyAndHearsTheLatest() throws InterruptedException {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    List<String> slow = new CopyOnWriteArrayList<>();
    try (Informer informer = started(options())) {
      informer.addHandler(
          "slow",
          (key, before, after) -> {
            awaitLatch(mayGoOn);
            slow.add(told(key, before, after));
          });
      widgets.apply(widget("a", 0));
      await().atMost(PATIENCE).until(() -> heard.contains("a none->0"));
      for (int i = 1; i < 50; i++) {
        ObjectNode written = widgets.apply(widget("a", i));
        String version = written.at("/metadata/resourceVersion").asString();
        assertTrue(informer.awaitRevision(version, PATIENCE));
      }
      widgets.apply(widget("b", 7));
      await().atMost(PATIENCE).until(() -> heard.contains("b none->7"));
      mayGoOn.countDown();
      await().atMost(PATIENCE).until(() -> slow.contains("b none->7"));
      assertEquals(List.of("a none->0", "a 0->49", "b none->7"), slow);
    }
  }

  /// Who reads the copy may have gone by it before its handler heard of it.
  @Test
  void objectThatCameAndWent_betweenTwoCalls_isToldAsGone() throws InterruptedException {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    List<String> slow = new CopyOnWriteArrayList<>();
    try (Informer informer = started(options())) {
      informer.addHandler(
          "slow",
          (key, before, after) -> {
            awaitLatch(mayGoOn);
            slow.add(told(key, before, after));
          });
      widgets.apply(widget("first", 0));
      await().atMost(PATIENCE).until(() -> heard.contains("first none->0"));
      widgets.apply(widget("a", 1));
      await().atMost(PATIENCE).until(() -> informer.get(key("a")).isPresent());
      widgets.delete(key("a"), DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> informer.get(key("a")).isEmpty());
      mayGoOn.countDown();
      await().atMost(PATIENCE).until(() -> slow.size() == 2);
      assertEquals(List.of("first none->0", "a 1->none"), slow);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void handler_thatFails_hearsWhatFollows() throws InterruptedException {
    try (Informer informer = new Informer(widgets, options())) {
      informer.addHandler(
          "failing",
          (key, before, after) -> {
            heard.add(told(key, before, after));
            throw new IllegalStateException("on purpose");
          });
      informer.start();
      widgets.apply(widget("a", 1));
      awaitHeard("a none->1");
      widgets.apply(widget("b", 1));
      awaitHeard("a none->1", "b none->1");
    }
  }

  @Test
  void addHandler_late_hearsWhatIsThere() throws InterruptedException {
    widgets.apply(widget("a", 1));
    try (Informer informer = new Informer(widgets, options())) {
      informer.start();
      assertTrue(informer.awaitSynced(PATIENCE));
      informer.addHandler("late", (key, before, after) -> heard.add(told(key, before, after)));
      awaitHeard("a none->1");
    }
  }

  @Test
  void byIndex_followsChanges() throws InterruptedException {
    InformerOptions indexed = options().withIndex("size", o -> List.of(size(o)));
    try (Informer informer = started(indexed)) {
      widgets.apply(widget("a", 1));
      ObjectNode b = widgets.apply(widget("b", 1));
      assertTrue(informer.awaitRevision(b.at("/metadata/resourceVersion").asString(), PATIENCE));
      assertEquals(2, informer.byIndex("size", "1").size());
      ObjectNode moved = widgets.apply(widget("b", 2));
      String version = moved.at("/metadata/resourceVersion").asString();
      assertTrue(informer.awaitRevision(version, PATIENCE));
      assertEquals(1, informer.byIndex("size", "1").size());
      assertEquals("b", informer.byIndex("size", "2").getFirst().at("/metadata/name").asString());
      assertFalse(informer.awaitRevision("9" + version, Duration.ofMillis(1)));
    }
  }

  @Test
  void serverRestarted_changesMeanwhileAppear(@TempDir Path directory) throws Exception {
    DataDirectory data = DataDirectory.open(directory, InstantSource.system(), new SecureRandom());
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    WidgetServer first = listening(data, tls, 0);
    int port = ((InetSocketAddress) first.server().addresses().getFirst()).getPort();
    URI uri = URI.create("https://127.0.0.1:" + port);
    try (Transport https = HttpTransport.to(Kubeconfig.read(data.writeKubeconfig(uri)));
        Informer informer =
            new Informer(
                new ApiClient(https, ClientOptions.of("test")).resource(WIDGETS), options())) {
      ResourceClient direct = direct(first);
      direct.apply(widget("stays", 1));
      direct.apply(widget("goes", 1));
      informer.addHandler("test", (key, before, after) -> heard.add(told(key, before, after)));
      informer.start();
      awaitSize(2);
      first.close();
      try (WidgetServer between = WidgetServer.start(open(data), List.of(identity), List.of())) {
        direct(between).delete(key("goes"), DeleteOptions.DEFAULT);
        direct(between).apply(widget("stays", 2));
        direct(between).apply(widget("new", 3));
      }
      try (WidgetServer _ = listening(data, tls, port)) {
        awaitSize(5);
        assertTrue(
            heard.containsAll(List.of("goes 1->none", "stays 1->2", "new none->3")),
            heard.toString());
        assertEquals(2, informer.stats().loads());
      }
    }
  }

  /// More than the connection takes at once: the rest has to follow by itself.
  @Test
  void manyObjectsOverTls_comeInOneStream(@TempDir Path directory) throws Exception {
    DataDirectory data = DataDirectory.open(directory, InstantSource.system(), new SecureRandom());
    ReloadableTls tls = new ReloadableTls(data.serverTls(List.of("127.0.0.1")));
    try (WidgetServer listening = listening(data, tls, 0)) {
      ResourceClient direct = direct(listening);
      for (int i = 0; i < 1000; i++) {
        ObjectNode large = widget("w" + i, i);
        large.withObjectProperty("spec").put("colour", "red".repeat(300));
        direct.create(large);
      }
      int port = ((InetSocketAddress) listening.server().addresses().getFirst()).getPort();
      URI uri = URI.create("https://127.0.0.1:" + port);
      try (Transport https = HttpTransport.to(Kubeconfig.read(data.writeKubeconfig(uri)));
          Informer informer =
              new Informer(
                  new ApiClient(https, ClientOptions.of("test")).resource(WIDGETS), options())) {
        informer.start();
        assertTrue(informer.awaitSynced(PATIENCE));
        assertEquals(1000, informer.all().size());
        assertEquals(0, informer.stats().failures());
      }
    }
  }

  private void awaitSize(int changes) {
    await().atMost(PATIENCE).until(() -> heard.size() == changes);
  }

  private WidgetServer listening(DataDirectory data, ReloadableTls tls, int port) throws Exception {
    InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return WidgetServer.start(
        open(data),
        List.of(identity, new ClientCertificates()),
        List.of(new Listener.Tcp(at, tls)));
  }

  private static RocksStorage open(DataDirectory data) {
    return RocksStorage.open(RocksOptions.in(data.store()));
  }

  private ResourceClient direct(WidgetServer to) {
    Transport way = new InProcessTransport(to.server().handler(), identity);
    return new ApiClient(way, ClientOptions.of("test")).resource(WIDGETS);
  }

  @Test
  void resync_tellsWhatIsThereAgain_andNothingThatIsGone() throws Exception {
    widgets.create(widget("a", 1));
    widgets.create(widget("b", 1));
    try (Informer informer = new Informer(widgets, options())) {
      informer.addHandler(
          "resynced",
          (key, before, after) ->
              heard.add(key.name() + (Objects.equals(before, after) ? " again" : " changed")),
          Duration.ofMillis(20));
      informer.start();
      await().atMost(PATIENCE).until(() -> heard.containsAll(List.of("a again", "b again")));
      widgets.delete(new ObjectKey("default", "b"), DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> heard.lastIndexOf("b changed") > 1);
      heard.subList(0, heard.lastIndexOf("b changed") + 1).clear();
      await().atMost(PATIENCE).until(() -> heard.size() > 2);
      assertFalse(heard.contains("b again"), heard.toString());
    }
  }
}
