package dev.otherix.controllers;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.controllers.runtime.ControllerHost;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A server in this process, in memory, and a host for controllers on it.
public final class TestCluster implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(30);
  public static final GroupVersionResource CONFIG_MAPS =
      new GroupVersionResource("", "v1", "configmaps");
  public static final GroupVersionResource NAMESPACES =
      new GroupVersionResource("", "v1", "namespaces");

  private final ApiServer server;
  private final Transport transport;
  private final ApiClient client;
  private final ControllerHost host;

  public TestCluster() throws IOException, InterruptedException {
    this(Kinds.NONE);
  }

  /// @param kinds what it serves beside the built-in ones
  public TestCluster(Kinds kinds) throws IOException, InterruptedException {
    this(kinds, InstantSource.system(), null);
  }

  /// @param clock of the controllers
  /// @param plane what makes it a control plane; null for a bare server
  public TestCluster(Kinds kinds, InstantSource clock, @Nullable ControlPlane plane)
      throws IOException, InterruptedException {
    InProcessIdentity identity =
        new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
    ApiServerOptions options =
        ApiServerOptions.of(new MemoryStorage(InstantSource.system()), kinds)
            .withAuthenticators(List.of(identity));
    server =
        ApiServer.start(
            plane == null
                ? options
                : options
                    .withActions(plane.actions())
                    .withPages(plane::pages)
                    .withAdmission(plane.admission(Admission.NONE)));
    transport = new InProcessTransport(server.handler(), identity);
    client = new ApiClient(transport, ClientOptions.of("test"));
    host = new ControllerHost(client, clock, new Random(7));
    if (plane != null) {
      plane.connect(client);
    }
  }

  public ApiClient client() {
    return client;
  }

  /// The way to the server, as somebody who may do everything; stays the cluster's.
  public Transport transport() {
    return transport;
  }

  public ControllerHost host() {
    return host;
  }

  public ResourceClient configMaps() {
    return client.resource(CONFIG_MAPS);
  }

  public static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  public static ObjectNode configMap(String name, ObjectNode... owners) {
    ObjectNode map =
        Json.parseObject(
            """
            {"apiVersion": "v1", "kind": "ConfigMap",
             "metadata": {"name": "%s", "namespace": "default"}}
            """
                .formatted(name));
    ArrayNode references = map.withObjectProperty("metadata").putArray("ownerReferences");
    for (ObjectNode owner : owners) {
      references.add(reference(owner, true));
    }
    return map;
  }

  public static ObjectNode reference(ObjectNode owner, boolean blocks) {
    return Json.parseObject(
        """
        {"apiVersion": "%s", "kind": "%s", "name": "%s", "uid": "%s", "blockOwnerDeletion": %s}
        """
            .formatted(
                owner.path("apiVersion").asString(),
                owner.path("kind").asString(),
                owner.at("/metadata/name").asString(),
                uid(owner),
                blocks));
  }

  public static String uid(ObjectNode object) {
    return object.at("/metadata/uid").asString();
  }

  public static String version(ObjectNode object) {
    return object.at("/metadata/resourceVersion").asString();
  }

  public boolean exists(ObjectKey key) throws InterruptedException {
    return configMaps().find(key).isPresent();
  }

  @Override
  public void close() {
    host.close();
    client.close();
    server.close();
  }
}
