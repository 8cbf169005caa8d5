package dev.otherix.apimachinery.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Makes new inputs out of old ones by small random changes. Confined to one thread.
final class Mutator {
  private static final int LENGTH_MAX = 4_096;
  private static final int CHANGES_MAX = 4;

  /// Texts that parsers have opinions about.
  private static final String[] TOKENS = {
    "",
    " ",
    "\"",
    "\\",
    "\\\\",
    ",",
    ",,",
    "=",
    "==",
    "!=",
    "!",
    "(",
    ")",
    "(,)",
    "<",
    ">",
    " in ",
    " notin ",
    "{",
    "}",
    "{}",
    "[",
    "]",
    "[]",
    ":",
    "null",
    "true",
    "-",
    "+",
    ".",
    "..",
    "0",
    "00",
    "9",
    "9223372036854775807",
    "9223372036854775808",
    "1e308",
    "1e-400",
    "e9",
    "E+",
    "Ki",
    "Ei",
    "m",
    "n",
    "ns",
    "\u00b5s",
    "h",
    "/",
    "//",
    "~",
    "~0",
    "~1",
    "~2",
    "\u0000",
    "\n",
    "\u00e9",
    "\ud83d\ude00",
    "\\ud800",
    "\\u0000",
    "\"$patch\":\"delete\"",
    "\"$patch\":\"replace\"",
    "$"
  };

  private final List<byte[]> corpus;
  private final RandomGenerator random;

  Mutator(List<byte[]> corpus, RandomGenerator random) {
    this.corpus = corpus;
    this.random = random;
  }

  byte[] next() {
    return mutate(pick());
  }

  byte[] mutate(byte[] input) {
    byte[] out = input;
    int changes = 1 + random.nextInt(CHANGES_MAX);
    for (int i = 0; i < changes; i++) {
      out = change(out);
    }
    return out.length > LENGTH_MAX ? Arrays.copyOf(out, LENGTH_MAX) : out;
  }

  private byte[] change(byte[] input) {
    int from = random.nextInt(input.length + 1);
    int to = Math.min(input.length, from + random.nextInt(8));
    byte[] other = pick();
    int cut = random.nextInt(other.length + 1);
    return switch (random.nextInt(7)) {
      case 0 -> spliced(input, from, to, new byte[0]);
      case 1 -> spliced(input, from, from, token());
      case 2 -> spliced(input, from, to, token());
      case 3 -> spliced(input, from, from, Arrays.copyOfRange(input, from, to));
      case 4 -> spliced(input, from, input.length, Arrays.copyOfRange(other, cut, other.length));
      case 5 -> spliced(input, from, to, new byte[] {(byte) random.nextInt(256)});
      default -> spliced(input, from, to, new byte[] {(byte) (' ' + random.nextInt(95))});
    };
  }

  private static byte[] spliced(byte[] input, int from, int to, byte[] middle) {
    byte[] out = new byte[from + middle.length + input.length - to];
    System.arraycopy(input, 0, out, 0, from);
    System.arraycopy(middle, 0, out, from, middle.length);
    System.arraycopy(input, to, out, from + middle.length, input.length - to);
    return out;
  }

  private byte[] token() {
    return TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
  }

  private byte[] pick() {
    return corpus.isEmpty() ? new byte[0] : corpus.get(random.nextInt(corpus.size()));
  }
}
