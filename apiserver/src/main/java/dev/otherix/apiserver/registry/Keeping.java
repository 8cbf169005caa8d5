package dev.otherix.apiserver.registry;

import dev.otherix.apiserver.admission.Attributes;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The last step before an object is stored, after every check: takes out of it what must not stand
/// in it, such as a password, and makes what only the answer to this one request shows, such as a
/// new token. Thread-safe. May be called again for the same write, when somebody else wrote in
/// between.
@FunctionalInterface
public interface Keeping {
  Keeping NOTHING = _ -> null;

  /// @param write its object is this step's to change; for a dry run nothing else may be
  /// @return the object as the answer to this request shows it; null for as it is stored
  @Nullable ObjectNode keep(Attributes write);
}
