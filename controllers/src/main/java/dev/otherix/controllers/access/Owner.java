package dev.otherix.controllers.access;

import dev.otherix.apiserver.watchcache.CacheItem;
import tools.jackson.databind.JsonNode;

/// Whose an object is.
final class Owner {
  static final String ANNOTATION = "otherix/owner";

  private Owner() {}

  /// The field by which a collection can be narrowed to one user's objects; empty when there is
  /// none.
  static String field(String plural) {
    return switch (plural) {
      case Kinds.TASKS -> "spec.createdBy";
      case "apitokens" -> "spec.user";
      case "users" -> "metadata.name";
      default -> "";
    };
  }

  /// The user whose `object`, of the resource `plural`, is.
  static String of(String plural, JsonNode object) {
    return switch (plural) {
      case Kinds.TASKS -> object.at("/spec/createdBy").asString("");
      case "apitokens" -> object.at("/spec/user").asString("");
      case "users" -> object.at("/metadata/name").asString("");
      default -> object.path("metadata").path("annotations").path(ANNOTATION).asString("");
    };
  }

  static String of(String plural, CacheItem item) {
    String field = field(plural);
    return field.isEmpty() ? of(plural, item.object().toTree()) : item.field(field);
  }
}
