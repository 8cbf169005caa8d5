package dev.otherix.agent;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.LocalPeers;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.schemas.Schemas;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A server in this process with the kinds of Otherix, and what its controllers would do.
public final class AgentCluster implements AutoCloseable {
  public static final String NODE = "n1";
  public static final String NOW = "2026-01-01T00:00:00Z";

  private final ApiServer server;
  private final ApiClient client;

  public AgentCluster() throws Exception {
    this(List.of());
  }

  /// One that other processes of this user reach at a socket too.
  public static AgentCluster at(Path socket) throws Exception {
    return new AgentCluster(List.of(new Listener.Unix(socket, "rw-------")));
  }

  private AgentCluster(List<Listener> listeners) throws Exception {
    InProcessIdentity identity =
        new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));
    int ownUid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    server =
        ApiServer.start(
            ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                .withListeners(listeners)
                .withAuthenticators(List.of(identity, new LocalPeers(ownUid))));
    client =
        new ApiClient(new InProcessTransport(server.handler(), identity), ClientOptions.of("test"));
  }

  public ApiClient client() {
    return client;
  }

  public ResourceClient resource(String plural) {
    return client.resource(new GroupVersionResource("otherix", "v1", plural));
  }

  public ObjectNode get(String plural, String name) throws InterruptedException {
    return resource(plural).get(ObjectKey.clusterScoped(name));
  }

  public boolean exists(String plural, String name) throws InterruptedException {
    return resource(plural).find(ObjectKey.clusterScoped(name)).isPresent();
  }

  public void pool(Path folder) throws InterruptedException {
    resource("clustersettings")
        .apply(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "ClusterSettings",
                 "metadata": {"name": "cluster"},
                 "spec": {"defaultPool": "main", "allowedPoolPaths": ["%s"]}}
                """
                    .formatted(folder.resolveSibling(""))));
    resource("storagepools")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "StoragePool", "metadata": {"name": "main"},
                 "spec": {"path": "%s", "nodeList": ["%s"]}}
                """
                    .formatted(folder, NODE)));
  }

  public void node() throws InterruptedException {
    resource("nodes")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Node", "metadata": {"name": "%s"},
                 "spec": {"arch": "amd64"}}
                """
                    .formatted(NODE)));
  }

  /// Where nodes' leases are.
  public void nodesNamespace() throws InterruptedException {
    client
        .resource(new GroupVersionResource("", "v1", "namespaces"))
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "otherix-nodes"}}
                """));
  }

  /// A machine that the scheduler has bound and the network controller has connected.
  ///
  /// @param more members of the spec, each followed by a comma
  /// @return its uid
  public String vm(String name, Path image, String more) throws InterruptedException {
    return vm(name, image.toUri(), more);
  }

  /// The same with an image of any source.
  public String vm(String name, URI image, String more) throws InterruptedException {
    ObjectNode vm =
        resource("vms")
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "otherix/v1", "kind": "VM",
                     "metadata": {"name": "%s", "finalizers": ["otherix/agent"]},
                     "spec": {%s "arch": "amd64", "firmware": "bios", "memoryMB": 256, "vcpus": 1,
                       "nodeName": "%s", "imageURL": "%s"}}
                    """
                        .formatted(name, more, NODE, image)));
    networkReady(name);
    return vm.at("/metadata/uid").asString("");
  }

  public void networkReady(String name) throws InterruptedException {
    resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(name),
            "status",
            Json.parseObject(
                """
                {"status": {"conditions": [{"type": "NetworkReady", "status": "True",
                  "reason": "NoNetwork", "message": "", "lastTransitionTime": "%s"}]}}
                """
                    .formatted(NOW)));
  }

  public void power(String vm, String state) throws InterruptedException {
    resource("vms")
        .mergePatch(
            ObjectKey.clusterScoped(vm),
            "",
            Json.parseObject("{\"spec\": {\"powerState\": \"" + state + "\"}}"));
  }

  public void task(String name, String type, String vm) throws InterruptedException {
    String uid = get("vms", vm).at("/metadata/uid").asString("");
    resource("tasks")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Task", "metadata": {"name": "%s"},
                 "spec": {"type": "%s", "nodeName": "%s",
                   "resource": {"kind": "VM", "name": "%s", "uid": "%s"}}}
                """
                    .formatted(name, type, NODE, vm, uid)));
  }

  public String taskPhase(String name) throws InterruptedException {
    return get("tasks", name).at("/status/phase").asString("");
  }

  /// The condition's reason after its status, such as `True Started`; empty when there is none.
  public String condition(String vm, String type) throws InterruptedException {
    for (JsonNode each : get("vms", vm).at("/status/conditions")) {
      if (each.path("type").asString("").equals(type)) {
        return each.path("status").asString("") + " " + each.path("reason").asString("");
      }
    }
    return "";
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
