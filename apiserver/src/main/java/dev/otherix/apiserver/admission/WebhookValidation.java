package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.Names;
import dev.otherix.apimachinery.selector.LabelSelectorReader;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.cel.MatchExpression;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is wrong with a configuration of webhooks beyond its schema. Arguments are not changed.
public final class WebhookValidation {
  private final List<FieldError> errors = new ArrayList<>();

  private WebhookValidation() {}

  /// @param configuration either kind, with defaults
  public static List<FieldError> check(ObjectNode configuration) {
    WebhookValidation check = new WebhookValidation();
    FieldPath path = FieldPath.ROOT.child("webhooks");
    Set<String> names = new HashSet<>();
    JsonNode webhooks = configuration.path("webhooks");
    for (int i = 0; i < webhooks.size(); i++) {
      FieldPath at = path.index(i);
      JsonNode name = webhooks.get(i).path("name");
      if (!names.add(name.asString(""))) {
        check.errors.add(FieldError.duplicate(at.child("name"), name));
      }
      check.webhook(webhooks.get(i), at);
    }
    return List.copyOf(check.errors);
  }

  private void webhook(JsonNode webhook, FieldPath path) {
    String name = webhook.path("name").asString("");
    if (!Dns.isSubdomain(name) || name.split("\\.", -1).length < 3) {
      invalid(
          path.child("name"),
          webhook.path("name"),
          "should be a domain with at least three segments separated by dots, such as"
              + " check.widgets.example.io");
    }
    client(webhook.path("clientConfig"), path.child("clientConfig"));
    JsonNode rules = webhook.path("rules");
    for (int i = 0; i < rules.size(); i++) {
      rule(rules.get(i), path.child("rules").index(i));
    }
    versions(webhook.path("admissionReviewVersions"), path.child("admissionReviewVersions"));
    for (String selector : List.of("namespaceSelector", "objectSelector")) {
      Findings findings = new Findings();
      LabelSelectorReader.read(webhook.get(selector), path.child(selector), findings);
      errors.addAll(findings.errors());
    }
    conditions(webhook.path("matchConditions"), path.child("matchConditions"));
  }

  private void client(JsonNode client, FieldPath path) {
    boolean url = client.hasNonNull("url");
    boolean service = client.hasNonNull("service");
    if (url == service) {
      errors.add(FieldError.required(path, "exactly one of url or service is required"));
    }
    if (service) {
      errors.add(
          FieldError.forbidden(
              path.child("service"),
              "this server knows no services; say where the webhook listens with url"));
    }
    if (url) {
      url(client.path("url"), path.child("url"));
    }
    JsonNode bundle = client.path("caBundle");
    if (!bundle.asString("").isEmpty()) {
      try {
        Certificates.parse(bundle.asString(""));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        errors.add(
            FieldError.invalid(
                path.child("caBundle"),
                null,
                "must be certificates in PEM, encoded in base64: " + e.getMessage()));
      }
    }
  }

  private void url(JsonNode value, FieldPath path) {
    try {
      URI uri = new URI(value.asString(""));
      if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
        invalid(path, value, "must begin with https:// and a host; use a certificate");
      }
      if (uri.getRawUserInfo() != null
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null) {
        invalid(path, value, "must not have a user, a query or a fragment");
      }
    } catch (URISyntaxException e) {
      invalid(path, value, "must be a URL: " + e.getReason());
    }
  }

  private void rule(JsonNode rule, FieldPath path) {
    for (String member : List.of("operations", "apiGroups", "apiVersions")) {
      JsonNode list = rule.path(member);
      for (JsonNode each : list) {
        if (each.asString("").equals("*") && list.size() > 1) {
          invalid(path.child(member), list, "if '*' is present, must not specify other values");
        }
      }
    }
    JsonNode resources = rule.path("resources");
    for (int i = 0; i < resources.size(); i++) {
      String resource = resources.get(i).asString("");
      String[] parts = resource.split("/", -1);
      if (parts.length > 2 || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
        invalid(
            path.child("resources").index(i),
            resources.get(i),
            "must be a plural, plural/subresource, or have * in either place");
      }
    }
  }

  private void versions(JsonNode versions, FieldPath path) {
    boolean known = false;
    for (JsonNode each : versions) {
      known |= each.asString("").equals(AdmissionReview.VERSION);
    }
    if (!known) {
      invalid(path, versions, "must include v1, the only form that this server sends");
    }
  }

  private void conditions(JsonNode conditions, FieldPath path) {
    for (int i = 0; i < conditions.size(); i++) {
      JsonNode condition = conditions.get(i);
      FieldPath at = path.index(i);
      for (String wrong : Names.qualifiedName(condition.path("name").asString(""))) {
        invalid(at.child("name"), condition.path("name"), wrong);
      }
      String expression = condition.path("expression").asString("");
      if (expression.isBlank()) {
        errors.add(FieldError.required(at.child("expression"), "an expression in CEL"));
      } else {
        errors.addAll(MatchExpression.problems(expression, at.child("expression")));
      }
    }
  }

  private void invalid(FieldPath path, JsonNode value, String detail) {
    errors.add(FieldError.invalid(path, value, detail));
  }
}
