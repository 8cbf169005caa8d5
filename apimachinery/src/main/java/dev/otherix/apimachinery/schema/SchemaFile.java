package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.object.NameRule;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a kind from our own form: a JSON Schema 2020-12 document with a header `x-otherix-kind`.
public final class SchemaFile {
  private static final String HEADER = "x-otherix-kind";
  private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";
  private static final Set<String> HEADER_MEMBERS =
      Set.of(
          "group",
          "version",
          "kind",
          "listKind",
          "plural",
          "singular",
          "shortNames",
          "categories",
          "scope",
          "columns",
          "selectableFields",
          "subresources",
          "immutable",
          "nameFormat",
          "traits");

  private final SchemaProblems problems = new SchemaProblems();

  private SchemaFile() {}

  /// @param location the file's name, for messages
  /// @throws ApiException 422 that lists everything wrong with the file
  public static Kind read(String location, String text) {
    try {
      return read(location, Json.parseObject(text));
    } catch (ApiException e) {
      if (e.is(StatusReason.BAD_REQUEST)) {
        throw ApiException.badRequest("schema file " + location + ": " + e.getMessage(), e);
      }
      throw e;
    }
  }

  /// @param document is not changed
  /// @throws ApiException 422 that lists everything wrong with the file
  public static Kind read(String location, ObjectNode document) {
    SchemaFile file = new SchemaFile();
    try {
      Kind kind = file.kind(document);
      if (kind != null) {
        return kind;
      }
    } catch (RefInlining.Broken e) {
      file.problems.add(FieldError.invalid(e.path(), null, e.words()));
    }
    String lines =
        file.problems.toList().stream().map(FieldError::toString).collect(Collectors.joining("; "));
    throw ApiException.of(
        StatusReason.INVALID,
        "schema file " + location + " cannot be registered, mend it and try again: " + lines);
  }

  /// A schema with every `$ref` replaced by what it names below `prefix` in `definitions`.
  static ObjectNode inlined(ObjectNode schema, ObjectNode definitions, String prefix) {
    return new RefInlining(definitions, prefix).inline(schema);
  }

  private @Nullable Kind kind(ObjectNode document) {
    FieldPath root = FieldPath.ROOT;
    JsonNode draft = document.get("$schema");
    if (draft != null && !draft.asString("").equals(DRAFT)) {
      problems.add(FieldError.notSupported(root.child("$schema"), draft, List.of(DRAFT)));
    }
    ObjectNode definitions =
        document.get("$defs") instanceof ObjectNode defs ? defs : Json.parseObject("{}");
    ObjectNode body = document.deepCopy();
    body.remove(List.of("$schema", "$id", "$comment", "$defs", HEADER));
    ObjectNode schema = SchemaDialect.fromJsonSchema(inlined(body, definitions, "#/$defs/"));
    new StructuralRules(problems, false).checkRoot(schema, root);
    new RuleShapes(problems).check(schema, root);
    if (!(document.get(HEADER) instanceof ObjectNode header)) {
      problems.add(
          FieldError.required(
              root.child(HEADER), "an object that names group, version, kind, plural and scope"));
      return null;
    }
    if (problems.size() > 0) {
      return null;
    }
    SchemaNode node = SchemaReader.readRoot(schema);
    new DefaultRules(problems).check(node, root);
    KindHeader read = header(header, node, root.child(HEADER));
    return problems.size() > 0 ? null : new Kind(read, node);
  }

