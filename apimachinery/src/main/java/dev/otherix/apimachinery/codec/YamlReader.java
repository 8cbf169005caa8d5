package dev.otherix.apimachinery.codec;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Builds trees from the events of one YAML stream. Used once, by one thread.
final class YamlReader {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String TAG = "tag:yaml.org,2002:";
  private static final String MERGE_KEY = "<<";

  private final Limits limits;
  private final Map<String, JsonNode> anchors = new HashMap<>();
  private final List<FieldPath> duplicates = new ArrayList<>();
  private final Map<String, Position> positions = new HashMap<>();
  private Iterator<Event> events = List.<Event>of().iterator();
  private int aliases;
  private int nodes;

  YamlReader(Limits limits) {
    this.limits = limits;
  }

  List<YamlDocument> read(String text) {
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(limits.bytesMax()).setUseMarks(true).build();
    List<YamlDocument> documents = new ArrayList<>();
    try {
      events = new Parse(settings).parseString(text).iterator();
      while (events.hasNext()) {
        Event event = events.next();
        if (event.getEventId() == Event.ID.DocumentStart) {
          readDocument(documents, event);
        }
      }
    } catch (MarkedYamlEngineException e) {
      Position at = e.getProblemMark().map(YamlReader::position).orElse(new Position(1, 1));
      throw ApiException.badRequest(at + ": " + problem(e), e);
    } catch (NumberFormatException e) {
      // What the parser throws at an escape that is cut off, such as "\\u12".
      throw ApiException.badRequest(
          "the text is not valid YAML: an escape in double quotes has too few digits", e);
    } catch (YamlEngineException e) {
      throw ApiException.badRequest("the text is not valid YAML: " + e.getMessage(), e);
    }
    return documents;
  }

  private void readDocument(List<YamlDocument> documents, Event start) {
    if (documents.size() == limits.documentsMax()) {
      throw refused(start, "a stream may hold " + limits.documentsMax() + " documents at most");
    }
    anchors.clear();
    duplicates.clear();
    positions.clear();
    aliases = 0;
    nodes = 0;
    Event first = events.next();
    JsonNode tree = value(first, FieldPath.ROOT, 1);
    if (!(tree instanceof NullNode)) {
      documents.add(new YamlDocument(documents.size(), tree, duplicates, positions));
    }
  }

  private JsonNode value(Event event, FieldPath path, int depth) {
    if (depth > limits.depthMax()) {
      throw refused(event, "the document is nested deeper than " + limits.depthMax() + " levels");
    }
    count(event, 1);
    positions.put(path.pointer(), position(event));
    return switch (event.getEventId()) {
      case Scalar -> anchored(((ScalarEvent) event).getAnchor(), scalar((ScalarEvent) event));
      case SequenceStart -> sequence((CollectionStartEvent) event, path, depth);
      case MappingStart -> mapping((CollectionStartEvent) event, path, depth);
      case Alias -> alias((AliasEvent) event, depth);
      case Comment, DocumentStart, DocumentEnd, MappingEnd, SequenceEnd, StreamStart, StreamEnd ->
          throw new IllegalStateException("a YAML value cannot begin with " + event);
    };
  }

