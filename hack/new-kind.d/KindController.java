package @PACKAGE@;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.runtime.Candidacy;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.controllers.runtime.StatusConditions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Brings each @KIND@ into line with its spec.
public final class @KIND@Controller implements Reconciler<ObjectKey> {
  private static final GroupVersionResource DEFINITIONS =
      new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  private static final ObjectKey LEASE = new ObjectKey("default", "@SINGULAR@-controller");

  private final ResourceClient client;
  private final Informer known;
  private final InstantSource clock;

  private @KIND@Controller(ControllerHost host) {
    this.client = host.client().resource(@KIND@.RESOURCE);
    this.known = host.informer(@KIND@.RESOURCE);
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    @KIND@Controller reconciler = new @KIND@Controller(host);
    Controller<ObjectKey> controller = host.controller("@SINGULAR@", reconciler, 2);
    Controller.watching(controller, reconciler.known, (_, after) -> after != null);
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    ObjectNode object = known.get(key).orElse(null);
    if (object == null || Finalizers.deleting(object)) {
      return Result.DONE;
    }
    @KIND@ wanted = Records.read(object, @KIND@.class);
    // Here: read what there is, and write what is missing of `wanted.spec()`.
    Condition ready =
        new Condition(
            "Ready",
            Condition.TRUE,
            object.at("/metadata/generation").asLong(),
            null,
            "AsWanted",
            "it has the size " + wanted.spec().size());
    StatusConditions.write(client, object, List.of(ready), clock);
    return Result.DONE;
  }

  /// Makes the server serve the kind, or takes over how the definition has changed.
  public static void defineKind(ApiClient client) throws IOException, InterruptedException {
    try (InputStream in = @KIND@Controller.class.getResourceAsStream("/@PLURAL@.yaml")) {
      ObjectNode definition = (ObjectNode) Yaml.read(in.readAllBytes(), Limits.MANIFEST).tree();
      client.resource(DEFINITIONS).apply(definition);
    }
  }

  /// Runs it until the process ends. Of several processes one works.
  static void main(String[] args) throws Exception {
    SecureRandom random = new SecureRandom();
    HttpTransport transport = HttpTransport.to(Kubeconfig.read(Path.of(args[0])));
    ApiClient client = new ApiClient(transport, ClientOptions.of("@SINGULAR@-controller"));
    defineKind(client);
    ControllerHost host = new ControllerHost(client, InstantSource.system(), random);
    host.withLeaderElection(Candidacy.of(LEASE, "@SINGULAR@", random));
    addTo(host);
    host.start();
    Runtime.getRuntime().addShutdownHook(new Thread(host::close));
    Thread.currentThread().join();
  }
}