  private KindHeader header(ObjectNode header, SchemaNode schema, FieldPath path) {
    HeaderParts parts = new HeaderParts(problems, schema, false);
    parts.only(header, HEADER_MEMBERS, path);
    String group = header.path("group").asString("");
    if (!header.has("group") || !(group.isEmpty() || Dns.isSubdomain(group))) {
      problems.add(
          FieldError.invalid(
              path.child("group"),
              header.get("group"),
              "must be a DNS name, or empty for the core group"));
    }
    String kind = parts.kindName(header, "kind", path);
    String singular =
        header.has("singular")
            ? parts.name(header, "singular", path)
            : kind.toLowerCase(Locale.ROOT);
    String listKind =
        header.has("listKind") ? parts.kindName(header, "listKind", path) : kind + "List";
    List<JsonPath> selectable = paths(parts, header, "selectableFields", path);
    parts.selectable(selectable, path.child("selectableFields"));
    List<JsonPath> immutable = paths(parts, header, "immutable", path);
    for (int i = 0; i < immutable.size(); i++) {
      if (!immutable.get(i).plain()) {
        problems.add(
            FieldError.forbidden(
                path.child("immutable").index(i),
                "must be a plain dotted path; inside lists use x-otherix-immutable"));
      }
    }
    return new KindHeader(
        group,
        parts.name(header, "version", path),
        kind,
        listKind,
        parts.name(header, "plural", path),
        singular,
        parts.names(header.path("shortNames"), path.child("shortNames")),
        parts.names(header.path("categories"), path.child("categories")),
        parts.scope(header, path),
        parts.columns(header.path("columns"), path.child("columns")),
        selectable,
        subresources(parts, header.path("subresources"), path.child("subresources")),
        immutable,
        nameRule(header, path),
        traits(parts, header.path("traits"), path.child("traits")),
        "");
  }

  private List<JsonPath> paths(
      HeaderParts parts, ObjectNode header, String member, FieldPath path) {
    List<JsonPath> paths = new ArrayList<>();
    JsonNode list = header.path(member);
    if (!list.isMissingNode() && !list.isArray()) {
      problems.add(FieldError.invalid(path.child(member), list, "must be a list of paths"));
    }
    for (int i = 0; i < list.size(); i++) {
      JsonPath read = parts.path(list.path(i), path.child(member).index(i), true);
      if (read != null) {
        paths.add(read);
      }
    }
    return paths;
  }

  private Subresources subresources(HeaderParts parts, JsonNode given, FieldPath path) {
    parts.only(given, Set.of("status", "scale", "actions", "updates"), path);
    JsonNode status = given.path("status");
    if (!status.isMissingNode() && !status.isBoolean()) {
      problems.add(FieldError.invalid(path.child("status"), status, "must be true or false"));
    }
    JsonNode scale = given.path("scale").isNull() ? MissingNode.getInstance() : given.path("scale");
    List<String> actions = parts.names(given.path("actions"), path.child("actions"));
    List<String> updates = parts.names(given.path("updates"), path.child("updates"));
    taken(actions, List.of("status", "scale"), path.child("actions"));
    taken(
        updates,
        Stream.concat(Stream.of("status", "scale"), actions.stream()).toList(),
        path.child("updates"));
    return new Subresources(
        status.asBoolean(false), parts.scale(scale, path.child("scale")), actions, updates);
  }

  private void taken(List<String> names, List<String> others, FieldPath path) {
    for (String each : others) {
      if (names.contains(each)) {
        problems.add(
            FieldError.forbidden(path, each + " is a subresource already; choose another name"));
      }
    }
  }

  private Set<KindTrait> traits(HeaderParts parts, JsonNode given, FieldPath path) {
    Set<KindTrait> traits = EnumSet.noneOf(KindTrait.class);
    if (!given.isMissingNode() && !given.isArray()) {
      problems.add(FieldError.invalid(path, given, "must be a list of traits"));
    }
    for (int i = 0; i < given.size(); i++) {
      KindTrait trait =
          parts.oneOf(given.path(i), KindTrait.values(), KindTrait::wireName, path.index(i));
      if (trait != null) {
        traits.add(trait);
      }
    }
    return traits;
  }

  private NameRule nameRule(ObjectNode header, FieldPath path) {
    String text = header.path("nameFormat").asString(NameRule.DNS_SUBDOMAIN.wireName());
    List<String> known = new ArrayList<>();
    for (NameRule rule : NameRule.values()) {
      if (rule.wireName().equals(text)) {
        return rule;
      }
      known.add(rule.wireName());
    }
    problems.add(
        FieldError.notSupported(path.child("nameFormat"), header.get("nameFormat"), known));
    return NameRule.DNS_SUBDOMAIN;
  }
}
