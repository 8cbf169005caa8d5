package dev.otherix.apimachinery.manifest;

import java.util.Collection;
import java.util.Locale;

/// Guesses which known word somebody meant.
public final class Suggestion {
  private static final int WORD_LENGTH_MAX = 64;

  private Suggestion() {}

  /// `; did you mean "memoryMB"?`, or nothing when no known word is near.
  public static String forWord(String word, Collection<String> known) {
    if (word.length() > WORD_LENGTH_MAX) {
      return "";
    }
    String best = "";
    int bestDistance = Math.max(1, word.length() / 3) + 1;
    for (String each : known) {
      int distance = distance(word.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        best = each;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : "; did you mean \"" + best + "\"?";
  }

  /// How many letters must be put in, taken out, changed or swapped with their neighbour.
  static int distance(String from, String to) {
    int[] beforeLast = new int[to.length() + 1];
    int[] last = new int[to.length() + 1];
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int changed = last[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[to.length()];
  }
}
