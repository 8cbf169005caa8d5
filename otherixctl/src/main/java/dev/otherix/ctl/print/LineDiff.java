package dev.otherix.ctl.print;

import java.util.ArrayList;
import java.util.List;

/// What must be changed in one text to get another, line by line.
public final class LineDiff {
  /// Above this many pairs of lines the texts are shown as wholly different.
  private static final long PAIRS_MAX = 25_000_000;

  private static final int CONTEXT = 3;

  private LineDiff() {}

  /// @param mark a space for lines of both texts, `-` for the first, `+` for the second, `@` for a
  ///   gap
  public record Line(char mark, String text) {}

  /// The changed lines with some around them; none when the texts are equal.
  public static List<Line> of(String before, String after) {
    List<Line> all = compare(before.lines().toList(), after.lines().toList());
    boolean[] shown = new boolean[all.size()];
    boolean any = false;
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).mark != ' ') {
        any = true;
        for (int j = Math.max(0, i - CONTEXT); j < Math.min(all.size(), i + CONTEXT + 1); j++) {
          shown[j] = true;
        }
      }
    }
    List<Line> out = new ArrayList<>();
    for (int i = 0; any && i < all.size(); i++) {
      if (shown[i]) {
        out.add(all.get(i));
      } else if (i == 0 || shown[i - 1]) {
        out.add(new Line('@', "..."));
      }
    }
    return out;
  }

  private static List<Line> compare(List<String> before, List<String> after) {
    List<Line> out = new ArrayList<>();
    if ((long) before.size() * after.size() > PAIRS_MAX) {
      before.forEach(each -> out.add(new Line('-', each)));
      after.forEach(each -> out.add(new Line('+', each)));
      return out;
    }
    int[][] common = new int[before.size() + 1][after.size() + 1];
    for (int i = before.size() - 1; i >= 0; i--) {
      for (int j = after.size() - 1; j >= 0; j--) {
        common[i][j] =
            before.get(i).equals(after.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < before.size() || j < after.size()) {
      boolean same = i < before.size() && j < after.size() && before.get(i).equals(after.get(j));
      if (same) {
        out.add(new Line(' ', before.get(i++)));
        j++;
      } else if (j == after.size() || (i < before.size() && common[i + 1][j] >= common[i][j + 1])) {
        out.add(new Line('-', before.get(i++)));
      } else {
        out.add(new Line('+', after.get(j++)));
      }
    }
    return out;
  }
}
