package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.patch.JsonPatch;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a webhook answered.
///
/// @param denial null when the write is allowed
/// @param patch null when nothing changes
record WebhookAnswer(
    @Nullable ApiException denial,
    @Nullable JsonPatch patch,
    List<String> warnings,
    Map<String, String> annotations) {
  private static final int LOWEST = 400;
  private static final int HIGHEST = 599;

  /// @throws WebhookClient.CallException where the answer is none to this question
  static WebhookAnswer read(String webhook, String uid, ObjectNode review)
      throws WebhookClient.CallException {
    if (!review.path("apiVersion").asString("").equals(AdmissionReview.API_VERSION)
        || !review.path("kind").asString("").equals(AdmissionReview.KIND)) {
      throw new WebhookClient.CallException(
          "it must answer with kind AdmissionReview and apiVersion admission.k8s.io/v1");
    }
    JsonNode response = review.path("response");
    if (!response.path("uid").asString("").equals(uid)) {
      throw new WebhookClient.CallException("response.uid must be that of the request");
    }
    if (!response.path("allowed").isBoolean()) {
      throw new WebhookClient.CallException("response.allowed must be true or false");
    }
    List<String> warnings = new ArrayList<>();
    response.path("warnings").forEach(each -> warnings.add(each.asString("")));
    Map<String, String> annotations = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : response.path("auditAnnotations").properties()) {
      annotations.put(webhook + "/" + each.getKey(), each.getValue().asString(""));
    }
    boolean allowed = response.path("allowed").booleanValue();
    return new WebhookAnswer(
        allowed ? null : denial(webhook, response.path("status")),
        allowed ? patch(response) : null,
        warnings,
        annotations);
  }

  private static ApiException denial(String webhook, JsonNode status) {
    String message = status.path("message").asString("");
    String reason = status.path("reason").asString("");
    String why = message.isEmpty() ? reason : message;
    String text =
        "admission webhook \""
            + webhook
            + "\" denied the request"
            + (why.isEmpty() ? " without explanation" : ": " + why);
    int code = Math.clamp(status.path("code").asInt(LOWEST), LOWEST, HIGHEST);
    return new ApiException(new Status(Status.FAILURE, text, reason, code, null));
  }

  private static @Nullable JsonPatch patch(JsonNode response) throws WebhookClient.CallException {
    if (!response.hasNonNull("patch")) {
      return null;
    }
    if (!response.path("patchType").asString("").equals("JSONPatch")) {
      throw new WebhookClient.CallException("response.patchType must be JSONPatch");
    }
    try {
      byte[] text = Base64.getDecoder().decode(response.path("patch").asString(""));
      return JsonPatch.parse(Json.parse(new String(text, StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException | ApiException e) {
      throw new WebhookClient.CallException("response.patch: " + e.getMessage(), e);
    }
  }
}
