package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Which names a definition gets: those that no other resource of its group has.
///
/// @param accepted the names that are free, and those that were accepted before where the new ones
///   are not
/// @param conflicts why others are not, in the order of the names
record NameCheck(ObjectNode accepted, List<Conflict> conflicts) {
  record Conflict(String reason, String message) {}

  static NameCheck of(ObjectNode definition, Kinds served) {
    JsonNode wanted = definition.path("spec").path("names");
    JsonNode before = definition.path("status").path("acceptedNames");
    Map<String, Kind> words = new HashMap<>();
    Map<String, Kind> types = new HashMap<>();
    String plural = wanted.path("plural").asString("");
    for (Kind kind : served.all()) {
      if (kind.group().equals(Definition.group(definition)) && !kind.plural().equals(plural)) {
        words.put(kind.plural(), kind);
        words.put(kind.singular(), kind);
        kind.header().shortNames().forEach(each -> words.put(each, kind));
        types.put(kind.kind(), kind);
        types.put(kind.listKind(), kind);
      }
    }
    List<Conflict> conflicts = new ArrayList<>();
    ObjectNode accepted = JsonNodeFactory.instance.objectNode();
    single("plural", "PluralConflict", wanted, before, words, accepted, conflicts);
    single("singular", "SingularConflict", wanted, before, words, accepted, conflicts);
    several(wanted, before, words, accepted, conflicts);
    single("kind", "KindConflict", wanted, before, types, accepted, conflicts);
    single("listKind", "ListKindConflict", wanted, before, types, accepted, conflicts);
    if (!wanted.path("categories").isEmpty()) {
      accepted.set("categories", wanted.path("categories").deepCopy());
    }
    if (!accepted.has("plural")) {
      accepted.put("plural", "");
    }
    if (!accepted.has("kind")) {
      accepted.put("kind", "");
    }
    return new NameCheck(accepted, List.copyOf(conflicts));
  }

  private static void single(
      String member,
      String reason,
      JsonNode wanted,
      JsonNode before,
      Map<String, Kind> taken,
      ObjectNode accepted,
      List<Conflict> conflicts) {
    String name = wanted.path(member).asString("");
    if (taken.containsKey(name)) {
      conflicts.add(new Conflict(reason, inUse(name, taken)));
      name = before.path(member).asString("");
    }
    if (!name.isEmpty()) {
      accepted.put(member, name);
    }
  }

  /// Short names are accepted together or not at all.
  private static void several(
      JsonNode wanted,
      JsonNode before,
      Map<String, Kind> taken,
      ObjectNode accepted,
      List<Conflict> conflicts) {
    List<String> messages = new ArrayList<>();
    for (JsonNode each : wanted.path("shortNames")) {
      if (taken.containsKey(each.asString(""))) {
        messages.add(inUse(each.asString(""), taken));
      }
    }
    if (!messages.isEmpty()) {
      conflicts.add(new Conflict("ShortNamesConflict", String.join(", ", messages)));
    }
    JsonNode names = (messages.isEmpty() ? wanted : before).path("shortNames");
    if (!names.isEmpty()) {
      accepted.set("shortNames", names.deepCopy());
    }
  }

  private static String inUse(String name, Map<String, Kind> taken) {
    return "\"" + name + "\" is already in use by " + taken.get(name);
  }

  Condition condition() {
    if (conflicts.isEmpty()) {
      return DefinitionStatus.condition(
          DefinitionStatus.NAMES_ACCEPTED, true, "NoConflicts", "no conflicts found");
    }
    Conflict last = conflicts.getLast();
    return DefinitionStatus.condition(
        DefinitionStatus.NAMES_ACCEPTED, false, last.reason(), last.message());
  }
}
