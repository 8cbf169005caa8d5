package dev.otherix.controllers.access;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.admission.Validation;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.watchcache.CacheItem;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Whoever copies a disk can read it. So who may open only his own machines' consoles takes
/// snapshots of his own machines only, and makes machines of his own snapshots only; and says of
/// these only what may reach them.
final class SourceOwnership implements Validation {
  private final Resources resources;

  SourceOwnership(Resources resources) {
    this.resources = resources;
  }

  @Override
  public void validate(Attributes write, Warnings warnings) {
    ObjectNode object = write.object();
    Role role = Role.of(write.caller());
    if (object == null
        || role == null
        || write.caller().in(Caller.MASTERS)
        || write.operation() != Operation.CREATE
        || Right.VM_CONSOLE.of(role) == Scope.ANY) {
      return;
    }
    String caller = write.caller().name();
    if (Kinds.is(write.kind(), Kinds.SNAPSHOTS)) {
      String vm = object.at("/spec/vmName").asString("");
      Resource machines = resources.find(Kinds.GROUP, Kinds.VMS);
      require(
          write,
          machines == null ? null : machines.peek("", vm),
          "there is no machine \"" + vm + "\" of yours; you may take snapshots of your own only",
          caller);
    }
    if (Kinds.is(write.kind(), Kinds.SECURITY_RULES)) {
      String vm = object.at("/spec/vmName").asString("");
      Resource machines = resources.find(Kinds.GROUP, Kinds.VMS);
      require(
          write,
          machines == null ? null : machines.peek("", vm),
          "there is no machine \"" + vm + "\" of yours; you may make rules for your own only",
          caller);
    }
    String source = object.at("/spec/sourceSnapshotID").asString("");
    if (Kinds.is(write.kind(), Kinds.VMS) && !source.isEmpty()) {
      require(
          write,
          snapshot(source),
          "there is no snapshot with the uid "
              + source
              + " of yours; you may make machines of your own only",
          caller);
    }
  }

  private static void require(
      Attributes write, @Nullable CacheItem item, String why, String caller) {
    if (item == null || !Owner.of(Kinds.SNAPSHOTS, item.object().toTree()).equals(caller)) {
      throw ApiException.forbidden(write.kind().group(), write.kind().plural(), write.name(), why);
    }
  }

  private @Nullable CacheItem snapshot(String uid) {
    Resource snapshots = resources.find(Kinds.GROUP, Kinds.SNAPSHOTS);
    if (snapshots == null) {
      return null;
    }
    try {
      for (CacheItem each : snapshots.everything()) {
        if (each.object().toTree().at("/metadata/uid").asString("").equals(uid)) {
          return each;
        }
      }
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while snapshots were read", e);
    }
  }
}
