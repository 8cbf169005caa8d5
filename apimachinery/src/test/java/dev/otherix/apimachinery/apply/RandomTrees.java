package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Small random objects of one schema that has every kind of container, with few names so that two
/// of them often meet, and random sets of paths.
final class RandomTrees {
  static final SchemaNode SCHEMA =
      SchemaReader.read(
          Json.parseObject(
              """
              {"type":"object","properties":{"spec":{"type":"object","properties":{
                "a":{"type":"integer"},
                "b":{"type":"string"},
                "map":{"type":"object","additionalProperties":{"type":"string"}},
                "maps":{"type":"object","additionalProperties":
                  {"type":"object","additionalProperties":{"type":"string"}}},
                "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
                "list":{"type":"array","items":{"type":"string"}},
                "atomic":{"type":"object","x-kubernetes-map-type":"atomic",
                  "additionalProperties":{"type":"string"}},
                "free":{"x-kubernetes-preserve-unknown-fields":true},
                "items":{"type":"array","x-kubernetes-list-type":"map",
                  "x-kubernetes-list-map-keys":["k","p"],"items":{"type":"object","properties":{
                    "k":{"type":"string"},
                    "p":{"type":"integer","default":1},
                    "v":{"type":"string"},
                    "inner":{"type":"array","x-kubernetes-list-type":"set",
                      "items":{"type":"string"}}}}}}}}}
              """));

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Random random;

  RandomTrees(long seed) {
    this.random = new Random(seed);
  }

  ObjectNode object() {
    ObjectNode object = NODES.objectNode();
    object.put("apiVersion", "v1").put("kind", "Thing");
    ObjectNode metadata = object.putObject("metadata").put("name", "x");
    if (chance(3)) {
      metadata.set("labels", map());
    }
    object.set("spec", spec());
    return object;
  }

  private ObjectNode spec() {
    ObjectNode spec = NODES.objectNode();
    for (String name : List.of("a", "b", "map", "maps", "set", "list", "atomic", "free", "items")) {
      if (chance(2)) {
        spec.set(name, member(name));
      }
    }
    return spec;
  }

  private JsonNode member(String name) {
    return switch (name) {
      case "a" -> NODES.numberNode((long) random.nextInt(3));
      case "b" -> NODES.stringNode(word());
      case "map", "atomic" -> map();
      case "maps" -> {
        ObjectNode maps = NODES.objectNode();
        words().forEach(word -> maps.set(word, map()));
        yield maps;
      }
      case "set", "list" -> list();
      case "free" -> free(3);
      case "items" -> items();
      default -> throw new IllegalStateException(name);
    };
  }

  private ArrayNode items() {
    ArrayNode items = NODES.arrayNode();
    for (String word : words()) {
      ObjectNode item = items.addObject().put("k", word);
      if (chance(3)) {
        item.put("p", (long) random.nextInt(2));
      }
      if (chance(2)) {
        item.put("v", word());
      }
      if (chance(3)) {
        item.set("inner", list());
      }
    }
    return items;
  }

  private JsonNode free(int depth) {
    if (depth == 0 || chance(3)) {
      return chance(4) ? NODES.nullNode() : NODES.stringNode(word());
    }
    if (chance(4)) {
      return list();
    }
    ObjectNode object = NODES.objectNode();
    words().forEach(word -> object.set(word, free(depth - 1)));
    return object;
  }

  private ObjectNode map() {
    ObjectNode map = NODES.objectNode();
    words().forEach(word -> map.put(word, word()));
    return map;
  }

  private ArrayNode list() {
    ArrayNode list = NODES.arrayNode();
    words().forEach(list::add);
    return list;
  }

  /// Up to three different words in any order.
  private List<String> words() {
    List<String> left = new ArrayList<>(List.of("x", "y", "z", "w"));
    List<String> words = new ArrayList<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      words.add(left.remove(random.nextInt(left.size())));
    }
    return words;
  }

  private String word() {
    return List.of("x", "y", "z", "w").get(random.nextInt(4));
  }

  boolean chance(int in) {
    return random.nextInt(in) == 0;
  }

  int pick(int bound) {
    return random.nextInt(bound);
  }

  FieldSet fieldSet(int depth) {
    FieldSet set = FieldSet.EMPTY;
    for (int n = random.nextInt(6); n > 0; n--) {
      List<PathElement> path = new ArrayList<>();
      for (int i = 1 + random.nextInt(depth); i > 0; i--) {
        path.add(element());
      }
      set = set.union(FieldSet.of(path));
    }
    return set;
  }

  private PathElement element() {
    return switch (random.nextInt(6)) {
      case 0 -> new PathElement.Index(random.nextInt(2));
      case 1 -> new PathElement.Value(scalar());
      case 2 ->
          new PathElement.Key(
              List.of(
                  new PathElement.KeyField("p", scalar()),
                  new PathElement.KeyField("k", NODES.stringNode(word()))));
      default -> new PathElement.Field(word());
    };
  }

  private JsonNode scalar() {
    return switch (random.nextInt(5)) {
      case 0 -> NODES.numberNode((long) random.nextInt(2));
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.stringNode("\"" + word() + "\\\u00e9\n");
      case 3 -> Json.parse("1.5");
      default -> NODES.stringNode(word());
    };
  }
}
