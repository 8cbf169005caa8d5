package dev.otherix.apimachinery.fuzz;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Feeds a check with a target's corpus, then with mutations of it and with generated inputs. The
/// corpus is the resource directory `fuzz/<target>`: each file is one input, each line of a
/// `*.list` file is one too. A check fails by throwing; the failure names seed and input.
///
/// In a build the inputs are the same every time, 20,000 of them or as many as fit into a second.
/// `-Dfuzz.seconds=60 -Dfuzz.target=quantity -Dfuzz.seed=7` runs one target for long (`hack/fuzz`);
/// the others then only replay their corpus.
public final class Fuzz {
  private static final long SEED = 20_260_101;
  private static final int ITERATIONS = 20_000;
  private static final double BUILD_SECONDS = 1;
  private static final int CLOCK_EVERY = 32;
  private static final int PRINTED_BYTES_MAX = 4_096;

  private final String target;
  private final @Nullable Function<RandomGenerator, String> generator;
  private final Check check;
  private final long seed = Long.getLong("fuzz.seed", SEED);

  private Fuzz(String target, @Nullable Function<RandomGenerator, String> generator, Check check) {
    this.target = target;
    this.generator = generator;
    this.check = check;
  }

  /// What must hold for every input.
  @FunctionalInterface
  public interface Check {
    void accept(byte[] input) throws Exception;
  }

  /// What must hold for every input that is text; bytes that are not UTF-8 are replaced.
  @FunctionalInterface
  public interface TextCheck {
    void accept(String input) throws Exception;
  }

  public static void run(String target, Check check) {
    new Fuzz(target, null, check).run();
  }

  public static void runText(String target, TextCheck check) {
    new Fuzz(target, null, onText(check)).run();
  }

  /// Takes about half of the inputs from `generator`, which must draw only on its argument.
  public static void runText(
      String target, Function<RandomGenerator, String> generator, TextCheck check) {
    new Fuzz(target, generator, onText(check)).run();
  }

  private static Check onText(TextCheck check) {
    return input -> check.accept(new String(input, StandardCharsets.UTF_8));
  }

  private void run() {
    List<byte[]> corpus = corpus();
    for (int i = 0; i < corpus.size(); i++) {
      attempt(corpus.get(i), "corpus entry " + i);
    }
    String only = System.getProperty("fuzz.target", "");
    if (!only.isEmpty() && !only.equals(target)) {
      return;
    }
    String seconds = System.getProperty("fuzz.seconds", "");
    boolean build = seconds.isEmpty();
    long nanos = (long) (1e9 * (build ? BUILD_SECONDS : Double.parseDouble(seconds)));
    long started = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed ^ target.hashCode());
    Mutator mutator = new Mutator(corpus, random);
    for (long i = 0; !build || i < ITERATIONS; i++) {
      if (i % CLOCK_EVERY == 0 && System.nanoTime() - started > nanos) {
        break;
      }
      attempt(next(mutator, random), "iteration " + i);
    }
  }

  private byte[] next(Mutator mutator, RandomGenerator random) {
    if (generator == null || random.nextBoolean()) {
      return mutator.next();
    }
    byte[] made = generator.apply(random).getBytes(StandardCharsets.UTF_8);
    return random.nextInt(8) == 0 ? mutator.mutate(made) : made;
  }

  private void attempt(byte[] input, String which) {
    try {
      check.accept(input);
    } catch (Exception | AssertionError | StackOverflowError e) {
      throw new AssertionError(
          "fuzz target %s failed at %s, rerun with -Dfuzz.target=%s -Dfuzz.seed=%d; input: %s"
              .formatted(target, which, target, seed, escaped(input)),
          e);
    }
  }

  private List<byte[]> corpus() {
    URL directory = Thread.currentThread().getContextClassLoader().getResource("fuzz/" + target);
    if (directory == null || !directory.getProtocol().equals("file")) {
      throw new IllegalStateException(
          "no corpus: put files into src/test/resources/fuzz/" + target);
    }
    try (Stream<Path> files = Files.list(Path.of(URI.create(directory.toString())))) {
      List<byte[]> out = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(".list")) {
          Files.readAllLines(file).forEach(line -> out.add(line.getBytes(StandardCharsets.UTF_8)));
        } else {
          out.add(Files.readAllBytes(file));
        }
      }
      return out;
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the corpus of " + target, e);
    }
  }

  private static String escaped(byte[] input) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < Math.min(input.length, PRINTED_BYTES_MAX); i++) {
      int b = input[i] & 0xff;
      if (b == '"' || b == '\\') {
        out.append('\\').append((char) b);
      } else if (b >= ' ' && b < 0x7f) {
        out.append((char) b);
      } else {
        out.append(String.format(Locale.ROOT, "\\x%02x", b));
      }
    }
    return out.append('"').append(input.length > PRINTED_BYTES_MAX ? "..." : "").toString();
  }
}
