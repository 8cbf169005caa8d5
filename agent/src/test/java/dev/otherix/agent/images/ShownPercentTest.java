package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ShownPercentTest {
  private static final String SHOWN =
      "    (0.00/100%)\r    (9.38/100%)\r    (43.75/100%)\r    (100.00/100%)\rqemu-img: no (x/y)";

  @Test
  void take_whateverThePieces_readsEachNumberOnce() {
    for (int size = 1; size <= SHOWN.length(); size++) {
      List<Integer> read = new ArrayList<>();
      ShownPercent shown = new ShownPercent(read::add);
      for (int from = 0; from < SHOWN.length(); from += size) {
        shown.take(SHOWN.substring(from, Math.min(SHOWN.length(), from + size)));
      }
      assertEquals(List.of(0, 9, 43, 100), read);
    }
  }
}
