package dev.otherix.e2e.kubernetes;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.patch.PatchType;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.runtime.Candidacy;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.node.ObjectNode;

/// Runs only where the property `kubernetes.kubeconfig` names a server; each test has a namespace
/// of its own.
final class KubernetesTrial {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");

  private HttpTransport transport;
  private ApiClient client;
  private ResourceClient maps;
  private String namespace;

  @BeforeEach
  void connect(TestInfo test) throws IOException, InterruptedException {
    String file = System.getProperty("kubernetes.kubeconfig");
    assertTrue(file != null, "say which server: -Dkubernetes.kubeconfig=FILE");
    transport = HttpTransport.to(Kubeconfig.read(Path.of(file)));
    client = new ApiClient(transport, ClientOptions.of("trial"));
    maps = client.resource(MAPS);
    namespace =
        "trial-" + Long.toHexString(System.nanoTime()) + "-" + test.getDisplayName().length();
    client
        .resource(new GroupVersionResource("", "v1", "namespaces"))
        .create(
            Json.parseObject(
                "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \""
                    + namespace
                    + "\"}}"));
  }

  @AfterEach
  void disconnect() {
    transport.close();
  }

  private ObjectNode map(String name, String value) {
    return Json.parseObject(
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"name": "%s", "namespace": "%s", "labels": {"value": "%s"}},
         "data": {"value": "%s"}}
        """
            .formatted(name, namespace, value, value));
  }

  private ObjectKey key(String name) {
    return new ObjectKey(namespace, name);
  }

  private static String value(ObjectNode map) {
    return map.at("/data/value").asString();
  }

  @Test
  void client_everyVerb_worksAndErrorsAreTyped() throws InterruptedException {
    ObjectNode created = maps.create(map("a", "1"));
    assertTrue(Json.equal(created, maps.get(key("a"))));
    assertTrue(
        assertThrows(ApiException.class, () -> maps.create(map("a", "1")))
            .is(StatusReason.ALREADY_EXISTS));
    ObjectNode changed = created.deepCopy();
    ((ObjectNode) changed.get("data")).put("value", "2");
    assertEquals("2", value(maps.update(changed)));
    assertTrue(
        assertThrows(ApiException.class, () -> maps.update(changed)).is(StatusReason.CONFLICT));
    ObjectNode patch = Json.parseObject("{\"data\": {\"value\": \"3\"}}");
    assertEquals("3", value(maps.mergePatch(key("a"), "", patch)));
    WriteOptions other = WriteOptions.DEFAULT.withFieldManager("other");
    assertTrue(
        assertThrows(
                ApiException.class,
                () -> maps.patch(key("a"), "", PatchType.APPLY, map("a", "4"), other))
            .is(StatusReason.CONFLICT));
    assertEquals(
        "4", value(maps.patch(key("a"), "", PatchType.APPLY, map("a", "4"), other.withForce())));
    maps.delete(key("a"), DeleteOptions.DEFAULT);
    assertTrue(
        assertThrows(ApiException.class, () -> maps.get(key("a"))).is(StatusReason.NOT_FOUND));
  }

  @Test
  void list_inPages_bringsEverythingOnce() throws InterruptedException {
    for (int i = 0; i < 1_050; i++) {
      maps.create(map("m" + i, "1"));
    }
    List<String> names = new CopyOnWriteArrayList<>();
    maps.forEach(
        ListOptions.ALL.inNamespace(namespace).withLimit(100),
        each -> names.add(ResourceClient.keyOf(each).name()));
    assertEquals(1_050, names.size());
    assertEquals(1_050, names.stream().distinct().count());
  }

  @Test
  void informer_fromTheStart_followsWhateverHappens() throws InterruptedException {
    maps.create(map("a", "1"));
    List<String> heard = new CopyOnWriteArrayList<>();
    InformerOptions options =
        InformerOptions.ALL
            .inNamespace(namespace)
            .withIndex("value", object -> List.of(value(object)));
    try (Informer informer = new Informer(maps, options)) {
      informer.addHandler(
          "trial",
          (key, before, after) ->
              heard.add(
                  key.name()
                      + " "
                      + (before == null ? "-" : value(before))
                      + " "
                      + (after == null ? "-" : value(after))));
      informer.start();
      assertTrue(informer.awaitSynced(PATIENCE));
      await().atMost(PATIENCE).until(() -> heard.contains("a - 1"));
      maps.create(map("b", "1"));
      await().atMost(PATIENCE).until(() -> heard.contains("b - 1"));
      ObjectNode patch = Json.parseObject("{\"data\": {\"value\": \"2\"}}");
      String version =
          maps.mergePatch(key("a"), "", patch).at("/metadata/resourceVersion").asString();
      assertTrue(informer.awaitRevision(version, PATIENCE));
      await().atMost(PATIENCE).until(() -> heard.contains("a 1 2"));
      assertEquals(1, informer.byIndex("value", "2").size());
      maps.delete(key("b"), DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> heard.contains("b 1 -"));
      assertEquals(List.of(key("a")), informer.all().stream().map(ResourceClient::keyOf).toList());
      assertEquals(1, informer.loads());
    }
  }

  /// A copy for each map that asks for one, by whichever of two hosts is elected.
  private ControllerHost host(String identity) {
    Random random = new Random(identity.hashCode());
    ControllerHost host = new ControllerHost(client, InstantSource.system(), random);
    host.withLeaderElection(Candidacy.of(key("trial"), identity, random));
    Informer known = host.informer(MAPS);
    Controller<ObjectKey> controller =
        host.controller(
            "copies",
            key -> {
              ObjectNode object = known.get(key).orElse(null);
              if (object == null
                  || !key.namespace().equals(namespace)
                  || !value(object).equals("copy-me")) {
                return Result.DONE;
              }
              if (Finalizers.deleting(object)) {
                maps.delete(key(key.name() + "-copy"), DeleteOptions.DEFAULT);
                Finalizers.remove(maps, object, "example.io/copy");
                return Result.DONE;
              }
              Finalizers.add(maps, object, "example.io/copy");
              maps.apply(map(key.name() + "-copy", "copied-by-" + identity));
              return Result.DONE;
            },
            2);
    Controller.watching(controller, known, (_, _) -> true);
    return host;
  }

  @Test
  void controllers_oneElected_theOtherTakesOver() throws InterruptedException {
    try (ControllerHost second = host("second")) {
      try (ControllerHost first = host("first")) {
        first.start();
        maps.create(map("a", "copy-me"));
        await()
            .atMost(PATIENCE)
            .until(() ->
                maps.find(key("a-copy"))
                    .filter(o -> value(o).equals("copied-by-first"))
                    .isPresent());
        second.start();
      }
      maps.create(map("b", "copy-me"));
      await()
          .atMost(PATIENCE)
          .until(() ->
              maps.find(key("b-copy"))
                  .filter(o -> value(o).equals("copied-by-second"))
                  .isPresent());
      maps.delete(key("b"), DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> maps.find(key("b")).isEmpty());
      assertFalse(maps.find(key("b-copy")).isPresent());
    }
  }
}
