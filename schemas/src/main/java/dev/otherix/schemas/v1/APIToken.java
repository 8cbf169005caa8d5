package dev.otherix.schemas.v1;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A credential for a program that acts for a user. The schema is `otherix/v1/apitoken.json`; a
/// test holds the two together.
public record APIToken(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// Whom the token is for.
  public record Spec(String user, String displayName, @Nullable Time expiresAt, boolean revoked) {}

  /// What is known of the token.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable String token,
      @Nullable String prefix,
      @Nullable Time lastUsedAt,
      @Nullable Time revokedAt) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
  }
}
