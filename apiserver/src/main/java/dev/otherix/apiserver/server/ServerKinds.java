package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindTrait;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apiserver.admission.WebhookKinds;
import dev.otherix.apiserver.admission.WebhookValidation;
import dev.otherix.apiserver.builtin.BuiltinKinds;
import dev.otherix.apiserver.builtin.KindRules;
import dev.otherix.apiserver.customkinds.DefinitionFeed;
import dev.otherix.apiserver.customkinds.DefinitionRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The kinds that every server has, and what each demands beyond its schema.
final class ServerKinds {
  private ServerKinds() {}

  static Kinds all() {
    return BuiltinKinds.kinds()
        .with(List.of(DefinitionFeed.kind(), WebhookKinds.validating(), WebhookKinds.mutating()));
  }

  static KindRules rules(Kind kind) {
    return switch (kind.group()) {
      case DefinitionFeed.GROUP -> new DefinitionRules();
      case WebhookKinds.GROUP -> new WebhookRules();
      default -> BuiltinKinds.rules(kind);
    };
  }

  /// The kinds that have objects in the store, versions of one resource together.
  static List<List<Kind>> stored(Kinds kinds) {
    Map<String, List<Kind>> byResource = new LinkedHashMap<>();
    for (Kind kind : kinds.all()) {
      if (!kind.header().traits().contains(KindTrait.CREATE_ONLY)) {
        byResource
            .computeIfAbsent(kind.plural() + "." + kind.group(), _ -> new ArrayList<>())
            .add(kind);
      }
    }
    return List.copyOf(byResource.values());
  }

  /// This server has no services to send reviews to: webhooks name a URL.
  private static final class WebhookRules implements KindRules {
    @Override
    public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
      return WebhookValidation.check(changed);
    }
  }
}
