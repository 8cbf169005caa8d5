package dev.otherix.agent.kill;

import dev.otherix.agent.Agent;
import dev.otherix.apimachinery.fault.Fault;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All fault points of the agent, as its classes have them.
final class FaultPoints {
  private static final String SUFFIX = ".class";

  private FaultPoints() {}

  /// Loads the classes that have one, so that they can be armed.
  static SortedSet<String> all() throws IOException, URISyntaxException, ClassNotFoundException {
    Path classes = Path.of(Agent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> names;
    try (Stream<Path> files = Files.walk(classes)) {
      names =
          files
              .map(each -> classes.relativize(each).toString())
              .filter(each -> each.endsWith(SUFFIX) && !each.contains("-info"))
              .map(each -> each.substring(0, each.length() - SUFFIX.length()).replace('/', '.'))
              .toList();
    }
    ClassLoader loader = Agent.class.getClassLoader();
    for (String name : names) {
      Field[] fields = Class.forName(name, false, loader).getDeclaredFields();
      if (Arrays.stream(fields).anyMatch(each -> each.getType() == Fault.class)) {
        Class<?> _ = Class.forName(name, true, loader);
      }
    }
    SortedSet<String> points = new TreeSet<>(Fault.names());
    points.removeIf(each -> !each.startsWith("agent."));
    return points;
  }
}
