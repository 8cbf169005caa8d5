package dev.otherix.agent.machines;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.controllers.runtime.Finalizers;
import dev.otherix.schemas.v1.VM;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What the server says about a machine.
///
/// @param object as it is on the server; shared, not to be changed
record Wanted(ObjectNode object, VM vm) {
  static final String FINALIZER = "otherix/agent";

  static Wanted of(ObjectNode object) {
    return new Wanted(object, Records.read(object, VM.class));
  }

  String uid() {
    return object.path("metadata").path("uid").asString("");
  }

  String name() {
    return object.path("metadata").path("name").asString("");
  }

  long generation() {
    return object.path("metadata").path("generation").asLong(0);
  }

  boolean deleting() {
    return Finalizers.deleting(object);
  }

  boolean networkReady() {
    return Condition.find(conditions(), "NetworkReady").map(Condition::isTrue).orElse(false);
  }

  List<Condition> conditions() {
    VM.Status status = vm.status();
    return status == null ? List.of() : status.conditions();
  }

  int incarnation() {
    Integer count = vm.spec().incarnation();
    return count == null ? 0 : count;
  }

  VM.PowerState power() {
    return vm.spec().powerState();
  }

  VM.RunPolicy runPolicy() {
    return vm.spec().runPolicy();
  }
}
