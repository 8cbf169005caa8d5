package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.ObjectFormat;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tells who the server takes the caller for.
@Command(
    name = "whoami",
    description = "Tells who the server takes you for.",
    mixinStandardHelpOptions = true)
public final class WhoamiCommand implements Callable<Integer> {
  private static final GroupVersionResource REVIEWS =
      new GroupVersionResource("authentication.k8s.io", "v1", "selfsubjectreviews");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "Print the server's answer: yaml, json, ...")
  private String output = "";

  public WhoamiCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectFormat format = output.isEmpty() ? null : ObjectFormat.parse(output);
    ObjectNode review =
        session
            .client()
            .resource(REVIEWS)
            .create(
                Json.parseObject(
                    """
                    {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
                    """));
    PrintWriter out = spec.commandLine().getOut();
    if (format != null) {
      out.print(format.print(List.of(review), true));
    } else {
      JsonNode user = review.at("/status/userInfo");
      out.println("username: " + user.path("username").asString(""));
      if (user.has("uid")) {
        out.println("uid: " + user.path("uid").asString(""));
      }
      for (JsonNode group : user.path("groups")) {
        out.println("group: " + group.asString(""));
      }
    }
    out.flush();
    return Exit.OK.code();
  }
}
