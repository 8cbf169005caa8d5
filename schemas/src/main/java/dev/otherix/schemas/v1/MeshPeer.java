package dev.otherix.schemas.v1;

import dev.otherix.apimachinery.object.ObjectMeta;
import org.jspecify.annotations.Nullable;

/// A node's end of the encrypted mesh that overlays run over, as other nodes see it. The schema is
/// `otherix/v1/meshpeer.json`; a test holds the two together.
public record MeshPeer(ObjectMeta metadata, Spec spec) {
  /// The node in the mesh.
  ///
  /// @param address with the prefix length of the whole mesh
  /// @param endpoint null for a node that cannot be reached from outside
  /// @param relay whether nodes of that kind speak with each other through it
  public record Spec(String address, String publicKey, @Nullable String endpoint, boolean relay) {}
}
