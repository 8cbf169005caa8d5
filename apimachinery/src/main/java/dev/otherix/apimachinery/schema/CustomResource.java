package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.object.NameRule;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the kinds that a CustomResourceDefinition (apiextensions.k8s.io/v1) describes: one for
/// each served version.
public final class CustomResource {
  private static final String GROUP = "apiextensions.k8s.io";
  private static final Set<String> VERSION_MEMBERS =
      Set.of(
          "name",
          "served",
          "storage",
          "deprecated",
          "deprecationWarning",
          "schema",
          "subresources",
          "additionalPrinterColumns",
          "selectableFields");

  /// One version of a definition that has nothing wrong with it.
  ///
  /// @param index its place in `spec.versions`
  public record Version(int index, boolean served, Kind kind) {}

  private final ObjectNode definition;
  private final SchemaProblems problems = new SchemaProblems();
  private final List<Version> versions = new ArrayList<>();

  private CustomResource(ObjectNode definition) {
    this.definition = definition;
  }

  /// The served versions, in the order of the definition.
  ///
  /// @param definition is not changed
  /// @throws ApiException 422 that lists everything wrong with it
  public static List<Kind> kinds(ObjectNode definition) {
    CustomResource read = new CustomResource(definition);
    read.read();
    List<FieldError> errors = read.problems.toList();
    if (!errors.isEmpty()) {
      String name = definition.path("metadata").path("name").asString("");
      throw ApiException.invalid(GROUP, "CustomResourceDefinition", name, errors);
    }
    return read.versions.stream().filter(Version::served).map(Version::kind).toList();
  }

  /// The versions with nothing wrong in themselves, served or not, even if something else in the
  /// definition is wrong.
  public static List<Version> soundVersions(ObjectNode definition) {
    CustomResource read = new CustomResource(definition);
    read.read();
    return List.copyOf(read.versions);
  }

  /// Everything wrong with a definition, but for what its CEL rules say.
  public static List<FieldError> check(ObjectNode definition) {
    CustomResource read = new CustomResource(definition);
    read.read();
    return read.problems.toList();
  }

  private void read() {
    FieldPath path = FieldPath.ROOT.child("spec");
    JsonNode spec = definition.path("spec");
    HeaderParts parts = new HeaderParts(problems, SchemaNode.UNTYPED, true);
    String group = spec.path("group").asString("");
    if (!Dns.isSubdomain(group) || group.indexOf('.') < 0) {
      problems.add(
          group.isEmpty()
              ? FieldError.required(path.child("group"), "")
              : FieldError.invalid(
                  path.child("group"),
                  spec.get("group"),
                  "should be a domain with at least one dot"));
    }
    Names names = names(parts, spec.path("names"), path.child("names"));
    String expected = names.plural + "." + group;
    JsonNode name = definition.path("metadata").path("name");
    if (!name.asString("").equals(expected)) {
      problems.add(
          FieldError.invalid(
              FieldPath.ROOT.at("metadata", "name"),
              name,
              "must be spec.names.plural+\".\"+spec.group"));
    }
    Scope scope = parts.scope(spec, path);
    conversion(spec.path("conversion"), path.child("conversion"));
    versions(group, names, scope, spec.path("versions"), path.child("versions"));
  }

  private record Names(
      String plural,
      String singular,
      String kind,
      String listKind,
      List<String> shortNames,
      List<String> categories) {}

  private Names names(HeaderParts parts, JsonNode names, FieldPath path) {
    parts.only(
        names, Set.of("plural", "singular", "kind", "listKind", "shortNames", "categories"), path);
    String kind = parts.kindName(names, "kind", path);
    String listKind =
        names.path("listKind").asString("").isEmpty()
            ? kind + "List"
            : parts.kindName(names, "listKind", path);
    if (listKind.equals(kind)) {
      problems.add(
          FieldError.invalid(
              path.child("listKind"), names.get("listKind"), "must differ from kind"));
    }
    return new Names(
        parts.name(names, "plural", path),
        names.path("singular").asString("").isEmpty()
            ? kind.toLowerCase(Locale.ROOT)
            : parts.name(names, "singular", path),
        kind,
        listKind,
        parts.names(names.path("shortNames"), path.child("shortNames")),
        parts.names(names.path("categories"), path.child("categories")));
  }

