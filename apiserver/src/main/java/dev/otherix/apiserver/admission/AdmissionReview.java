package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.auth.Caller;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The question that a webhook is asked.
final class AdmissionReview {
  static final String VERSION = "v1";
  static final String API_VERSION = "admission.k8s.io/v1";
  static final String KIND = "AdmissionReview";

  private AdmissionReview() {}

  static ObjectNode of(ObjectNode request) {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("kind", KIND).put("apiVersion", API_VERSION);
    review.set("request", request);
    return review;
  }

  /// The members of `request`. Objects are shared with `attributes`, not copied.
  ///
  /// @param seen the version in which the webhook wants to see the object
  static ObjectNode request(Attributes attributes, Kind seen, String uid) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    Kind kind = attributes.kind();
    request.put("uid", uid);
    kind(request.putObject("kind"), seen);
    resource(request.putObject("resource"), seen);
    kind(request.putObject("requestKind"), kind);
    resource(request.putObject("requestResource"), kind);
    if (!attributes.subresource().isEmpty()) {
      request.put("subResource", attributes.subresource());
      request.put("requestSubResource", attributes.subresource());
    }
    put(request, "name", attributes.name());
    put(request, "namespace", attributes.namespace());
    request.put("operation", attributes.operation().name());
    user(request.putObject("userInfo"), attributes.caller());
    request.set("object", converted(attributes.object(), kind, seen));
    request.set("oldObject", converted(attributes.oldObject(), kind, seen));
    request.put("dryRun", attributes.dryRun());
    request.set("options", attributes.options());
    return request;
  }

  private static void put(ObjectNode request, String name, String value) {
    if (!value.isEmpty()) {
      request.put(name, value);
    }
  }

  private static void kind(ObjectNode out, Kind kind) {
    out.put("group", kind.group()).put("version", kind.version()).put("kind", kind.kind());
  }

  private static void resource(ObjectNode out, Kind kind) {
    out.put("group", kind.group()).put("version", kind.version()).put("resource", kind.plural());
  }

  private static void user(ObjectNode out, Caller caller) {
    put(out, "username", caller.name());
    put(out, "uid", caller.uid());
    ArrayNode groups = out.putArray("groups");
    caller.groups().forEach(groups::add);
    if (!caller.extra().isEmpty()) {
      ObjectNode extra = out.putObject("extra");
      caller
          .extra()
          .forEach((key, values) -> values.forEach(extra.withArray("/" + pointer(key))::add));
    }
  }

  private static String pointer(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }

  /// Versions of a kind differ in apiVersion only: conversion knows no other strategy.
  static @Nullable ObjectNode converted(@Nullable ObjectNode object, Kind from, Kind to) {
    boolean same = from.apiVersion().equals(to.apiVersion());
    if (object == null || same || !object.path("kind").asString("").equals(from.kind())) {
      return object;
    }
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    object.properties().forEach(each -> copy.set(each.getKey(), each.getValue()));
    copy.put("apiVersion", to.apiVersion());
    return copy;
  }
}
