package dev.otherix.apiserver.request;

import dev.otherix.apimachinery.status.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The query of a request, decoded. Immutable. Names that nobody asks for do no harm.
public final class Params {
  public static final Params NONE = new Params(List.of());

  private static final int PARAMS_MAX = 256;

  private final List<String> namesAndValues;

  private Params(List<String> namesAndValues) {
    this.namesAndValues = namesAndValues;
  }

  /// @param query as on the wire
  /// @throws ApiException 400
  public static Params parse(String query) {
    if (query.isEmpty()) {
      return NONE;
    }
    List<String> out = new ArrayList<>();
    int from = 0;
    while (from <= query.length()) {
      int end = query.indexOf('&', from);
      end = end < 0 ? query.length() : end;
      if (end > from) {
        int equals = query.indexOf('=', from);
        boolean bare = equals < 0 || equals > end;
        out.add(decode(query.substring(from, bare ? end : equals)));
        out.add(bare ? "" : decode(query.substring(equals + 1, end)));
      }
      if (out.size() > 2 * PARAMS_MAX) {
        throw ApiException.badRequest(
            "the query has more than " + PARAMS_MAX + " parameters; send fewer");
      }
      from = end + 1;
    }
    return new Params(out);
  }

  private static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest(
          "the query parameter \"" + text + "\" is not well percent-encoded", e);
    }
  }

  public boolean has(String name) {
    return first(name) != null;
  }

  public @Nullable String first(String name) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (namesAndValues.get(i).equals(name)) {
        return namesAndValues.get(i + 1);
      }
    }
    return null;
  }

  /// Empty when it is absent.
  public String text(String name) {
    String value = first(name);
    return value == null ? "" : value;
  }

  public List<String> all(String name) {
    List<String> values = new ArrayList<>(1);
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (namesAndValues.get(i).equals(name)) {
        values.add(namesAndValues.get(i + 1));
      }
    }
    return values;
  }

  /// Whether the parameter is there and says neither `false` nor `0`.
  public boolean flag(String name) {
    String value = first(name);
    return value != null && !value.equals("false") && !value.equals("0");
  }

  /// These, with `value` in the place of whatever `name` had.
  public Params replacing(String name, String value) {
    List<String> others = new ArrayList<>(namesAndValues.size() + 2);
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (!namesAndValues.get(i).equals(name)) {
        others.add(namesAndValues.get(i));
        others.add(namesAndValues.get(i + 1));
      }
    }
    others.add(name);
    others.add(value);
    return new Params(others);
  }

  /// These and one more.
  public Params with(String name, String value) {
    List<String> more = new ArrayList<>(namesAndValues);
    more.add(name);
    more.add(value);
    return new Params(more);
  }
}
