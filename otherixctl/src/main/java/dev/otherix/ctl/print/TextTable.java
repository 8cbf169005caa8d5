package dev.otherix.ctl.print;

import java.util.ArrayList;
import java.util.List;

/// Rows in columns of equal width, without borders. Widths hold for the whole table when it is
/// printed at once; rows that come later are fitted to what was there.
public final class TextTable {
  private static final String GUTTER = "  ";
  private static final int CELL_CODE_POINTS_MAX = 200;

  private final int[] widths;

  private TextTable(int columns) {
    this.widths = new int[columns];
  }

  /// @param header none when empty
  public static String of(List<String> header, List<List<String>> rows) {
    return new TextTable(columns(header, rows)).more(header, rows);
  }

  /// A table whose rows come in parts; print each with [#more].
  public static TextTable growing(int columns) {
    return new TextTable(columns);
  }

  private static int columns(List<String> header, List<List<String>> rows) {
    int columns = header.size();
    for (List<String> row : rows) {
      columns = Math.max(columns, row.size());
    }
    return columns;
  }

  public String more(List<String> header, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    if (!header.isEmpty()) {
      all.add(header);
    }
    all.addAll(rows);
    List<List<String>> clean = all.stream().map(TextTable::clean).toList();
    for (List<String> row : clean) {
      for (int i = 0; i < row.size() && i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : clean) {
      line(row, out);
    }
    return out.toString();
  }

  private void line(List<String> row, StringBuilder out) {
    int last = row.size() - 1;
    while (last > 0 && row.get(last).isEmpty()) {
      last--;
    }
    for (int i = 0; i <= last; i++) {
      out.append(row.get(i));
      if (i < last) {
        out.repeat(' ', widths[i] - width(row.get(i))).append(GUTTER);
      }
    }
    out.append('\n');
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  /// What a server sends must not move the cursor of a terminal, nor break a line.
  private static List<String> clean(List<String> row) {
    List<String> clean = new ArrayList<>(row.size());
    for (String cell : row) {
      StringBuilder out = new StringBuilder(cell.length());
      cell.codePoints()
          .limit(CELL_CODE_POINTS_MAX)
          .forEach(each -> out.appendCodePoint(Character.isISOControl(each) ? ' ' : each));
      if (width(cell) > CELL_CODE_POINTS_MAX) {
        out.append('…');
      }
      clean.add(out.toString());
    }
    return clean;
  }
}
