package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.endpoint.Options.FieldValidation;
import dev.otherix.apiserver.negotiation.MediaType;
import dev.otherix.apiserver.protobuf.ProtobufBody;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.trace.Spans;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes objects of request bodies: decoded, typed, defaulted, without unknown members.
final class BodyReader {
  private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
  private static final FieldPath METADATA = FieldPath.ROOT.child("metadata");

  private BodyReader() {}

  /// A body as it was sent.
  ///
  /// @param duplicates members named twice
  record Sent(ObjectNode tree, List<FieldPath> duplicates) {}

  /// The object that a client sends whole.
  ///
  /// @throws ApiException 400, 413 or 415
  static ObjectNode object(Call call, Kind kind) {
    long began = System.nanoTime();
    Sent sent = read(call, kind);
    ObjectNode tree = sent.tree;
    requireType(tree, kind);
    List<String> problems = new ArrayList<>();
    sent.duplicates.forEach(path -> problems.add("duplicate field \"" + path + "\""));
    unknown(tree, kind).forEach(path -> problems.add("unknown field \"" + path + "\""));
    report(problems, kind, Options.fieldValidation(call.params()), call.warnings());
    Spans.ended("read the body", System.nanoTime() - began);
    return tree;
  }

  /// Defaults and prunes `tree`, metadata included; tells what was unknown.
  static List<FieldPath> unknown(ObjectNode tree, Kind kind) {
    List<FieldPath> unknown = new ArrayList<>();
    JsonNode metadata = tree.get("metadata");
    if (metadata != null) {
      Findings findings = new Findings();
      ObjectMeta meta = ObjectMeta.read(metadata, METADATA, findings);
      if (!findings.errors().isEmpty()) {
        FieldError first = findings.errors().getFirst();
        throw ApiException.badRequest(cannotBe(kind, first.toString()));
      }
      unknown.addAll(findings.unknown());
      tree.set("metadata", meta.toJson());
    }
    unknown.addAll(kind.prepare(tree));
    return unknown;
  }

  private static String cannotBe(Kind kind, String why) {
    return kind.kind()
        + " in version \""
        + kind.version()
        + "\" cannot be handled as a "
        + kind.kind()
        + ": "
        + why;
  }

  private static void report(
      List<String> problems, Kind kind, FieldValidation validation, Warnings out) {
    if (problems.isEmpty()) {
      return;
    }
    switch (validation) {
      case IGNORE -> {}
      case WARN -> problems.forEach(out::add);
      case STRICT -> throw ApiException.badRequest(cannotBe(kind, strict(problems)));
    }
  }

  static String strict(List<String> problems) {
    return "strict decoding error: " + problems.stream().collect(Collectors.joining(", "));
  }

  /// Decodes the body by its Content-Type; one without is JSON, because kubectl leaves it out.
  private static Sent read(Call call, Kind kind) {
    byte[] body = call.request().body();
    String header = call.request().headers().first("content-type");
    if (header == null || header.isBlank()) {
      return json(body);
    }
    Optional<MediaType> type = MediaType.parse(header);
    if (type.isPresent() && type.get().hasEssence("application/json")) {
      return json(body);
    }
    if (type.isPresent() && type.get().hasEssence("application/yaml")) {
      return yaml(body);
    }
    boolean protobuf = ProtobufBody.knows(kind.apiVersion(), kind.kind());
    if (protobuf && type.isPresent() && type.get().hasEssence(PROTOBUF)) {
      ObjectNode tree = ProtobufBody.decode(body, kind.apiVersion(), kind.kind(), Limits.REQUEST);
      return new Sent(tree, List.of());
    }
    throw ApiException.of(
        StatusReason.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include:"
            + " application/json, application/yaml"
            + (protobuf ? ", " + PROTOBUF : ""));
  }

  /// The body of a DELETE; any object will do, its members are checked by the caller.
  static ObjectNode deleteOptions(Call call) {
    String header = call.request().headers().first("content-type");
    boolean yaml = header != null && header.contains("yaml");
    byte[] body = call.request().body();
    if (header != null && header.contains(PROTOBUF)) {
      return ProtobufBody.decode(body, "v1", "DeleteOptions", Limits.REQUEST);
    }
    return (yaml ? yaml(body) : json(body)).tree;
  }

  /// What an operation is asked to do; empty when the client sent nothing.
  static ObjectNode order(Call call) {
    String header = call.request().headers().first("content-type");
    byte[] body = call.request().body();
    if (body.length == 0) {
      return JsonNodeFactory.instance.objectNode();
    }
    return header != null && header.contains(PROTOBUF)
        ? ProtobufBody.decode(body, "", "", Limits.REQUEST)
        : json(body).tree;
  }

  static Sent json(byte[] body) {
    Json.Decoded decoded = Json.decode(body, Limits.REQUEST);
    return new Sent(object(decoded.tree()), decoded.duplicates());
  }

  static Sent yaml(byte[] body) {
    YamlDocument document = Yaml.read(body, Limits.REQUEST);
    return new Sent(object(document.tree()), document.duplicates());
  }

  private static ObjectNode object(@Nullable JsonNode tree) {
    if (tree instanceof ObjectNode object) {
      return object;
    }
    throw ApiException.badRequest("the body must be an object, with apiVersion and kind");
  }

  /// Type members that are absent are those of the path: the Java client sends none.
  static void requireType(ObjectNode tree, Kind kind) {
    requireMember(tree, "apiVersion", kind.apiVersion(), kind);
    requireMember(tree, "kind", kind.kind(), kind);
  }

  private static void requireMember(ObjectNode tree, String name, String wanted, Kind kind) {
    JsonNode value = tree.get(name);
    if (value == null || value.isNull() || value.asString("").isEmpty()) {
      tree.put(name, wanted);
    } else if (!value.isString() || !value.stringValue().equals(wanted)) {
      throw ApiException.badRequest(
          "the "
              + name
              + " in the body ("
              + value.asString("")
              + ") does not match the one of"
              + " the path ("
              + wanted
              + ", of "
              + kind
              + "); send it to its own path");
    }
  }
}
