package dev.otherix.apimachinery.patch;

import tools.jackson.databind.JsonNode;

/// One step of a JSON patch. Values are never changed; a document gets copies of them.
sealed interface Operation {
  Pointer path();

  record Add(Pointer path, JsonNode value) implements Operation {}

  record Remove(Pointer path) implements Operation {}

  record Replace(Pointer path, JsonNode value) implements Operation {}

  record Move(Pointer from, Pointer path) implements Operation {}

  record Copy(Pointer from, Pointer path) implements Operation {}

  record Test(Pointer path, JsonNode value) implements Operation {}

  default String name() {
    return switch (this) {
      case Add _ -> "add";
      case Remove _ -> "remove";
      case Replace _ -> "replace";
      case Move _ -> "move";
      case Copy _ -> "copy";
      case Test _ -> "test";
    };
  }
}
