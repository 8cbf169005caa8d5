package dev.otherix.apimachinery.selector;

import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Which fields an object must have with which values: terms that must all hold. Immutable, shared
/// by all threads; matching allocates nothing.
public final class FieldSelector {
  private static final FieldSelector EVERYTHING = new FieldSelector(List.of());

  /// One comparison: `field=value`, or `field!=value`.
  ///
  /// @param value as it is, without escapes
  public record Term(String field, boolean negated, String value) {
    private static final Comparator<Term> ORDER =
        Comparator.comparing(Term::field).thenComparing(Term::negated).thenComparing(Term::value);

    @Override
    public String toString() {
      return field + (negated ? "!=" : "=") + escape(value);
    }
  }

  private final List<Term> terms;

  private FieldSelector(List<Term> terms) {
    this.terms = terms;
  }

  public static FieldSelector everything() {
    return EVERYTHING;
  }

  /// The selector of one field's value.
  public static FieldSelector of(String field, String value) {
    return new FieldSelector(List.of(new Term(field, false, value)));
  }

  /// Reads the text of a `fieldSelector` parameter: `a=b`, `a==b`, `a!=b`, joined by commas; in a
  /// value `\\`, `\,` and `\=` stand for the characters themselves. Empty terms are skipped.
  ///
  /// @throws ApiException 400 that names the term
  public static FieldSelector parse(String text) {
    List<Term> terms = new FieldParser(text).terms();
    terms.sort(Term.ORDER);
    return terms.isEmpty() ? EVERYTHING : new FieldSelector(List.copyOf(terms));
  }

  public boolean isEverything() {
    return terms.isEmpty();
  }

  /// In the order in which they print.
  public List<Term> terms() {
    return terms;
  }

  /// Whether every term holds; `valueOf` has the value of a field, empty where there is none.
  public boolean matches(UnaryOperator<String> valueOf) {
    // Indexed: an iterator would be an allocation per object.
    for (int i = 0; i < terms.size(); i++) {
      Term term = terms.get(i);
      if (term.value.equals(valueOf.apply(term.field)) == term.negated) {
        return false;
      }
    }
    return true;
  }

  /// The one value that `field` must have, where the selector demands one.
  public Optional<String> requiresExactMatch(String field) {
    for (Term term : terms) {
      if (!term.negated && term.field.equals(field)) {
        return Optional.of(term.value);
      }
    }
    return Optional.empty();
  }

  /// Refuses fields that the kind does not select by.
  ///
  /// @throws ApiException 400 that names the first such field
  public FieldSelector requireSupported(Predicate<String> supported) {
    for (Term term : terms) {
      if (!supported.test(term.field)) {
        throw ApiException.badRequest("field label not supported: " + term.field);
      }
    }
    return this;
  }

  /// The selector with other names for its fields, for kinds that clients may select by an alias.
  public FieldSelector renamed(UnaryOperator<String> name) {
    List<Term> renamed = new ArrayList<>(terms.size());
    for (Term term : terms) {
      renamed.add(new Term(name.apply(term.field), term.negated, term.value));
    }
    return renamed.equals(terms) ? this : new FieldSelector(List.copyOf(renamed));
  }

  /// The selector without the terms on `field`, which the caller has already applied.
  public FieldSelector without(String field) {
    List<Term> rest = terms.stream().filter(term -> !term.field.equals(field)).toList();
    return rest.isEmpty() ? EVERYTHING : new FieldSelector(rest);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldSelector that && terms.equals(that.terms);
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  /// The canonical text, sorted, which [#parse] reads back.
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (Term term : terms) {
      out.append(out.isEmpty() ? "" : ",").append(term);
    }
    return out.toString();
  }

  private static String escape(String value) {
    StringBuilder out = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' || c == ',' || c == '=') {
        out.append('\\');
      }
      out.append(c);
    }
    return out.toString();
  }
}
