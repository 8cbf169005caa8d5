package dev.otherix.e2e.clients;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesListObject;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesObject;
import io.kubernetes.client.util.generic.options.ListOptions;
import io.kubernetes.client.util.generic.options.PatchOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official Java client.
final class OfficialClientTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path temporary;
  private ClientServer server;
  private ApiClient client;
  private CoreV1Api core;
  private DynamicKubernetesApi widgets;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = ClientServer.start(temporary.resolve("server"));
    try (var fabric8 = Fabric8.client(server, false)) {
      Fabric8.createWidgets(fabric8);
    }
    client = Config.fromConfig(server.kubeconfig().toString());
    // As its documentation asks of those who watch.
    client.setReadTimeout(0);
    core = new CoreV1Api(client);
    widgets = new DynamicKubernetesApi("example.io", "v1", "widgets", client);
  }

  @AfterEach
  void stop() {
    client.getHttpClient().dispatcher().executorService().shutdown();
    client.getHttpClient().connectionPool().evictAll();
    server.close();
  }

  private static V1ConfigMap configMap(String name, String value) {
    return new V1ConfigMap()
        .metadata(new V1ObjectMeta().name(name).namespace("default"))
        .data(Map.of("a", value));
  }

  private static DynamicKubernetesObject widget(String name, int size) {
    JsonObject raw = new JsonObject();
    raw.addProperty("apiVersion", "example.io/v1");
    raw.addProperty("kind", "Widget");
    JsonObject metadata = new JsonObject();
    metadata.addProperty("name", name);
    metadata.addProperty("namespace", "default");
    raw.add("metadata", metadata);
    JsonObject spec = new JsonObject();
    spec.addProperty("size", size);
    raw.add("spec", spec);
    return new DynamicKubernetesObject(raw);
  }

  private static String nameOf(V1ConfigMap map) {
    return requireNonNull(requireNonNull(map.getMetadata()).getName());
  }

  private static int sizeOf(DynamicKubernetesObject widget) {
    return widget.getRaw().getAsJsonObject("spec").get("size").getAsInt();
  }

  @Test
  void core_bodiesWithoutType_areTakenForThoseOfThePath() throws ApiException {
    core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name("team"))).execute();
    core.createNamespacedConfigMap("default", configMap("c", "1")).execute();
    V1Secret secret =
        new V1Secret()
            .metadata(new V1ObjectMeta().name("s"))
            .stringData(Map.of("password", "hidden"));
    core.createNamespacedSecret("team", secret).execute();
    V1ConfigMap read = core.readNamespacedConfigMap("c", "default").execute();
    assertEquals(Map.of("a", "1"), read.getData());
    read.setData(Map.of("a", "2"));
    core.replaceNamespacedConfigMap("c", "default", read).execute();
    ApiException stale =
        assertThrows(
            ApiException.class,
            () -> core.replaceNamespacedConfigMap("c", "default", read).execute());
    assertEquals(409, stale.getCode());
    assertEquals(1, core.listNamespacedSecret("team").execute().getItems().size());
    core.deleteNamespacedConfigMap("c", "default").execute();
    ApiException gone =
        assertThrows(
            ApiException.class, () -> core.readNamespacedConfigMap("c", "default").execute());
    assertEquals(404, gone.getCode());
  }

  @Test
  void core_patchInChunks_isApplied() throws ApiException {
    core.createNamespacedConfigMap("default", configMap("c", "1")).execute();
    V1Patch patch = new V1Patch("{\"data\":{\"b\":\"2\"}}");
    for (String type :
        List.of(
            V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH)) {
      V1ConfigMap patched =
          PatchUtils.patch(
              V1ConfigMap.class,
              () -> core.patchNamespacedConfigMap("c", "default", patch).buildCall(null),
              type,
              client);
      assertEquals(Map.of("a", "1", "b", "2"), patched.getData());
    }
  }

  @Test
  void core_listByPages_hasEachOnce() throws ApiException {
    for (int i = 0; i < 7; i++) {
      core.createNamespacedConfigMap("default", configMap("c" + i, "1")).execute();
    }
    Set<String> names = new HashSet<>();
    String next = null;
    int pages = 0;
    do {
      V1ConfigMapList page =
          core.listNamespacedConfigMap("default").limit(3)._continue(next).execute();
      page.getItems().forEach(map -> assertTrue(names.add(nameOf(map))));
      next = requireNonNull(page.getMetadata()).getContinue();
      pages++;
    } while (next != null && !next.isEmpty());
    assertEquals(3, pages);
    assertEquals(7, names.size());
  }

  @Test
  void dynamic_widget_createPatchApplyDelete() throws ApiException {
    assertEquals(3, sizeOf(widgets.create(widget("a", 3)).throwsApiException().getObject()));
    V1Patch json = new V1Patch("[{\"op\":\"replace\",\"path\":\"/spec/size\",\"value\":4}]");
    assertEquals(
        4,
        sizeOf(
            widgets
                .patch("default", "a", V1Patch.PATCH_FORMAT_JSON_PATCH, json)
                .throwsApiException()
                .getObject()));
    PatchOptions options = new PatchOptions();
    options.setFieldManager("test");
    options.setForce(true);
    V1Patch apply =
        new V1Patch(
            "{\"apiVersion\":\"example.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"},"
                + "\"spec\":{\"size\":6}}");
    assertEquals(
        6,
        sizeOf(
            widgets
                .patch("default", "a", V1Patch.PATCH_FORMAT_APPLY_YAML, apply, options)
                .throwsApiException()
                .getObject()));
    assertEquals(1, widgets.list("default").throwsApiException().getObject().getItems().size());
    assertEquals(422, widgets.create(widget("b", -1)).getHttpStatusCode());
    assertTrue(widgets.delete("default", "a").isSuccess());
    assertEquals(404, widgets.get("default", "a").getHttpStatusCode());
  }

  @Test
  void watch_fromTheListsRevision_tellsWhatFollows() throws ApiException, IOException {
    core.createNamespacedConfigMap("default", configMap("before", "1")).execute();
    V1ConfigMapList list = core.listNamespacedConfigMap("default").execute();
    try (Watch<V1ConfigMap> watch =
        Watch.createWatch(
            client,
            core.listNamespacedConfigMap("default")
                .resourceVersion(requireNonNull(list.getMetadata()).getResourceVersion())
                .watch(true)
                .buildCall(null),
            new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType())) {
      core.createNamespacedConfigMap("default", configMap("after", "1")).execute();
      Watch.Response<V1ConfigMap> event = watch.next();
      assertEquals("ADDED", event.type);
      assertEquals("after", nameOf(event.object));
    }
  }

  @Test
  void informers_ofBothKinds_followChanges() throws ApiException {
    SharedInformerFactory factory = new SharedInformerFactory(client);
    SharedIndexInformer<V1ConfigMap> maps =
        factory.sharedIndexInformerFor(
            new GenericKubernetesApi<>(
                V1ConfigMap.class, V1ConfigMapList.class, "", "v1", "configmaps", client),
            V1ConfigMap.class,
            0);
    GenericKubernetesApi<DynamicKubernetesObject, DynamicKubernetesListObject> api = widgets;
    SharedIndexInformer<DynamicKubernetesObject> things =
        factory.sharedIndexInformerFor(api, DynamicKubernetesObject.class, 0);
    widgets.create(widget("a", 1)).throwsApiException();
    factory.startAllRegisteredInformers();
    try {
      await().atMost(SOON).until(() -> maps.hasSynced() && things.hasSynced());
      core.createNamespacedConfigMap("default", configMap("c", "1")).execute();
      widgets.create(widget("b", 2)).throwsApiException();
      widgets.delete("default", "a").throwsApiException();
      await().atMost(SOON).until(() -> maps.getIndexer().getByKey("default/c") != null);
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertEquals(List.of("default/b"), things.getIndexer().listKeys()));
    } finally {
      factory.stopAllRegisteredInformers();
    }
  }

  @Test
  void dynamic_listByLabel_isFiltered() throws ApiException {
    DynamicKubernetesObject labelled = widget("a", 1);
    labelled.setMetadata(labelled.getMetadata().labels(Map.of("set", "x")));
    widgets.create(labelled).throwsApiException();
    widgets.create(widget("b", 1)).throwsApiException();
    ListOptions options = new ListOptions();
    options.setLabelSelector("set=x");
    assertEquals(
        1, widgets.list("default", options).throwsApiException().getObject().getItems().size());
  }

  @Test
  void leaderElection_twoCandidates_oneLeadsUntilItGoes() {
    List<String> leaders = new CopyOnWriteArrayList<>();
    LeaderElector first = elector("one");
    Thread firstRun = Thread.ofVirtual().start(() -> first.run(() -> leaders.add("one"), () -> {}));
    await().atMost(SOON).until(() -> leaders.contains("one"));
    LeaderElector second = elector("two");
    Thread secondRun =
        Thread.ofVirtual().start(() -> second.run(() -> leaders.add("two"), () -> {}));
    firstRun.interrupt();
    first.close();
    await().atMost(SOON).until(() -> leaders.contains("two"));
    assertEquals(List.of("one", "two"), leaders);
    secondRun.interrupt();
    second.close();
  }

  private LeaderElector elector(String identity) {
    return new LeaderElector(
        new LeaderElectionConfig(
            new LeaseLock("default", "lock", identity, client),
            Duration.ofSeconds(3),
            Duration.ofSeconds(2),
            Duration.ofMillis(200)));
  }
}
