package dev.otherix.agent.kill;

import dev.otherix.agent.Agent;
import dev.otherix.apimachinery.fault.Fault;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All fault points of the agent, as its classes have them.
final class FaultPoints {
  private static final String SUFFIX = ".class";

  private FaultPoints() {}

  /// The classes that have one. Looks into every class, where these are files.
  static List<String> owners() throws IOException, URISyntaxException, ClassNotFoundException {
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
    List<String> owners = new ArrayList<>();
    for (String name : names) {
      Field[] fields = Class.forName(name, false, Agent.class.getClassLoader()).getDeclaredFields();
      if (Arrays.stream(fields).anyMatch(each -> each.getType() == Fault.class)) {
        owners.add(name);
      }
    }
    return owners;
  }

  /// Their points, which can be armed from now on.
  static SortedSet<String> of(List<String> owners) throws ClassNotFoundException {
    for (String each : owners) {
      Class<?> _ = Class.forName(each, true, Agent.class.getClassLoader());
    }
    SortedSet<String> points = new TreeSet<>(Fault.names());
    points.removeIf(each -> !each.startsWith("agent."));
    return points;
  }
}
