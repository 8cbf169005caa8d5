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
      take(text.charAt(i));
    }
  }

  private void take(char next) {
    if (next == '(') {
      number = 0;
      fraction = false;
    } else if (number < 0) {
      return;
    } else if (next == '.') {
      fraction = true;
    } else if (next >= '0' && next <= '9') {
      number = fraction || number > 100 ? number : number * 10 + next - '0';
    } else {
      if (next == '/' && fraction && number <= 100) {
        percent.accept(number);
      }
      number = -1;
    }
  }
}
