package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.node.StringNode;

/// Paths that an applier wants to change and others own, by owner. Entries hold only the contested
/// paths.
record Conflicts(List<ManagedEntry> entries) {
  private static final Comparator<ManagedEntry> BY_MANAGER =
      Comparator.comparing(ManagedEntry::manager)
          .thenComparing(ManagedEntry::operation)
          .thenComparing(ManagedEntry::apiVersion)
          .thenComparing(ManagedEntry::subresource);

  Conflicts {
    entries = entries.stream().sorted(BY_MANAGER).toList();
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /// Without the paths that the applier may take from anyone.
  Conflicts without(FieldSet allowed) {
    List<ManagedEntry> left = new ArrayList<>();
    for (ManagedEntry entry : entries) {
      FieldSet fields = entry.fields().difference(allowed);
      if (!fields.isEmpty()) {
        left.add(entry.withFields(fields));
      }
    }
    return new Conflicts(left);
  }

  /// 409 with a cause per path, worded as kubectl users know it.
  ApiException toException() {
    List<Status.Cause> causes = new ArrayList<>();
    StringBuilder list = new StringBuilder();
    for (ManagedEntry entry : entries) {
      String owner = describe(entry);
      list.append(list.isEmpty() ? "" : "\n").append("conflicts with ").append(owner).append(':');
      for (List<PathElement> path : entry.fields().paths()) {
        String field = PathElement.text(path);
        list.append("\n- ").append(field);
        causes.add(
            new Status.Cause(
                CauseReason.FIELD_MANAGER_CONFLICT.wireName(), "conflict with " + owner, field));
      }
    }
    String message =
        causes.size() == 1
            ? "1 conflict: " + causes.getFirst().message() + ": " + causes.getFirst().field()
            : causes.size() + " conflicts: " + list;
    return new ApiException(
        Status.failure(
            StatusReason.CONFLICT,
            "Apply failed with " + message,
            Status.Details.of("", "", "").withCauses(causes)));
  }

  private static String describe(ManagedEntry entry) {
    StringBuilder out = new StringBuilder(StringNode.valueOf(entry.manager()).toString());
    if (!entry.subresource().isEmpty()) {
      out.append(" with subresource ").append(StringNode.valueOf(entry.subresource()));
    }
    if (!entry.applied()) {
      out.append(" using ").append(entry.apiVersion());
      if (entry.time() != null) {
        out.append(" at ").append(ManagedFields.time(entry.time()));
      }
    }
    return out.toString();
  }
}
