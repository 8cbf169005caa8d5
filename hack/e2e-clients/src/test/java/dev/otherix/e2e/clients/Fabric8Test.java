package dev.otherix.e2e.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// fabric8's client: single requests.
final class Fabric8Test {
  @TempDir private Path temporary;
  private ClientServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    server = ClientServer.start(temporary.resolve("server"));
    client = Fabric8.client(server, false);
    Fabric8.createWidgets(client);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private NonNamespaceOperation<Widget, KubernetesResourceList<Widget>, Resource<Widget>>
      widgets() {
    MixedOperation<Widget, KubernetesResourceList<Widget>, Resource<Widget>> all =
        client.resources(Widget.class);
    return all.inNamespace("default");
  }

  @Test
  void typed_createReadUpdateDelete_work() {
    Widget created = client.resource(Widget.named("a", 3)).create();
    assertEquals("red", created.colour());
    created.getSpec().size = 4;
    assertEquals(4, client.resource(created).update().size());
    assertEquals(4, widgets().withName("a").get().size());
    KubernetesClientException stale =
        assertThrows(
            KubernetesClientException.class,
            () -> client.resource(created).lockResourceVersion().update());
    assertEquals(409, stale.getCode());
    assertEquals(1, widgets().withName("a").delete().size());
    assertNull(widgets().withName("a").get());
    assertTrue(widgets().withName("a").delete().isEmpty());
  }

  @Test
  void typed_statusUpdate_leavesTheSpec() {
    Widget created = client.resource(Widget.named("a", 3)).create();
    Widget.Status status = new Widget.Status();
    status.size = 2;
    created.setStatus(status);
    created.getSpec().size = 9;
    Widget updated = client.resource(created).updateStatus();
    assertEquals(2, updated.getStatus().size);
    assertEquals(3, updated.size());
    Widget patched =
        widgets()
            .withName("a")
            .editStatus(widget -> {
              widget.getStatus().size = 3;
              return widget;
            });
    assertEquals(3, patched.getStatus().size);
    Resource<Widget> one = widgets().withName("a");
    assertEquals(5, one.scale(5).getSpec().size);
  }

  @Test
  void generic_createListDelete_workByDiscovery() {
    GenericKubernetesResource network = new GenericKubernetesResource();
    network.setApiVersion("otherix/v1");
    network.setKind("Network");
    network.setMetadata(
        new io.fabric8.kubernetes.api.model.ObjectMetaBuilder().withName("lan").build());
    network.setAdditionalProperty("spec", Map.of("type", "bridge", "bridgeName", "br0"));
    client.resource(network).create();
    GenericKubernetesResourceList networks =
        client.genericKubernetesResources("otherix/v1", "Network").list();
    assertEquals("br0", networks.getItems().getFirst().get("spec", "bridgeName"));
    client.genericKubernetesResources("otherix/v1", "Network").withName("lan").delete();
    assertTrue(
        client.genericKubernetesResources("otherix/v1", "Network").list().getItems().isEmpty());
  }

  @Test
  void serverSideApply_conflict_is409UntilForced() {
    Widget wanted = Widget.named("a", 3);
    client.resource(wanted).serverSideApply();
    Widget other = Widget.named("a", 4);
    KubernetesClientException conflict =
        assertThrows(
            KubernetesClientException.class,
            () -> client.resource(other).fieldManager("other").serverSideApply());
    assertEquals(409, conflict.getCode());
    assertEquals(
        "FieldManagerConflict",
        conflict.getStatus().getDetails().getCauses().getFirst().getReason());
    Widget forced = client.resource(other).fieldManager("other").forceConflicts().serverSideApply();
    assertEquals(4, forced.size());
  }

