package dev.otherix.controllers.access;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.request.Call;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests and answers of the paths that are no resources: one JSON object each way.
final class JsonExchange {
  private static final Limits BODY = new Limits(64 * 1024, 16, 0, 1000, 1);
  private static final Headers JSON =
      Headers.of("content-type", "application/json").with("cache-control", "no-store");

  private JsonExchange() {}

  /// The body, which may have no other members than `known`.
  ///
  /// @throws ApiException 400
  static ObjectNode read(Call call, Set<String> known) {
    call.requireThread();
    if (call.request().body().length == 0) {
      return Json.parseObject("{}");
    }
    if (!(Json.decode(call.request().body(), BODY).tree() instanceof ObjectNode object)) {
      throw ApiException.badRequest("the body must be a JSON object");
    }
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw ApiException.badRequest(
            "the body has a member \"" + name + "\" that is not known; known are " + known);
      }
    }
    return object;
  }

  static String text(ObjectNode body, String name) {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isString()) {
      throw ApiException.badRequest("the member " + name + " of the body must be a string");
    }
    return value.asString();
  }

  static String required(ObjectNode body, String name) {
    String value = text(body, name);
    if (value.isEmpty()) {
      throw ApiException.badRequest("the body needs the member " + name);
    }
    return value;
  }

  static int number(ObjectNode body, String name) {
    JsonNode value = body.path(name);
    if (value.isMissingNode()) {
      return 0;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw ApiException.badRequest("the member " + name + " of the body must be a whole number");
    }
    return value.asInt();
  }

  static Answer answer(int code, ObjectNode body) {
    return new Answer.Whole(code, JSON, Body.of(CanonicalJson.encode(body)));
  }

  static void requireMethod(Call call, String method) {
    String sent = call.request().method();
    if (!sent.equals(method) && !(method.equals("GET") && sent.equals("HEAD"))) {
      throw ApiException.of(
          StatusReason.METHOD_NOT_ALLOWED,
          "the server does not allow " + sent + " on " + call.route().path() + "; use " + method);
    }
  }

  /// The address of whoever sends, without its port.
  static String source(Call call) {
    String address = call.request().peer().address();
    int port = address.lastIndexOf(':');
    return port > 0 ? address.substring(0, port) : address;
  }
}