  private void conversion(JsonNode conversion, FieldPath path) {
    String strategy = conversion.path("strategy").asString("None");
    if (!strategy.equals("None")) {
      problems.add(
          FieldError.notSupported(
              path.child("strategy"), conversion.get("strategy"), List.of("None")));
    }
  }

  private void versions(String group, Names names, Scope scope, JsonNode versions, FieldPath path) {
    Set<String> seen = new HashSet<>();
    int storage = 0;
    for (int i = 0; i < versions.size(); i++) {
      JsonNode version = versions.path(i);
      FieldPath at = path.index(i);
      String name = version.path("name").asString("");
      if (!seen.add(name)) {
        problems.add(FieldError.duplicate(at.child("name"), version.path("name")));
      }
      storage += version.path("storage").asBoolean(false) ? 1 : 0;
      int before = problems.size();
      Kind kind = version(group, names, scope, version, at);
      if (kind != null && problems.size() == before) {
        this.versions.add(new Version(i, version.path("served").asBoolean(false), kind));
      }
    }
    if (versions.isEmpty()) {
      problems.add(FieldError.required(path, "must have exactly one version marked as storage"));
    } else if (storage != 1) {
      problems.add(
          FieldError.invalid(
              path, null, "must have exactly one version marked as storage version"));
    }
  }

  private @Nullable Kind version(
      String group, Names names, Scope scope, JsonNode version, FieldPath path) {
    HeaderParts outer = new HeaderParts(problems, SchemaNode.UNTYPED, true);
    outer.only(version, VERSION_MEMBERS, path);
    outer.name(version, "name", path);
    for (String flag : List.of("served", "storage")) {
      if (!version.path(flag).isBoolean()) {
        problems.add(FieldError.required(path.child(flag), "must be true or false"));
      }
    }
    FieldPath at = path.child("schema").child("openAPIV3Schema");
    if (!(version.path("schema").get("openAPIV3Schema") instanceof ObjectNode written)) {
      problems.add(FieldError.required(at, "schemas are required"));
      return null;
    }
    int before = problems.size();
    new StructuralRules(problems, true).checkRoot(written, at);
    new RuleShapes(problems).check(written, at);
    if (problems.size() > before) {
      return null;
    }
    SchemaNode schema = SchemaReader.readRoot(SchemaDialect.fromOpenApi(written));
    new DefaultRules(problems).check(schema, at);
    return new Kind(header(group, names, scope, version, path, schema), schema);
  }

  private KindHeader header(
      String group, Names names, Scope scope, JsonNode version, FieldPath path, SchemaNode schema) {
    HeaderParts parts = new HeaderParts(problems, schema, true);
    List<JsonPath> selectable = new ArrayList<>();
    JsonNode fields = version.path("selectableFields");
    for (int i = 0; i < fields.size(); i++) {
      JsonPath read =
          parts.path(fields.path(i), "jsonPath", path.child("selectableFields").index(i), false);
      if (read != null) {
        selectable.add(read);
      }
    }
    parts.selectable(selectable, path.child("selectableFields"));
    JsonNode given = version.path("subresources");
    FieldPath at = path.child("subresources");
    parts.only(given, Set.of("status", "scale"), at);
    return new KindHeader(
        group,
        version.path("name").asString(""),
        names.kind,
        names.listKind,
        names.plural,
        names.singular,
        names.shortNames,
        names.categories,
        scope,
        parts.columns(
            version.path("additionalPrinterColumns"), path.child("additionalPrinterColumns")),
        selectable,
        new Subresources(
            given.path("status").isObject(),
            parts.scale(given.path("scale"), at.child("scale")),
            List.of(),
            List.of()),
        List.of(),
        NameRule.DNS_SUBDOMAIN,
        Set.of(),
        deprecation(group, names.kind, version));
  }

  private static String deprecation(String group, String kind, JsonNode version) {
    if (!version.path("deprecated").asBoolean(false)) {
      return "";
    }
    String said = version.path("deprecationWarning").asString("");
    return said.isEmpty()
        ? group + "/" + version.path("name").asString("") + " " + kind + " is deprecated"
        : said;
  }
}