  @Test
  void patch_json_merge_strategic_eachAsItShould() {
    client.resource(Widget.named("a", 3)).create();
    Resource<Widget> one = widgets().withName("a");
    String json = "[{\"op\":\"replace\",\"path\":\"/spec/size\",\"value\":4}]";
    assertEquals(4, one.patch(PatchContext.of(PatchType.JSON), json).size());
    String merge = "{\"spec\":{\"size\":5}}";
    assertEquals(5, one.patch(PatchContext.of(PatchType.JSON_MERGE), merge).size());
    KubernetesClientException refused =
        assertThrows(
            KubernetesClientException.class,
            () -> one.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), merge));
    assertEquals(415, refused.getCode());
    client.resource(configMap("c", Map.of("a", "1"))).create();
    ConfigMap patched =
        client
            .configMaps()
            .inNamespace("default")
            .withName("c")
            .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"b\":\"2\"}}");
    assertEquals(Map.of("a", "1", "b", "2"), patched.getData());
  }

  @Test
  void edit_objectChangedMeanwhile_isRefusedByTheLock() {
    client.resource(Widget.named("a", 3)).create();
    Resource<Widget> one = widgets().withName("a");
    Widget edited =
        one.edit(widget -> {
          widget.getSpec().size = 4;
          return widget;
        });
    assertEquals(4, edited.size());
    KubernetesClientException lost =
        assertThrows(
            KubernetesClientException.class,
            () ->
                one.edit(widget -> {
                  one.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"size\":8}}");
                  widget.getSpec().size = 5;
                  return widget;
                }));
    assertEquals(409, lost.getCode());
    assertEquals(8, one.get().size());
  }

  @Test
  void list_byPages_hasEachOnce() {
    for (int i = 0; i < 7; i++) {
      client.resource(Widget.named("w" + i, i)).create();
    }
    Set<String> names = new HashSet<>();
    String next = null;
    int pages = 0;
    do {
      KubernetesResourceList<Widget> page =
          widgets().list(new ListOptionsBuilder().withLimit(3L).withContinue(next).build());
      page.getItems().forEach(widget -> assertTrue(names.add(widget.getMetadata().getName())));
      next = page.getMetadata().getContinue();
      pages++;
    } while (next != null && !next.isEmpty());
    assertEquals(3, pages);
    assertEquals(7, names.size());
  }

  @Test
  void delete_withPropagation_setsItsFinalizer() {
    client.resource(Widget.named("a", 1)).create();
    widgets().withName("a").withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
    Widget held = widgets().withName("a").get();
    assertEquals(List.of("foregroundDeletion"), held.getMetadata().getFinalizers());
    assertNotNull(held.getMetadata().getDeletionTimestamp());
    held.getMetadata().setFinalizers(List.of());
    client.resource(held).update();
    assertNull(widgets().withName("a").get());
  }

  @Test
  void delete_collectionByLabel_leavesTheOthers() {
    client.resource(Widget.named("a", 1).labelled("set", "x")).create();
    client.resource(Widget.named("b", 1).labelled("set", "x")).create();
    client.resource(Widget.named("c", 1).labelled("set", "y")).create();
    widgets().withLabel("set", "x").delete();
    List<Widget> left = widgets().list().getItems();
    assertEquals(1, left.size());
    assertEquals("c", left.getFirst().getMetadata().getName());
  }

  @Test
  void waitUntilCondition_changeByAnother_returnsIt() {
    client.resource(Widget.named("a", 1)).create();
    Thread other =
        Thread.ofVirtual()
            .start(() ->
                widgets()
                    .withName("a")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"size\":7}}"));
    Widget grown =
        widgets()
            .withName("a")
            .waitUntilCondition(
                widget -> widget != null && widget.size() == 7, 20, TimeUnit.SECONDS);
    assertEquals(7, grown.size());
    assertFalse(other.isInterrupted());
  }

  @Test
  void dryRun_ofEveryWrite_storesNothing() {
    client.resource(Widget.named("a", 1)).dryRun(true).create();
    assertNull(widgets().withName("a").get());
    client.resource(Widget.named("b", 1)).create();
    client.resource(Widget.named("b", 2)).dryRun(true).update();
    widgets().withName("b").dryRun(true).delete();
    assertEquals(1, widgets().withName("b").get().size());
  }

  @Test
  void fieldValidation_strict_namesTheUnknownField() {
    GenericKubernetesResource wrong = new GenericKubernetesResource();
    wrong.setApiVersion("example.io/v1");
    wrong.setKind("Widget");
    wrong.setMetadata(
        new io.fabric8.kubernetes.api.model.ObjectMetaBuilder()
            .withName("a")
            .withNamespace("default")
            .build());
    wrong.setAdditionalProperty("spec", Map.of("sise", 1));
    KubernetesClientException refused =
        assertThrows(
            KubernetesClientException.class,
            () ->
                client
                    .resource(wrong)
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create());
    assertEquals(400, refused.getCode());
    assertTrue(refused.getStatus().getMessage().contains("unknown field \"spec.sise\""));
    client.resource(wrong).fieldValidation(FieldValidateable.Validation.IGNORE).create();
    KubernetesClientException invalid =
        assertThrows(
            KubernetesClientException.class, () -> client.resource(Widget.named("b", -1)).create());
    assertEquals(422, invalid.getCode());
    assertEquals("spec.size", invalid.getStatus().getDetails().getCauses().getFirst().getField());
  }

  @Test
  void accessReview_ofTheAdmin_isAllowed() {
    boolean allowed =
        client
            .authorization()
            .v1()
            .selfSubjectAccessReview()
            .create(
                new SelfSubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withNewResourceAttributes()
                    .withGroup("example.io")
                    .withResource("widgets")
                    .withVerb("delete")
                    .endResourceAttributes()
                    .endSpec()
                    .build())
            .getStatus()
            .getAllowed();
    assertTrue(allowed);
  }

  @Test
  void definition_createdAndDeleted_asItsTypeSays() {
    CustomResourceDefinition read =
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName("widgets.example.io")
            .get();
    assertEquals("Widget", read.getStatus().getAcceptedNames().getKind());
    client.resource(read).delete();
    client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName("widgets.example.io")
        .waitUntilCondition(definition -> definition == null, 20, TimeUnit.SECONDS);
    assertEquals(
        404, assertThrows(KubernetesClientException.class, () -> widgets().list()).getCode());
  }

  @Test
  void builtin_namespaceSecretConfigMap_work() {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName("team").endMetadata().build())
        .create();
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("s")
                .withNamespace("team")
                .endMetadata()
                .addToStringData("password", "hidden")
                .build())
        .create();
    assertEquals(
        "aGlkZGVu",
        client.secrets().inNamespace("team").withName("s").get().getData().get("password"));
    ConfigMap map = configMap("c", Map.of("a", "1"));
    client.resource(map).create();
    client.resource(configMap("c", Map.of("a", "2"))).createOr(it -> it.update());
    assertEquals(
        "2", client.configMaps().inNamespace("default").withName("c").get().getData().get("a"));
    assertEquals("1.33", Release.parse(client.getKubernetesVersion().getGitVersion()).toString());
  }

  private static ConfigMap configMap(String name, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withData(data)
        .build();
  }
}
