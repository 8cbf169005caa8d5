package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `stringData` becomes entries of `data`; the type decides which keys must be there; all values
/// have 1 MiB at most. Messages never show a value.
final class SecretRules implements KindRules {
  static final String SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name";

  @Override
  public void prepareCreate(ObjectNode object) {
    mergeTexts(object);
  }

  @Override
  public void prepareUpdate(ObjectNode old, ObjectNode changed) {
    mergeTexts(changed);
  }

  /// What is no text stays where it is, for the schema to refuse.
  private static void mergeTexts(ObjectNode object) {
    if (!(object.get("stringData") instanceof ObjectNode texts)) {
      return;
    }
    List<String> merged = new ArrayList<>();
    JsonNode present = object.get("data");
    if (present != null && !present.isObject()) {
      return;
    }
    for (Map.Entry<String, JsonNode> entry : texts.properties()) {
      if (entry.getValue().isString()) {
        byte[] bytes = entry.getValue().stringValue().getBytes(StandardCharsets.UTF_8);
        object
            .withObjectProperty("data")
            .put(entry.getKey(), Base64.getEncoder().encodeToString(bytes));
        merged.add(entry.getKey());
      }
    }
    texts.remove(merged);
    if (texts.isEmpty()) {
      object.remove("stringData");
    }
  }

  @Override
  public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    List<FieldError> errors = new ArrayList<>();
    DataEntries.checkKeys(changed, "data", errors);
    DataEntries.checkSize(DataEntries.decodedBytes(changed.path("data")), errors);
    DataEntries.checkFrozen(old, changed, List.of("data"), errors);
    checkType(changed, errors);
    return errors;
  }

  private static void checkType(ObjectNode secret, List<FieldError> errors) {
    JsonNode data = secret.path("data");
    switch (secret.path("type").asString("")) {
      case "kubernetes.io/service-account-token" -> {
        JsonNode annotations = secret.path("metadata").path("annotations");
        if (annotations.path(SERVICE_ACCOUNT_NAME).asString("").isEmpty()) {
          errors.add(
              FieldError.required(
                  FieldPath.ROOT.at("metadata", "annotations").key(SERVICE_ACCOUNT_NAME),
                  "the service account that the token is for"));
        }
      }
      case "kubernetes.io/dockercfg" -> json(data, ".dockercfg", errors);
      case "kubernetes.io/dockerconfigjson" -> json(data, ".dockerconfigjson", errors);
      case "kubernetes.io/basic-auth" -> {
        if (!data.has("username") && !data.has("password")) {
          errors.add(FieldError.required(key("username"), "or password, or both"));
        }
      }
      case "kubernetes.io/ssh-auth" -> {
        if (data.path("ssh-privatekey").asString("").isEmpty()) {
          errors.add(FieldError.required(key("ssh-privatekey"), "the private key"));
        }
      }
      case "kubernetes.io/tls" -> {
        present(data, "tls.crt", "the certificate, which may be empty", errors);
        present(data, "tls.key", "the private key, which may be empty", errors);
      }
      default -> {
        // Any other type is its owner's business.
      }
    }
  }

  private static void present(JsonNode data, String name, String what, List<FieldError> errors) {
    if (!data.has(name)) {
      errors.add(FieldError.required(key(name), what));
    }
  }

  private static void json(JsonNode data, String name, List<FieldError> errors) {
    if (!data.has(name)) {
      errors.add(FieldError.required(key(name), "a JSON object with registries"));
      return;
    }
    boolean object;
    try {
      byte[] bytes = Base64.getDecoder().decode(data.path(name).asString(""));
      object = Json.decode(bytes, Limits.REQUEST).tree().isObject();
    } catch (ApiException | IllegalArgumentException _) {
      // Neither message may be shown: both could hold parts of the secret.
      object = false;
    }
    if (!object) {
      errors.add(FieldError.invalid(key(name), null, "must be a JSON object, in base64"));
    }
  }

  private static FieldPath key(String name) {
    return FieldPath.ROOT.child("data").key(name);
  }
}
