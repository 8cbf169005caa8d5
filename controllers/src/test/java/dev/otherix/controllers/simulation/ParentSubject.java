package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import java.util.HashSet;
import java.util.Set;

/// The controllers that are simulated: one that is right, and three with a mistake that happens.
enum ParentSubject {
  RIGHT,
  /// Lets its finalizer go before it has cleaned up.
  FINALIZER_FIRST,
  /// Believes that what its copy does not show is not there, and gives children new names.
  TWICE_ON_STALE,
  /// Drops changes of what it is just working on.
  LOST_WAKE_UP;

  Controller<ObjectKey> build(
      ControllerHost host, Informer parents, Informer children, World world) {
    Set<ObjectKey> busy = new HashSet<>();
    ParentReconciler reconciler =
        new ParentReconciler(this, host.client(), parents, children, world, busy);
    Controller<ObjectKey> controller = host.controller("parents", reconciler, 1);
    if (this == LOST_WAKE_UP) {
      controller.handles(
          parents,
          (key, _, _) -> {
            if (!busy.contains(key)) {
              controller.queue().add(key);
            }
          });
    } else {
      Controller.watching(controller, parents, (_, _) -> true);
    }
    return controller.maps(children, Controller.owners("v1", "ConfigMap"));
  }
}
