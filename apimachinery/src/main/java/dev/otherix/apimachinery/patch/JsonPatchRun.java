package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One application of a JSON patch to a document that it owns and changes. Confined to one thread.
final class JsonPatchRun {
  private static final int DEPTH_MAX = Limits.REQUEST.depthMax();

  private JsonNode root;
  private long bytesCopied;
  private int index;
  private @Nullable Operation current;

  JsonPatchRun(JsonNode root) {
    this.root = root;
  }

  JsonNode apply(List<Operation> operations) {
    for (index = 0; index < operations.size(); index++) {
      Operation operation = operations.get(index);
      current = operation;
      apply(operation);
    }
    // Moves can nest a document deeper step by step; nobody could read it afterwards.
    if (TreeSize.deeperThan(root, DEPTH_MAX)) {
      throw ApiException.of(
          StatusReason.INVALID,
          "the JSON patch makes a document of more than " + DEPTH_MAX + " nested levels");
    }
    return root;
  }

  private void apply(Operation operation) {
    switch (operation) {
      case Operation.Add add -> add(add.path(), add.value().deepCopy());
      case Operation.Remove remove -> remove(remove.path());
      case Operation.Replace replace -> replace(replace.path(), replace.value().deepCopy());
      case Operation.Move move -> move(move.from(), move.path());
      case Operation.Copy copy -> add(copy.path(), copyOf(copy.from()));
      case Operation.Test test -> {
        if (!Json.equal(find(test.path()), test.value())) {
          throw failed("the value there is not the expected one");
        }
      }
    }
  }

  private void add(Pointer path, JsonNode value) {
    if (path.isRoot()) {
      root = value;
      return;
    }
    switch (parent(path)) {
      case ObjectNode object -> object.set(path.last(), value);
      case ArrayNode list -> {
        int size = list.size();
        list.insert(path.last().equals("-") ? size : listIndex(path.last(), size), value);
      }
      case JsonNode _ -> throw failed("what would hold it is neither an object nor a list");
    }
  }

  private JsonNode remove(Pointer path) {
    if (path.isRoot()) {
      throw failed("the whole document cannot be removed");
    }
    JsonNode removed =
        switch (parent(path)) {
          case ObjectNode object -> object.remove(path.last());
          case ArrayNode list -> list.remove(listIndex(path.last(), list.size() - 1));
          case JsonNode _ -> null;
        };
    return existing(removed);
  }

  private void replace(Pointer path, JsonNode value) {
    if (path.isRoot()) {
      root = value;
      return;
    }
    switch (parent(path)) {
      case ObjectNode object -> {
        existing(object.get(path.last()));
        object.set(path.last(), value);
      }
      case ArrayNode list -> list.set(listIndex(path.last(), list.size() - 1), value);
      case JsonNode _ -> existing(null);
    }
  }

  private void move(Pointer from, Pointer path) {
    if (from.isProperPrefixOf(path)) {
      throw failed("\"" + from.text() + "\" cannot move into itself");
    }
    JsonNode moved = find(from);
    if (!from.equals(path)) {
      remove(from);
      add(path, moved);
    }
  }

  private JsonNode copyOf(Pointer from) {
    JsonNode source = find(from);
    if (TreeSize.deeperThan(source, DEPTH_MAX)) {
      throw failed("\"" + from.text() + "\" has more than " + DEPTH_MAX + " nested levels");
    }
    bytesCopied += TreeSize.bytes(source);
    if (bytesCopied > JsonPatch.COPY_BYTES_MAX) {
      throw ApiException.of(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "JSON patch operation "
              + index
              + ": unable to complete the copy, the accumulated size increase of copy is "
              + bytesCopied
              + ", exceeding the limit "
              + JsonPatch.COPY_BYTES_MAX);
    }
    return source.deepCopy();
  }

  private JsonNode find(Pointer path) {
    JsonNode at = root;
    for (int i = 0; i < path.tokens().size(); i++) {
      at = step(at, path.tokens().get(i));
    }
    return at;
  }

  private JsonNode parent(Pointer path) {
    JsonNode at = root;
    for (int i = 0; i < path.tokens().size() - 1; i++) {
      at = step(at, path.tokens().get(i));
    }
    return at;
  }

  private JsonNode step(JsonNode at, String token) {
    return switch (at) {
      case ObjectNode object -> existing(object.get(token));
      case ArrayNode list -> existing(list.get(listIndex(token, list.size() - 1)));
      case JsonNode _ -> existing(null);
    };
  }

  /// @param last the largest index that is allowed
  private int listIndex(String token, int last) {
    boolean number = !token.isEmpty() && (token.length() == 1 || token.charAt(0) != '0');
    long value = 0;
    for (int i = 0; number && i < token.length(); i++) {
      int digit = token.charAt(i) - '0';
      number = digit >= 0 && digit <= 9;
      value = Math.min(value * 10 + digit, Integer.MAX_VALUE);
    }
    if (!number) {
      throw failed("\"" + token + "\" is not an index of the list");
    }
    if (value > last) {
      throw failed("the list has no index " + token);
    }
    return (int) value;
  }

  private JsonNode existing(@Nullable JsonNode node) {
    if (node == null) {
      throw failed("the path does not exist");
    }
    return node;
  }

  private ApiException failed(String why) {
    String what =
        switch (current) {
          case null -> "";
          case Operation.Move move -> " (move from \"" + move.from().text() + "\" to";
          case Operation.Copy copy -> " (copy from \"" + copy.from().text() + "\" to";
          case Operation operation -> " (" + operation.name();
        };
    String path = current == null ? "" : " \"" + current.path().text() + "\")";
    return ApiException.of(
        StatusReason.INVALID, "JSON patch operation " + index + what + path + " failed: " + why);
  }
}
