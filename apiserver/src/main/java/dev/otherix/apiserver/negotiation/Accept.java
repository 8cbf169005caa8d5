package dev.otherix.apiserver.negotiation;

import dev.otherix.apiserver.http.Headers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a client takes, from its `Accept` header.
///
/// A caller walks the clauses and answers with the first that it can serve, parameters included;
/// when it can serve none the answer is 406. A wildcard takes anything, which is JSON unless
/// [#refuses] says no.
///
/// @param clauses in the order in which they are to be tried: by quality, then concrete before
///   wildcard, then as listed. Without `q` among their parameters
/// @param refused what the client marked with `q=0`
public record Accept(List<MediaType> clauses, List<MediaType> refused) {
  /// Of a client that takes anything.
  public static final Accept ANYTHING =
      new Accept(List.of(new MediaType(MediaType.ANY, MediaType.ANY, Map.of())), List.of());

  /// Clauses behind these are not read.
  public static final int CLAUSES_MAX = 32;

  private static final int QUALITY_ONE = 1000;
  private static final int FRACTION_DIGITS_MAX = 9;

  private record Clause(MediaType type, int quality) {}

  private static final Comparator<Clause> ORDER =
      Comparator.comparingInt((Clause clause) -> -clause.quality)
          .thenComparingInt(clause -> -clause.type.precision());

  public Accept {
    clauses = List.copyOf(clauses);
    refused = List.copyOf(refused);
  }

  /// From all `Accept` lines of a request.
  public static Accept of(Headers headers) {
    List<String> lines = headers.all("accept");
    return switch (lines.size()) {
      case 0 -> ANYTHING;
      case 1 -> parse(lines.getFirst());
      default -> parse(String.join(",", lines));
    };
  }

  /// Junk is skipped clause by clause. A header that is absent or blank takes anything; one of
  /// nothing but junk takes nothing.
  public static Accept parse(@Nullable String header) {
    if (header == null || header.isBlank() || header.equals("*/*")) {
      return ANYTHING;
    }
    List<Clause> accepted = new ArrayList<>();
    List<MediaType> refused = new ArrayList<>();
    for (String part : HeaderText.split(header, ',', CLAUSES_MAX)) {
      MediaType type = MediaType.read(part);
      if (type == null) {
        continue;
      }
      int quality = quality(type.parameter("q"));
      if (quality > 0) {
        accepted.add(new Clause(type.without("q"), quality));
      } else if (quality == 0) {
        refused.add(type.without("q"));
      }
    }
    accepted.sort(ORDER);
    return new Accept(accepted.stream().map(Clause::type).toList(), refused);
  }

  /// Whether `q=0` stands at exactly this type, so that a wildcard does not mean it.
  public boolean refuses(MediaType type) {
    for (MediaType each : refused) {
      if (each.includes(type) && each.parameters().equals(type.parameters())) {
        return true;
      }
    }
    return false;
  }

  /// Thousandths, or -1 for junk. `.2`, which old Java clients send, is read as 0.2.
  private static int quality(@Nullable String text) {
    if (text == null) {
      return QUALITY_ONE;
    }
    int dot = text.indexOf('.');
    String whole = dot < 0 ? text : text.substring(0, dot);
    String fraction = dot < 0 ? "" : text.substring(dot + 1);
    boolean nothing = whole.isEmpty() && fraction.isEmpty();
    if (nothing || fraction.length() > FRACTION_DIGITS_MAX) {
      return -1;
    }
    int thousandths = 0;
    boolean more = false;
    for (int i = 0; i < Math.max(3, fraction.length()); i++) {
      char c = i < fraction.length() ? fraction.charAt(i) : '0';
      if (c < '0' || c > '9') {
        return -1;
      }
      if (i < 3) {
        thousandths = thousandths * 10 + (c - '0');
      } else {
        more |= c != '0';
      }
    }
    // Less than a thousandth is little, but it is not a refusal.
    thousandths += more ? 1 : 0;
    return switch (whole) {
      case "", "0" -> Math.min(thousandths, QUALITY_ONE);
      case "1" -> thousandths == 0 ? QUALITY_ONE : -1;
      default -> -1;
    };
  }
}
