package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A person who may log in. The object's name is the user name. The schema is
/// `otherix/v1/user.json`; a test holds the two together.
public record User(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// Who the person is and what they may do.
  public record Spec(
      Role role, String displayName, @Nullable String email, @Nullable String password) {}

  /// What is known of the person.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable Time passwordSetAt,
      @Nullable Time lastLoginAt) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
  }

  /// What the person may do.
  public enum Role {
    @JsonProperty("admin")
    ADMIN,
    @JsonProperty("operator")
    OPERATOR,
    @JsonProperty("developer")
    DEVELOPER,
    @JsonProperty("viewer")
    VIEWER
  }
}
