package dev.otherix.agent.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.agent.AgentCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/// How Java is started for agents that are killed: with the classes of this test run in jars, and
/// an archive of those that an agent loads, for loading them is most of what its start costs.
///
/// @param faulty classes that have fault points
record AgentStart(String classPath, List<String> options, String faulty) {
  /// Without leave for native access: Java does not share an archive then, and only warns.
  private static final List<String> OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m");

  /// Runs an agent once, to see what it loads.
  static AgentStart archived(Path folder) throws Exception {
    List<String> jars = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(":")) {
      jars.add(Files.isDirectory(Path.of(each)) ? jar(each, folder, jars.size()) : each);
    }
    String classPath = String.join(":", jars);
    String faulty = String.join(",", FaultPoints.owners());
    Path archive = folder.resolve("agent.jsa");
    Path log = folder.resolve("agent.log");
    try (AgentCluster cluster = AgentCluster.at(folder.resolve("api.sock"))) {
      cluster.node();
      cluster.nodesNamespace();
      AgentStart seen =
          new AgentStart(classPath, with("-XX:ArchiveClassesAtExit=" + archive), faulty);
      AgentProcess agent =
          AgentProcess.prepare(seen, folder.resolve("agent"), folder.resolve("api.sock"), log);
      agent.begin();
      agent.end();
    }
    return new AgentStart(classPath, with("-XX:SharedArchiveFile=" + archive), faulty);
  }

  private static String jar(String classes, Path folder, int number) {
    String file = folder.resolve(number + ".jar").toString();
    int made =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "-c", "-0", "-f", file, "-C", classes, ".");
    assertEquals(0, made);
    return file;
  }

  private static List<String> with(String option) {
    List<String> all = new ArrayList<>(OPTIONS);
    all.add(option);
    return all;
  }

  List<String> command(Path folder, Path socket) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, KilledAgent.class.getName()));
    command.addAll(List.of(folder.toString(), socket.toString(), faulty));
    return command;
  }
}
