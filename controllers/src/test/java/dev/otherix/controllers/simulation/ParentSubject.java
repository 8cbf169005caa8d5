package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import java.util.Collection;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/// The controllers that are simulated: one that is right, and others with a mistake that happens.
enum ParentSubject {
  RIGHT,
  /// Lets its finalizer go before it has cleaned up.
  FINALIZER_FIRST,
  /// Believes that what its copy does not show is not there, and gives children new names.
  TWICE_ON_STALE,
  /// Is not woken when something happens to its children.
  LOST_WAKE_UP,
  /// Passes over what changes about a key while it works on it.
  DEAF_AT_WORK;

  private static final Function<ObjectNode, Collection<ObjectKey>> OWNERS =
      Controller.owners("v1", "ConfigMap");

  Controller<ObjectKey> build(
      ControllerHost host, Informer parents, Informer children, World world) {
    ParentReconciler reconciler =
        new ParentReconciler(this, host.client(), parents, children, world);
    Controller<ObjectKey> controller = host.controller("parents", reconciler, 1);
    if (this == DEAF_AT_WORK) {
      return controller
          .handles(parents, (key, _, _) -> addUnlessAtWork(controller, reconciler, key))
          .handles(
              children,
              (_, before, after) -> {
                for (ObjectNode each : new ObjectNode[] {before, after}) {
                  if (each != null) {
                    OWNERS
                        .apply(each)
                        .forEach(owner -> addUnlessAtWork(controller, reconciler, owner));
                  }
                }
              });
    }
    Controller.watching(controller, parents, (_, _) -> true);
    // Followed by all of them, as the copy is read; only that nobody is woken is the mistake.
    return this == LOST_WAKE_UP
        ? controller.handles(children, (_, _, _) -> {})
        : controller.maps(children, OWNERS);
  }

  private static void addUnlessAtWork(
      Controller<ObjectKey> controller, ParentReconciler reconciler, ObjectKey key) {
    if (!reconciler.isAtWork(key)) {
      controller.queue().add(key);
    }
  }
}
