package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.status.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A check of whole objects of one kind that comes after its schema's. Thread-safe.
@FunctionalInterface
public interface ObjectCheck {
  ObjectCheck NONE = (_, _) -> List.of();

  /// @param old null on create
  List<FieldError> check(@Nullable ObjectNode old, ObjectNode object);
}