  private ArrayNode sequence(CollectionStartEvent start, FieldPath path, int depth) {
    requireTag(start, start.getTag(), "seq");
    ArrayNode array = NODES.arrayNode();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      array.add(value(event, path.index(array.size()), depth + 1));
    }
    anchored(start.getAnchor(), array);
    return array;
  }

  private ObjectNode mapping(CollectionStartEvent start, FieldPath path, int depth) {
    requireTag(start, start.getTag(), "map");
    ObjectNode object = NODES.objectNode();
    ObjectNode merged = NODES.objectNode();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      if (!(event instanceof ScalarEvent key)) {
        throw refused(event, "a key must be plain text, not a list, an object or an alias");
      }
      if (key.isPlain() && key.getValue().equals(MERGE_KEY)) {
        Event from = events.next();
        merge(from, value(from, path.child(MERGE_KEY), depth + 1), merged);
        continue;
      }
      String name = name(key);
      FieldPath child = path.child(name);
      JsonNode replaced = object.replace(name, value(events.next(), child, depth + 1));
      if (replaced != null) {
        duplicates.add(child);
      }
    }
    for (Map.Entry<String, JsonNode> member : merged.properties()) {
      object.putIfAbsent(member.getKey(), member.getValue());
    }
    anchored(start.getAnchor(), object);
    return object;
  }

  /// `<<: *base` or `<<: [*first, *second]`: members that the object does not name itself; of
  /// several sources the first wins.
  private static void merge(Event event, JsonNode source, ObjectNode merged) {
    switch (source) {
      case ObjectNode object -> {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
          merged.putIfAbsent(member.getKey(), member.getValue());
        }
      }
      case ArrayNode array -> {
        for (JsonNode each : array) {
          if (!each.isObject()) {
            throw refused(event, "a merge key << takes an object or a list of objects");
          }
          merge(event, each, merged);
        }
      }
      default -> throw refused(event, "a merge key << takes an object or a list of objects");
    }
  }

  private static String name(ScalarEvent key) {
    if (key.isPlain() && (key.getValue().isEmpty() || key.getValue().equals("~"))) {
      throw refused(key, "a key is missing before the colon; quote it if it is meant to be empty");
    }
    return text(key);
  }

  private JsonNode alias(AliasEvent event, int depth) {
    JsonNode target = anchors.get(event.getAlias().getValue());
    if (target == null) {
      throw refused(event, "the alias *" + event.getAlias().getValue() + " has no anchor above it");
    }
    if (++aliases > limits.aliasesMax()) {
      throw refused(event, "a document may use " + limits.aliasesMax() + " aliases at most");
    }
    count(event, size(target));
    if (depth + height(target) > limits.depthMax()) {
      throw refused(event, "the document is nested deeper than " + limits.depthMax() + " levels");
    }
    return target.deepCopy();
  }

  /// Counts before anything is copied, so that aliases of aliases cannot multiply.
  private void count(Event event, int more) {
    nodes += more;
    if (nodes > limits.nodesMax()) {
      throw refused(event, "a document may hold " + limits.nodesMax() + " values at most");
    }
  }

  private static int size(JsonNode tree) {
    int size = 1;
    for (JsonNode each : tree) {
      size += size(each);
    }
    return size;
  }

  /// Bounded recursion: no tree that is already read is deeper than the limit.
  private static int height(JsonNode tree) {
    int height = 0;
    for (JsonNode each : tree) {
      height = Math.max(height, 1 + height(each));
    }
    return height;
  }

  private JsonNode anchored(Optional<Anchor> anchor, JsonNode value) {
    anchor.ifPresent(each -> anchors.put(each.getValue(), value));
    return value;
  }

  private static JsonNode scalar(ScalarEvent event) {
    String text = text(event);
    String tag = event.getTag().orElse(event.isPlain() ? "" : TAG + "str");
    try {
      return switch (tag) {
        case "" -> YamlScalar.plain(text);
        case "!", TAG + "str" -> StringNode.valueOf(text);
        case TAG + "int", TAG + "float", TAG + "bool", TAG + "null" -> typed(event, text, tag);
        case TAG + "binary" -> StringNode.valueOf(base64(event, text));
        default ->
            throw refused(event, "the tag " + tag + " has no meaning in a manifest; remove it");
      };
    } catch (ArithmeticException e) {
      throw refused(event, String.valueOf(e.getMessage()));
    }
  }

  private static JsonNode typed(ScalarEvent event, String text, String tag) {
    JsonNode value = YamlScalar.plain(text);
    boolean fits =
        switch (tag.substring(TAG.length())) {
          case "int" -> value.isIntegralNumber();
          case "float" -> value.isNumber();
          case "bool" -> value.isBoolean();
          default -> value.isNull();
        };
    if (!fits) {
      throw refused(event, "\"" + text + "\" is not what its tag " + tag + " says");
    }
    return value;
  }

  private static String base64(ScalarEvent event, String text) {
    String packed = text.replaceAll("\\s", "");
    try {
      return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(packed));
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest(
          position(event) + ": the value tagged !!binary is not base64: " + e.getMessage(), e);
    }
  }

  private static String text(ScalarEvent event) {
    int at = Json.unpairedSurrogate(event.getValue());
    if (at >= 0) {
      throw refused(event, "the text holds half of a surrogate pair, which is not a character");
    }
    return event.getValue();
  }

  private static void requireTag(Event event, Optional<String> tag, String name) {
    if (tag.isPresent() && !tag.get().equals(TAG + name) && !tag.get().equals("!")) {
      throw refused(event, "the tag " + tag.get() + " has no meaning in a manifest; remove it");
    }
  }

  private static ApiException refused(Event event, String why) {
    return ApiException.badRequest(position(event) + ": " + why);
  }

  private static String problem(MarkedYamlEngineException e) {
    String problem = e.getProblem() == null ? "the text is not valid YAML" : e.getProblem();
    @Nullable String context = e.getContext();
    return context == null || context.isEmpty() ? problem : context + ", " + problem;
  }

  private static Position position(Event event) {
    return event.getStartMark().map(YamlReader::position).orElse(new Position(1, 1));
  }

  private static Position position(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
