package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.print.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Asks whether the caller may do something.
@Command(
    name = "can-i",
    description = "Tells whether you may do something; exit code 1 for no.",
    footer = {
      "",
      "Examples:",
      "  otherixctl auth can-i delete vm/web-0",
      "  otherixctl auth can-i --list"
    },
    mixinStandardHelpOptions = true)
public final class CanICommand implements Callable<Integer> {
  private static final GroupVersionResource ACCESS =
      new GroupVersionResource("authorization.k8s.io", "v1", "selfsubjectaccessreviews");
  private static final GroupVersionResource RULES =
      new GroupVersionResource("authorization.k8s.io", "v1", "selfsubjectrulesreviews");

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(
      arity = "0..2",
      paramLabel = "VERB KIND[/NAME] | VERB /PATH",
      description = "Such as: delete vm/web-0, or get /metrics.")
  private List<String> what = List.of();

  @Option(
      names = "--subresource",
      paramLabel = "NAME",
      description = "What stands below the object, such as start or status.")
  private String subresource = "";

  @Option(names = "--list", description = "Everything that you may do.")
  private boolean list;

  @Option(
      names = {"-q", "--quiet"},
      description = "Answer by the exit code only.")
  private boolean quiet;

  public CanICommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (list) {
      return rules();
    }
    if (what.size() != 2) {
      throw new CommandFailure(Exit.USAGE, "ask with a verb and a kind: can-i delete vm/web-0");
    }
    ApiClient client = session.client();
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectAccessReview");
    ObjectNode attributes = review.putObject("spec");
    String target = what.get(1);
    if (target.startsWith("/")) {
      attributes
          .putObject("nonResourceAttributes")
          .put("verb", what.getFirst())
          .put("path", target);
    } else {
      int slash = target.indexOf('/');
      ServedType type = Types.of(client).one(slash < 0 ? target : target.substring(0, slash));
      attributes
          .putObject("resourceAttributes")
          .put("verb", what.getFirst())
          .put("group", type.resource().group())
          .put("version", type.resource().version())
          .put("resource", type.resource().resource())
          .put("subresource", subresource)
          .put("namespace", type.namespaced() ? session.namespace() : "")
          .put("name", slash < 0 ? "" : target.substring(slash + 1));
    }
    JsonNode status = client.resource(ACCESS).create(review).path("status");
    boolean allowed = status.path("allowed").asBoolean(false);
    if (!quiet) {
      String reason = status.path("reason").asString("");
      spec.commandLine()
          .getOut()
          .println((allowed ? "yes" : "no") + (reason.isEmpty() ? "" : " - " + reason));
    }
    return (allowed ? Exit.OK : Exit.FAILURE).code();
  }

  private int rules() throws InterruptedException {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectRulesReview");
    review.putObject("spec").put("namespace", session.namespace());
    JsonNode status = session.client().resource(RULES).create(review).path("status");
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode rule : status.path("resourceRules")) {
      rows.add(
          List.of(
              words(rule, "resources"),
              words(rule, "apiGroups"),
              words(rule, "resourceNames"),
              words(rule, "verbs")));
    }
    for (JsonNode rule : status.path("nonResourceRules")) {
      rows.add(List.of(words(rule, "nonResourceURLs"), "", "", words(rule, "verbs")));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(TextTable.of(List.of("RESOURCES", "GROUPS", "NAMES", "VERBS"), rows));
    out.flush();
    return Exit.OK.code();
  }

  private static String words(JsonNode rule, String member) {
    List<String> words = new ArrayList<>();
    rule.path(member)
        .forEach(each -> words.add(each.asString("").isEmpty() ? "''" : each.asString("")));
    return String.join(",", words);
  }
}
