package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads members of one object, each as the type it must have. A member of another type is reported
/// and read as absent; `null` is absent, as Kubernetes has it. Confined to one thread.
public final class MemberReader {
  private final ObjectNode source;
  private final FieldPath path;
  private final Findings findings;

  /// Reports every member of `source` that is not in `known`.
  public MemberReader(ObjectNode source, FieldPath path, Set<String> known, Findings findings) {
    this.source = source;
    this.path = path;
    this.findings = findings;
    for (Map.Entry<String, JsonNode> member : source.properties()) {
      if (!known.contains(member.getKey())) {
        findings.unknown(path.child(member.getKey()));
      }
    }
  }

  /// `node` as an object; anything else is reported, absent and `null` are not.
  public static @Nullable ObjectNode object(
      @Nullable JsonNode node, FieldPath path, Findings findings) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    if (node != null && !node.isNull()) {
      findings.error(typeInvalid(path, node, "an object"));
    }
    return null;
  }

  public String text(String name) {
    JsonNode value = present(name);
    return value == null ? "" : text(value, path.child(name));
  }

  public long integer(String name) {
    Long value = optionalInteger(name);
    return value == null ? 0 : value;
  }

  public @Nullable Long optionalInteger(String name) {
    JsonNode value = present(name);
    if (value == null || (value.isIntegralNumber() && value.canConvertToLong())) {
      return value == null ? null : value.longValue();
    }
    findings.error(typeInvalid(path.child(name), value, "an integer of 64 bits"));
    return null;
  }

  public @Nullable Boolean optionalBoolean(String name) {
    JsonNode value = present(name);
    if (value == null || value.isBoolean()) {
      return value == null ? null : value.booleanValue();
    }
    findings.error(typeInvalid(path.child(name), value, "true or false"));
    return null;
  }

  public @Nullable Time time(String name) {
    String text = text(name);
    if (text.isEmpty()) {
      return null;
    }
    try {
      return Time.parse(text);
    } catch (ApiException e) {
      findings.error(
          FieldError.invalid(path.child(name), source.get(name), String.valueOf(e.getMessage())));
      return null;
    }
  }

  public @Nullable ObjectNode object(String name) {
    return object(source.get(name), path.child(name), findings);
  }

  /// A map whose keys are data; in the order of the document.
  public Map<String, String> texts(String name) {
    ObjectNode map = object(name);
    if (map == null || map.isEmpty()) {
      return Map.of();
    }
    Map<String, String> out = LinkedHashMap.newLinkedHashMap(map.size());
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      JsonNode value = entry.getValue();
      out.put(
          entry.getKey(),
          value instanceof StringNode text
              ? text.stringValue()
              : text(value, path.child(name).key(entry.getKey())));
    }
    return out;
  }

  public List<String> textList(String name) {
    ArrayNode list = list(name);
    if (list == null) {
      return List.of();
    }
    List<String> out = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      out.add(text(list.get(i), path.child(name).index(i)));
    }
    return out;
  }

  /// Every item that is an object, read by `each`; the others are reported.
  public <T> List<T> objects(String name, Set<String> known, Function<MemberReader, T> each) {
    ArrayNode list = list(name);
    if (list == null) {
      return List.of();
    }
    List<T> out = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      FieldPath at = path.child(name).index(i);
      if (list.get(i) instanceof ObjectNode item) {
        out.add(each.apply(new MemberReader(item, at, known, findings)));
      } else {
        findings.error(typeInvalid(at, list.get(i), "an object"));
      }
    }
    return out;
  }

  public FieldPath path() {
    return path;
  }

  private @Nullable ArrayNode list(String name) {
    JsonNode value = present(name);
    if (value == null || value instanceof ArrayNode) {
      return (ArrayNode) value;
    }
    findings.error(typeInvalid(path.child(name), value, "a list"));
    return null;
  }

  private String text(JsonNode value, FieldPath at) {
    if (value.isString() || value.isNull()) {
      return value.isNull() ? "" : value.stringValue();
    }
    findings.error(typeInvalid(at, value, "a string"));
    return "";
  }

  private @Nullable JsonNode present(String name) {
    JsonNode value = source.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private static FieldError typeInvalid(FieldPath path, JsonNode value, String wanted) {
    return FieldError.typeInvalid(path, value, "must be " + wanted);
  }
}
