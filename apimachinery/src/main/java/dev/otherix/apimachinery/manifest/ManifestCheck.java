package dev.otherix.apimachinery.manifest;

import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.MetadataValidation;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Checks documents against the kinds that are known, as strictly as the server would, before
/// anything is sent. Immutable, thread-safe.
public final class ManifestCheck {
  private final Kinds kinds;

  public ManifestCheck(Kinds kinds) {
    this.kinds = kinds;
  }

  public Manifest check(YamlDocument document) {
    return new Check(document).run();
  }

  /// One document's check. Confined to the calling thread.
  private final class Check {
    private final YamlDocument document;

    /// A set, because metadata is looked at by its own rules and by the schema.
    private final Set<Problem> problems = new LinkedHashSet<>();

    Check(YamlDocument document) {
      this.document = document;
    }

    Manifest run() {
      if (!(document.tree() instanceof ObjectNode written)) {
        add(FieldPath.ROOT, "a manifest is an object with apiVersion, kind, metadata and spec");
        return new Manifest("", null, JsonNodeFactory.instance.objectNode(), sorted());
      }
      for (FieldPath twice : document.duplicates()) {
        add(twice, twice + ": the field is there twice; keep one of the two");
      }
      Kind kind = kind(written);
      ObjectNode object = written.deepCopy();
      object.remove("status");
      String name = written.path("metadata").path("name").asString("");
      if (kind != null) {
        metadata(kind, object);
        fields(kind, object.deepCopy());
      }
      return new Manifest(name, kind, object, sorted());
    }

    private List<Problem> sorted() {
      return problems.stream()
          .sorted(
              Comparator.comparingInt((Problem each) -> each.position().line())
                  .thenComparingInt(each -> each.position().column()))
          .toList();
    }

    private @Nullable Kind kind(ObjectNode object) {
      String apiVersion = text(object, "apiVersion");
      String name = text(object, "kind");
      if (apiVersion.isEmpty() || name.isEmpty()) {
        return null;
      }
      Kind kind = kinds.kind(apiVersion, name).orElse(null);
      if (kind != null) {
        return kind;
      }
      FieldPath path = FieldPath.ROOT.child("kind");
      List<String> names =
          kinds.all().stream()
              .filter(each -> each.apiVersion().equals(apiVersion))
              .map(Kind::kind)
              .toList();
      if (names.isEmpty()) {
        FieldPath at = FieldPath.ROOT.child("apiVersion");
        add(
            at,
            FieldError.notSupported(at, object.path("apiVersion"), List.copyOf(kinds.apiVersions()))
                .toString());
      } else {
        add(
            path,
            FieldError.notSupported(path, object.path("kind"), names)
                + Suggestion.forWord(name, names));
      }
      return null;
    }

    private String text(ObjectNode object, String member) {
      JsonNode value = object.path(member);
      FieldPath path = FieldPath.ROOT.child(member);
      if (value.isMissingNode() || value.isNull()) {
        add(path, FieldError.required(path, "").toString());
      } else if (!value.isString()) {
        add(path, FieldError.typeInvalid(path, value, "must be text").toString());
      } else {
        return value.stringValue();
      }
      return "";
    }

    private void metadata(Kind kind, ObjectNode object) {
      Findings findings = new Findings();
      ObjectMeta metadata =
          ObjectMeta.read(object.get("metadata"), FieldPath.ROOT.child("metadata"), findings);
      findings.errors().forEach(this::add);
      findings.unknown().forEach(path -> unknown(path, ObjectMeta.members()));
      if (findings.errors().isEmpty()) {
        MetadataValidation.onCreate(metadata, kind.namespaced(), kind.header().nameRule())
            .forEach(this::add);
      }
    }

    private void fields(Kind kind, ObjectNode object) {
      for (FieldPath path : kind.prepare(object)) {
        unknown(path, siblings(kind.schema(), path));
      }
      kind.validate(object).forEach(this::add);
    }

    /// The names that the schema knows beside an unknown one.
    private static List<String> siblings(SchemaNode root, FieldPath path) {
      SchemaNode node = root;
      List<String> elements = path.elements();
      for (String element : elements.subList(0, elements.size() - 1)) {
        SchemaNode below = node.items() == null ? node.member(element) : node.items();
        if (below == null) {
          return List.of();
        }
        node = below;
      }
      return List.copyOf(node.properties().keySet());
    }

    private void unknown(FieldPath path, List<String> known) {
      String word = path.elements().getLast();
      add(path, path + ": unknown field" + Suggestion.forWord(word, known));
    }

    private void add(FieldError error) {
      add(error.path(), error.toString());
    }

    private void add(FieldPath path, String message) {
      problems.add(new Problem(document.position(path), message));
    }
  }
}
