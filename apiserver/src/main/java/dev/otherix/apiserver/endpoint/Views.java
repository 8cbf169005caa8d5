package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.auth.Caller;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What a caller gets to see of objects that he may read: members may be left out. Thread-safe.
@FunctionalInterface
public interface Views {
  /// Everybody sees everything.
  Views WHOLE = (_, _) -> null;

  /// How objects of `kind` are shown to `caller`; null for as they are. It costs a parse for each
  /// object, so it is for callers and kinds that need it.
  @Nullable UnaryOperator<EncodedObject> of(Caller caller, Kind kind);
}
