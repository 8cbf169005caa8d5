package dev.otherix.apimachinery.manifest;

import dev.otherix.apimachinery.schema.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One document of a manifest, checked.
///
/// @param kind null when the document does not name one that is known
/// @param object as it would be sent: without a status, otherwise as it was written
/// @param problems in the order in which they stand in the document; none when it may be sent
public record Manifest(
    String name, @Nullable Kind kind, ObjectNode object, List<Problem> problems) {
  public Manifest {
    problems = List.copyOf(problems);
  }

  public boolean sound() {
    return problems.isEmpty();
  }

  /// `VM/web-0`, or what is known of it.
  public String title() {
    String type = kind == null ? "?" : kind.kind();
    return type + "/" + (name.isEmpty() ? "?" : name);
  }
}
