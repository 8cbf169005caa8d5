package dev.otherix.apimachinery.selector;

import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Which labels an object must have: requirements that must all hold. Immutable, shared by all
/// threads; matching allocates nothing. [LabelSelectorReader] reads the form inside objects.
public final class LabelSelector {
  private static final LabelSelector EVERYTHING = new LabelSelector(false, List.of());
  private static final LabelSelector NOTHING = new LabelSelector(true, List.of());

  private final boolean nothing;
  private final Requirement[] requirements;

  private LabelSelector(boolean nothing, Collection<Requirement> requirements) {
    this.nothing = nothing;
    this.requirements = requirements.stream().sorted().toArray(Requirement[]::new);
  }

  public static LabelSelector everything() {
    return EVERYTHING;
  }

  public static LabelSelector nothing() {
    return NOTHING;
  }

  /// Reads the text of a `labelSelector` parameter: `a`, `!a`, `a=b`, `a!=b`, `a in (x,y)`, `a
  /// notin (x,y)`, `a>1`, `a<1`, joined by commas. The empty text selects everything.
  ///
  /// @throws ApiException 400 that says what was found and what should have been there
  public static LabelSelector parse(String text) {
    return of(new LabelParser(text).requirements());
  }

  static LabelSelector of(Collection<Requirement> requirements) {
    return requirements.isEmpty() ? EVERYTHING : new LabelSelector(false, requirements);
  }

  public boolean isEverything() {
    return !nothing && requirements.length == 0;
  }

  public boolean isNothing() {
    return nothing;
  }

  /// In the order in which they print.
  public List<Requirement> requirements() {
    return List.of(requirements);
  }

  public boolean matches(Map<String, String> labels) {
    for (Requirement requirement : requirements) {
      if (!requirement.matches(labels)) {
        return false;
      }
    }
    return !nothing;
  }

  /// Matches what an object has at `metadata.labels`.
  public boolean matchesLabels(@Nullable JsonNode labels) {
    for (Requirement requirement : requirements) {
      if (!requirement.matchesLabels(labels)) {
        return false;
      }
    }
    return !nothing;
  }

  /// Matches a whole object by its `metadata.labels`.
  public boolean matchesObject(ObjectNode object) {
    return matchesLabels(
        object.get("metadata") instanceof ObjectNode meta ? meta.get("labels") : null);
  }

  /// Both must hold.
  public LabelSelector and(LabelSelector other) {
    if (nothing || other.nothing) {
      return NOTHING;
    }
    List<Requirement> both = new ArrayList<>(requirements());
    both.addAll(other.requirements());
    return of(both);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LabelSelector that
        && nothing == that.nothing
        && requirements().equals(that.requirements());
  }

  @Override
  public int hashCode() {
    return requirements().hashCode() + Boolean.hashCode(nothing);
  }

  /// The canonical text, sorted, which [#parse] reads back; `<nothing>`, which it does not, for the
  /// selector that no text can express.
  @Override
  public String toString() {
    if (nothing) {
      return "<nothing>";
    }
    StringBuilder out = new StringBuilder();
    for (Requirement requirement : requirements) {
      if (!out.isEmpty()) {
        out.append(',');
      }
      requirement.print(out);
    }
    return out.toString();
  }
}
