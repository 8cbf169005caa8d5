package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apiserver.builtin.KindRules;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Kinds that are asked and not stored: a client creates an object, and the answer is the same
/// object with its status filled in. Immutable.
public final class Questions {
  public static final Questions NONE = new Questions(List.of());

  /// Answers one kind of question.
  @FunctionalInterface
  public interface Oracle {
    /// Fills in the status of `question`, a valid object of the kind.
    void answer(Call call, ObjectNode question);
  }

  private record Known(Kind kind, KindRules rules, Oracle oracle) {}

  private final List<Known> known;

  private Questions(List<Known> known) {
    this.known = known;
  }

  /// These questions and one more kind.
  public Questions with(Kind kind, KindRules rules, Oracle oracle) {
    List<Known> more = new ArrayList<>(known);
    more.add(new Known(kind, rules, oracle));
    return new Questions(List.copyOf(more));
  }

  public List<Kind> kinds() {
    return known.stream().map(Known::kind).toList();
  }

  Answer answer(Call call) {
    Known found = find(call.route());
    Route route = call.route();
    boolean namespaceFits =
        found != null && found.kind.namespaced() == !route.namespace().isEmpty();
    if (found == null || !namespaceFits || !route.subresource().isEmpty()) {
      throw Router.unknownPath();
    }
    if (!route.verb().equals("create") || !route.name().isEmpty()) {
      throw Router.notAllowed(call);
    }
    call.requireThread();
    Output.requirePlain(call);
    Kind kind = found.kind;
    ObjectNode question = BodyReader.object(call, kind);
    if (kind.namespaced()) {
      question.withObjectProperty("metadata").put("namespace", route.namespace());
    }
    found.rules.prepareCreate(question);
    List<FieldError> errors = new ArrayList<>(kind.validate(question));
    errors.addAll(found.rules.validate(null, question));
    if (!errors.isEmpty()) {
      throw ApiException.invalid(kind.group(), kind.kind(), "", errors);
    }
    found.oracle.answer(call, question);
    return Output.json(201, question);
  }

  private @Nullable Known find(Route route) {
    for (Known each : known) {
      Kind kind = each.kind;
      if (kind.plural().equals(route.resource())
          && kind.group().equals(route.group())
          && kind.version().equals(route.version())) {
        return each;
      }
    }
    return null;
  }
}
