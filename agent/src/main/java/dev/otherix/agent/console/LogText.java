package dev.otherix.agent.console;

import java.io.ByteArrayOutputStream;

/// What a console wrote, made fit to be read: text, line ends and colours. Everything else that a
/// guest may send to move somebody's cursor, set his window's title or ring his bell is left out.
/// For one stream; remembers what a piece ended in the middle of.
final class LogText {
  private static final int ESC = 0x1b;
  private static final int BELL = 0x07;
  private static final int DEL = 0x7f;

  /// A longer sequence is none.
  private static final int SEQUENCE_MAX = 32;

  private enum State {
    TEXT,
    ESCAPED,
    /// Of a control sequence, such as a colour.
    SEQUENCE,
    /// Of a command to the terminal, which ends with a bell or ESC \.
    COMMAND,
    COMMAND_ESCAPED
  }

  private final ByteArrayOutputStream sequence = new ByteArrayOutputStream();
  private State state = State.TEXT;

  byte[] of(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    for (byte each : bytes) {
      int c = each & 0xff;
      switch (state) {
        case TEXT -> text(c, out);
        case ESCAPED -> escaped(c);
        case SEQUENCE -> sequence(c, out);
        case COMMAND ->
            state = c == BELL ? State.TEXT : c == ESC ? State.COMMAND_ESCAPED : State.COMMAND;
        case COMMAND_ESCAPED -> state = c == '\\' ? State.TEXT : State.COMMAND;
      }
    }
    return out.toByteArray();
  }

  private void text(int c, ByteArrayOutputStream out) {
    if (c == ESC) {
      state = State.ESCAPED;
    } else if (c == '\n' || c == '\t' || (c >= ' ' && c != DEL)) {
      out.write(c);
    }
  }

  private void escaped(int c) {
    switch (c) {
      case '[' -> {
        sequence.reset();
        state = State.SEQUENCE;
      }
      case ']', 'P', '_', '^', 'X' -> state = State.COMMAND;
      // Its parameter is one more byte at most, which is harmless text.
      default -> state = State.TEXT;
    }
  }

  private void sequence(int c, ByteArrayOutputStream out) {
    boolean last = c >= 0x40 && c <= 0x7e;
    boolean inside = c >= 0x20 && c < 0x40 && sequence.size() < SEQUENCE_MAX;
    if (inside) {
      sequence.write(c);
      return;
    }
    state = State.TEXT;
    if (last && c == 'm') {
      out.write(ESC);
      out.write('[');
      out.writeBytes(sequence.toByteArray());
      out.write('m');
    } else if (!last) {
      text(c, out);
    }
  }
}
