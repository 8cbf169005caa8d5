package dev.otherix.controllers.cluster;

import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.schemas.Schemas;
import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.VM;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The cluster's settings; where there is no such object, its schema's defaults.
public record Settings(ClusterSettings.Spec spec) {
  private static final ObjectKey CLUSTER = OtherixResources.key("cluster");

  public static final Settings DEFAULT = defaults();

  /// As the informer has them.
  public static Settings in(Informer informer) {
    return informer.get(CLUSTER).map(Settings::of).orElse(DEFAULT);
  }

  public static Settings of(ObjectNode object) {
    return new Settings(Records.read(object, ClusterSettings.class).spec());
  }

  private static Settings defaults() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", OtherixResources.API_VERSION).put("kind", "ClusterSettings");
    object.putObject("metadata").put("name", CLUSTER.name());
    object.putObject("spec");
    Schemas.kinds()
        .kind(OtherixResources.API_VERSION, "ClusterSettings")
        .orElseThrow()
        .prepare(object);
    return of(object);
  }

  /// The pool of machines that name none.
  public String defaultPool() {
    return spec.defaultPool() == null ? ClusterSettings.POOL : spec.defaultPool();
  }

  /// The pool that holds the machine's disk: where it is, else where it is asked for. A machine
  /// that was taken from its node has no disk any more.
  public String poolOf(VM vm) {
    VM.Status status = vm.status();
    if (vm.spec().nodeName() != null && status != null && status.pool() != null) {
      return status.pool();
    }
    return vm.spec().pool() == null ? defaultPool() : vm.spec().pool();
  }

  /// The same of a machine that is bound, as the server has it.
  public String poolOfBound(ObjectNode vm) {
    String present = vm.path("status").path("pool").asString("");
    String asked = present.isEmpty() ? vm.path("spec").path("pool").asString("") : present;
    return asked.isEmpty() ? defaultPool() : asked;
  }

  /// The interfaces that the machine is to have; none where it has user-mode networking.
  public List<VM.Interface> interfacesOf(VM vm) {
    if (!vm.spec().nics().isEmpty()) {
      return vm.spec().nics();
    }
    @Nullable String network =
        vm.spec().network() == null ? spec.defaultNetwork() : vm.spec().network();
    return network == null ? List.of() : List.of(new VM.Interface(network, null, null));
  }

  /// The networks of its interfaces, each once.
  public List<String> networksOf(VM vm) {
    List<String> names = new ArrayList<>();
    for (VM.Interface each : interfacesOf(vm)) {
      if (!names.contains(each.network())) {
        names.add(each.network());
      }
    }
    return names;
  }
}
