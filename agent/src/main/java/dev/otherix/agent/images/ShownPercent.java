package dev.otherix.agent.images;

import java.util.function.IntConsumer;

/// Reads how far qemu-img is, from what it shows to people: ` (12.50/100%)`. For one thread.
final class ShownPercent {
  private final IntConsumer percent;
  private int number = -1;
  private boolean fraction;

  ShownPercent(IntConsumer percent) {
    this.percent = percent;
  }

  /// A piece of it, wherever it was torn.
  void take(String text) {
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '(') {
        number = 0;
        fraction = false;
      } else if (number >= 0 && next == '.') {
        fraction = true;
      } else if (number >= 0 && !fraction && next >= '0' && next <= '9' && number <= 100) {
        number = number * 10 + next - '0';
      } else if (next == '/') {
        if (number >= 0 && number <= 100) {
          percent.accept(number);
        }
        number = -1;
      }
    }
  }
}
