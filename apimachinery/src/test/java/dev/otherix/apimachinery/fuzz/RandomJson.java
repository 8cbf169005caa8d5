package dev.otherix.apimachinery.fuzz;

import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Random trees over few names and values, so that two of them often meet. Confined to one thread.
public final class RandomJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String[] NAMES = {"a", "b", "c", "d/e", "~", "", "0"};

  private final RandomGenerator random;
  private final boolean nulls;

  /// @param nulls whether null occurs
  public RandomJson(RandomGenerator random, boolean nulls) {
    this.random = random;
    this.nulls = nulls;
  }

  /// A tree of at most `depth` levels.
  public JsonNode value(int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 3)) {
      case 0 -> NODES.numberNode((long) random.nextInt(4));
      case 1 -> NODES.stringNode(name());
      case 2 -> nulls && random.nextBoolean() ? NODES.nullNode() : NODES.booleanNode(true);
      case 3 -> list(depth);
      default -> object(depth);
    };
  }

  public ObjectNode object(int depth) {
    ObjectNode out = NODES.objectNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      out.set(name(), value(depth - 1));
    }
    return out;
  }

  public String name() {
    return NAMES[random.nextInt(NAMES.length)];
  }

  private ArrayNode list(int depth) {
    ArrayNode out = NODES.arrayNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      out.add(value(depth - 1));
    }
    return out;
  }
}
