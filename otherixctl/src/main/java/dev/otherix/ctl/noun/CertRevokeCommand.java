package dev.otherix.ctl.noun;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.Exit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Ends certificates before their time.
@Command(
    name = "revoke",
    description = {
      "Ends certificates of clients and nodes at once, also on open connections.",
      "A node whose certificate is revoked joins again with a new token."
    },
    mixinStandardHelpOptions = true)
final class CertRevokeCommand implements Callable<Integer> {
  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "SERIAL", arity = "1..*", description = "As cert list shows it.")
  private List<String> serials;

  @Option(
      names = "--unlisted",
      description = "Also one that is not on the list, such as one that was signed by hand.")
  private boolean unlisted;

  CertRevokeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("unlisted", unlisted);
    for (String serial : serials) {
      session.client().raw("DELETE", "/v1/certificates/" + serial, "", body);
      spec.commandLine().getOut().println("revoked certificate=" + serial);
    }
    return Exit.OK.code();
  }
}
