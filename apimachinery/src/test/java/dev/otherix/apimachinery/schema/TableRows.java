package dev.otherix.apimachinery.schema;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.provider.Arguments;

/// Rows of a data file: cells between ` => `, JSON in single quotes; lines that begin with # are
/// comments.
final class TableRows {
  private TableRows() {}

  static List<Arguments> read(String name, int cells) {
    List<Arguments> rows = new ArrayList<>();
    for (String line : TestKinds.resource(name).split("\n")) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] found = line.split(" =>", -1);
      String[] row = new String[cells];
      for (int i = 0; i < cells; i++) {
        row[i] = i < found.length ? found[i].trim() : "";
      }
      rows.add(Arguments.of((Object[]) row));
    }
    return rows;
  }
}
