package dev.otherix.apiserver.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The header fields of a request or an answer, in order. Names are lower-case, as HTTP/2 wants
/// them. Immutable.
public final class Headers {
  public static final Headers NONE = new Headers(List.of());

  private final List<String> namesAndValues;

  private Headers(List<String> namesAndValues) {
    this.namesAndValues = namesAndValues;
  }

  /// @param namesAndValues a name, its value, the next name, ...
  public static Headers of(List<String> namesAndValues) {
    if (namesAndValues.size() % 2 != 0) {
      throw new IllegalArgumentException("a header without a value in " + namesAndValues);
    }
    List<String> lower = new ArrayList<>(namesAndValues);
    for (int i = 0; i < lower.size(); i += 2) {
      lower.set(i, lower.get(i).toLowerCase(Locale.ROOT));
    }
    return new Headers(List.copyOf(lower));
  }

  public static Headers of(String name, String value) {
    return NONE.with(name, value);
  }

  /// These and one more, behind any of the same name.
  public Headers with(String name, String value) {
    List<String> more = new ArrayList<>(namesAndValues.size() + 2);
    more.addAll(namesAndValues);
    more.add(name.toLowerCase(Locale.ROOT));
    more.add(value);
    return new Headers(List.copyOf(more));
  }

  /// @param name in lower case
  public @Nullable String first(String name) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (namesAndValues.get(i).equals(name)) {
        return namesAndValues.get(i + 1);
      }
    }
    return null;
  }

  /// @param name in lower case
  public List<String> all(String name) {
    List<String> values = new ArrayList<>(1);
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (namesAndValues.get(i).equals(name)) {
        values.add(namesAndValues.get(i + 1));
      }
    }
    return values;
  }

  public void forEach(BiConsumer<String, String> each) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      each.accept(namesAndValues.get(i), namesAndValues.get(i + 1));
    }
  }

  @Override
  public String toString() {
    return namesAndValues.toString();
  }
}
