package dev.otherix.controllers.networks;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Ties each security rule to its machine, so that it goes with it and does not wait for another
/// machine of that name.
public final class SecurityRuleController implements Reconciler<ObjectKey> {
  private final ResourceClient client;
  private final Informer rules;
  private final Informer machines;

  private SecurityRuleController(ControllerHost host) {
    this.client = host.client().resource(OtherixResources.SECURITY_RULES);
    this.rules = host.informer(OtherixResources.SECURITY_RULES);
    this.machines = host.informer(OtherixResources.VMS);
  }

  /// Adds it to a host that is not started yet.
  public static void addTo(ControllerHost host) {
    SecurityRuleController reconciler = new SecurityRuleController(host);
    Controller<ObjectKey> controller = host.controller("securityrules", reconciler, 1);
    controller
        .handles(reconciler.rules, (key, _, _) -> controller.queue().add(key))
        .handles(
            reconciler.machines,
            (key, before, after) -> {
              if (before == null && after != null) {
                reconciler.wake(key.name(), controller);
              }
            });
  }

  private void wake(String machine, Controller<ObjectKey> controller) {
    for (ObjectNode each : rules.all()) {
      if (each.at("/spec/vmName").asString("").equals(machine)) {
        controller.queue().add(ResourceClient.keyOf(each));
      }
    }
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    ObjectNode rule = rules.get(key).orElse(null);
    ObjectNode machine =
        rule == null
            ? null
            : machines.get(OtherixResources.key(rule.at("/spec/vmName").asString(""))).orElse(null);
    if (rule != null && machine != null) {
      LivePatch.write(client, rule, "", state -> tied(state, machine));
    }
    return Result.DONE;
  }

  private static Optional<ObjectNode> tied(ObjectNode rule, ObjectNode machine) {
    if (!rule.at("/metadata/ownerReferences").isEmpty()) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("metadata")
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", OtherixResources.API_VERSION)
        .put("kind", "VM")
        .put("name", machine.at("/metadata/name").asString(""))
        .put("uid", machine.at("/metadata/uid").asString(""));
    return Optional.of(patch);
  }
}
