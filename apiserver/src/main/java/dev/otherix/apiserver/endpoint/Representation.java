package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.schema.Table.IncludeObject;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.negotiation.Accept;
import dev.otherix.apiserver.negotiation.MediaType;
import dev.otherix.apiserver.request.Call;
import org.jspecify.annotations.Nullable;

/// The form in which a client wants to see objects.
sealed interface Representation {
  String JSON_TYPE = "application/json";
  String META_GROUP = "meta.k8s.io";

  /// As they are, in JSON.
  record Plain() implements Representation {}

  /// As they are, in YAML.
  record YamlText() implements Representation {}

  /// Rows for people.
  ///
  /// @param version of `meta.k8s.io`
  record Rows(String version, IncludeObject include) implements Representation {}

  /// Their metadata.
  ///
  /// @param version of `meta.k8s.io`
  record Partial(String version) implements Representation {}

  Plain PLAIN = new Plain();
  YamlText YAML_TEXT = new YamlText();

  /// The first form of the client's wishes that is served.
  ///
  /// @param partial what the client calls metadata alone: `PartialObjectMetadata` or `...List`
  /// @param yaml whether the answer may be YAML
  /// @throws ApiException 406
  static Representation of(Call call, String partial, boolean yaml) {
    Accept accept = Accept.of(call.request().headers());
    if (accept.equals(Accept.ANYTHING)) {
      return PLAIN;
    }
    for (MediaType clause : accept.clauses()) {
      Representation form = form(call, clause, partial, yaml);
      if (form != null && !(form instanceof Plain && refusesJson(accept, clause))) {
        return form;
      }
    }
    throw ApiException.of(
        StatusReason.NOT_ACCEPTABLE,
        "only the following media types are accepted: application/json"
            + (yaml ? ", application/yaml" : "")
            + ", application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as="
            + partial
            + ";v=v1;g=meta.k8s.io");
  }

  private static boolean refusesJson(Accept accept, MediaType clause) {
    return !clause.hasEssence(JSON_TYPE) && accept.refuses(MediaType.JSON);
  }

  private static @Nullable Representation form(
      Call call, MediaType clause, String partial, boolean yaml) {
    String as = clause.parameter("as");
    if (as == null) {
      if (clause.includes(MediaType.JSON)) {
        return PLAIN;
      }
      return yaml && clause.includes(MediaType.YAML) ? YAML_TEXT : null;
    }
    String version = clause.parameter("v");
    boolean ours =
        clause.hasEssence(JSON_TYPE)
            && META_GROUP.equals(clause.parameter("g"))
            && ("v1".equals(version) || "v1beta1".equals(version));
    if (!ours || version == null) {
      return null;
    }
    if (as.equals("Table")) {
      return new Rows(META_GROUP + "/" + version, include(call.params().text("includeObject")));
    }
    return as.equals(partial) ? new Partial(META_GROUP + "/" + version) : null;
  }

  private static IncludeObject include(String text) {
    return switch (text) {
      case "", "Metadata" -> IncludeObject.METADATA;
      case "None" -> IncludeObject.NONE;
      case "Object" -> IncludeObject.OBJECT;
      default ->
          throw ApiException.badRequest(
              "includeObject \"" + text + "\" is not one of None, Metadata, Object");
    };
  }
}
