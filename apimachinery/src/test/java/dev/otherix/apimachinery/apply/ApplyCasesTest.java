package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class ApplyCasesTest {
  private static final List<String> AREAS =
      List.of(
          "conflict",
          "deduced",
          "default_keys",
          "duplicates",
          "extract_apply",
          "field_level_overrides",
          "ignore",
          "key",
          "leaf",
          "multiple_appliers",
          "nested",
          "obsolete_versions",
          "preserve_unknown",
          "schema_change",
          "set",
          "typed");

  static List<ApplyCase> cases() {
    return ApplyCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void write_everyCase_leavesObjectAndOwners(ApplyCase each) {
    new Run(each).all();
  }

  @Test
  void cases_everyArea_isCovered() {
    Map<String, Integer> counts = ApplyCase.counts();
    assertEquals(List.of(), AREAS.stream().filter(area -> !counts.containsKey(area)).toList());
    int total = counts.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(total >= 150, "only " + total + " cases: " + counts);
  }

  private static final class Run {
    private final ApplyCase test;
    private SchemaNode schema;
    private List<String> served;
    private @Nullable ObjectNode live;
    private long clock = 1_000_000_000;

    Run(ApplyCase test) {
      this.test = test;
      this.schema = test.schema();
      this.served = test.versions();
    }

    void all() {
      List<String> owners = new ArrayList<>();
      List<String> lines = test.lines();
      boolean expected = false;
      for (int i = 0; i < lines.size(); i++) {
        String[] words = lines.get(i).split(" +", 2);
        switch (words[0]) {
          case "apply", "force", "update" -> {
            int end = i + 1;
            while (end < lines.size() && lines.get(end).matches("(conflict|error|unchanged).*")) {
              end++;
            }
            step(words[0], words[1].split(" +", 3), lines.subList(i + 1, end));
            i = end - 1;
          }
          case "serve" -> served = List.of(words[1].split(" +"));
          case "reschema" -> schema = ApplyCase.schema(words[1]);
          case "expect" -> {
            expected = true;
            assertEquals(Json.parse(words[1]).toString(), bare(liveObject()).toString());
          }
          case "owns" -> owners.add(words[1]);
          default -> throw new IllegalStateException("no such step: " + lines.get(i));
        }
      }
      assertTrue(expected, "the case expects nothing");
      owners.sort(null);
      assertEquals(String.join("\n", owners), ownersText());
    }

    private ObjectNode liveObject() {
      return live == null ? JsonNodeFactory.instance.objectNode() : live;
    }

    private void step(String verb, String[] words, List<String> outcome) {
      String version = words[1].replaceFirst("/.*", "");
      String subresource = words[1].substring(version.length()).replace("/", "");
      FieldSet reset =
          subresource.isEmpty() ? ResetFields.STATUS : ResetFields.allBut(schema, "status");
      Endpoint endpoint = new Endpoint(version, "Thing", subresource, reset);
      Writer writer = new Writer(words[0], endpoint, Instant.ofEpochSecond(clock++));
      ObjectNode body = whole(words[2], version);
      String sent = body.toString();
      ObjectNode before = live == null ? null : at(live, version);
      String stood = String.valueOf(before);
      boolean refused =
          outcome.stream().anyMatch(l -> l.startsWith("conflict") || l.startsWith("error"));
      if (refused) {
        ApiException e =
            assertThrows(ApiException.class, () -> write(verb, before, body, writer), verb);
        assertEquals(stood, String.valueOf(before));
        checkRefusal(e, outcome);
        return;
      }
      Written written = write(verb, before, body, writer);
      assertEquals(sent, body.toString(), "the body was changed");
      assertEquals(stood, String.valueOf(before), "the live object was changed");
      assertEquals(!outcome.contains("unchanged"), written.changed(), "changed by " + verb);
      assertFalse(written.ownersForgotten());
      live = written.object();
      boolean owned = live.path("metadata").has("managedFields");
      if (!verb.equals("update") && owned) {
        Written again = write(verb, live, body, writer);
        assertFalse(again.changed(), "a repeated apply made " + again.object() + " of " + live);
      }
    }

    private Written write(String verb, @Nullable ObjectNode before, ObjectNode body, Writer by) {
      Map<String, SchemaNode> schemas = new LinkedHashMap<>();
      served.forEach(version -> schemas.put(version, schema));
      ServerSideApply apply = new ServerSideApply(new ServedVersions(schemas, this::convert));
      return verb.equals("update")
          ? apply.update(before, body, by)
          : apply.apply(before, body, by, verb.equals("force"));
    }

    private static void checkRefusal(ApiException e, List<String> outcome) {
      List<String> conflicts = new ArrayList<>();
      for (String line : outcome) {
        if (line.startsWith("error ")) {
          assertEquals(400, e.code());
          String message = e.status().message();
          assertTrue(message.contains(line.substring(6)), message);
        } else {
          conflicts.add(line);
        }
      }
      if (conflicts.isEmpty()) {
        return;
      }
      assertTrue(e.is(StatusReason.CONFLICT), e.getMessage());
      List<String> causes = new ArrayList<>();
      var details = e.status().details();
      assertTrue(details != null);
      for (var cause : details.causes()) {
        assertEquals("FieldManagerConflict", cause.reason());
        String manager = cause.message().replaceFirst("conflict with \"([^\"]*)\".*", "$1");
        causes.add("conflict " + manager + " " + cause.field());
      }
      conflicts.sort(null);
      causes.sort(null);
      assertEquals(conflicts, causes);
    }

    private static ObjectNode whole(String text, String version) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.put("apiVersion", version).put("kind", "Thing");
      body.putObject("metadata").put("name", "x");
      ObjectNode given = Json.parseObject(text);
      if (given.remove("metadata") instanceof ObjectNode metadata) {
        ((ObjectNode) body.get("metadata")).setAll(metadata);
      }
      body.setAll(given);
      return body;
    }

    private static ObjectNode bare(ObjectNode object) {
      ObjectNode copy = object.deepCopy();
      copy.remove(List.of("apiVersion", "kind"));
      if (copy.get("metadata") instanceof ObjectNode metadata) {
        metadata.remove(List.of("name", "managedFields"));
        if (metadata.isEmpty()) {
          copy.remove("metadata");
        }
      }
      return copy;
    }

    private String ownersText() {
      List<String> lines = new ArrayList<>();
      for (JsonNode each : liveObject().path("metadata").path("managedFields")) {
        String subresource = each.path("subresource").asString("");
        StringBuilder line = new StringBuilder();
        line.append(each.path("operation").asString("").equals("Apply") ? "apply " : "update ")
            .append(each.path("manager").asString(""))
            .append(subresource.isEmpty() ? "" : "/" + subresource)
            .append(' ')
            .append(each.path("apiVersion").asString(""));
        try {
          FieldSet set = FieldsV1.read(each.path("fieldsV1"));
          set.paths().forEach(path -> line.append(' ').append(PathElement.text(path)));
        } catch (MalformedFieldsException e) {
          throw new AssertionError(e);
        }
        lines.add(line.toString());
      }
      lines.sort(null);
      return String.join("\n", lines);
    }

    private ObjectNode at(ObjectNode object, String version) {
      String from = object.path("apiVersion").asString(version);
      return from.equals(version) ? object : convert(object, from, version);
    }

    private ObjectNode convert(ObjectNode object, String from, String to) {
      ObjectNode out = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(member ->
              out.set(
                  member.getKey(),
                  member.getKey().equals("metadata")
                      ? member.getValue().deepCopy()
                      : renamed(member.getValue(), from, to)));
      return out.put("apiVersion", to);
    }

    private JsonNode renamed(JsonNode value, String from, String to) {
      if (value instanceof ArrayNode list) {
        ArrayNode out = JsonNodeFactory.instance.arrayNode();
        list.forEach(item -> out.add(renamed(item, from, to)));
        return out;
      }
      if (!(value instanceof ObjectNode object)) {
        return value;
      }
      ObjectNode out = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(m -> out.set(renamed(m.getKey(), from, to), renamed(m.getValue(), from, to)));
      return out;
    }

    /// `rename` gives a member `x_v1` the name `x_v2`; `repeat` writes a one-letter name as often
    /// as its version counts.
    private String renamed(String name, String from, String to) {
      return switch (test.conversion()) {
        case "rename" -> name.replaceFirst("_" + from + "$", "_" + to);
        case "repeat" -> name.substring(0, 1).repeat(Integer.parseInt(to.substring(1)));
        default -> name;
      };
    }
  }
}
