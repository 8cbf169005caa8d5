package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.request.Warnings;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Changes an object on its way into the store. May run twice for one write: the second result must
/// equal the first.
@FunctionalInterface
public interface Mutation {
  /// The changed object, a new tree that is the caller's from here on; null when nothing changed.
  ///
  /// @throws ApiException to refuse the write
  @Nullable ObjectNode mutate(Attributes attributes, Warnings warnings);
}
