package dev.otherix.ctl.top;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.option.CommandModel;
import dev.otherix.ctl.option.Given;
import dev.otherix.ctl.print.TextTable;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.node.ObjectNode;

/// Shows what is used of what there is, once or as it changes.
public final class TopCommand implements Callable<Integer> {
  private static final int PAGE_ITEMS = 500;
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration SYNC_MAX = Duration.ofSeconds(30);

  /// A live table is as long as a screen; sorted, it begins with what matters.
  private static final int LIVE_ROWS_MAX = 40;

  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final Session session;
  private final Terminal terminal;
  private final Subject subject;
  private final CommandModel model;
  private final Given<String> order;
  private final Given<String> labels;
  private final Given<Boolean> watch;
  private final Given<Boolean> noHeaders;

  public TopCommand(Session session, Terminal terminal, Subject subject) {
    this.session = session;
    this.terminal = terminal;
    this.subject = subject;
    model =
        CommandModel.of(
            this,
            subject.word(),
            switch (subject) {
              case NODES ->
                  "Shows of each node its machines, processors promised, memory and pools used.";
              case VMS ->
                  "Shows of each machine its processors, memory used by the guest, and disks.";
            });
    order = model.text("COLUMN", "name", "Order of the rows: " + Usage.ORDERS + ".", "--sort-by");
    labels = model.text("LABELS", "", "Only objects with these labels.", "-l", "--selector");
    watch = model.flag("Again whenever it changes; ends with Ctrl-C.", "-w", "--watch");
    noHeaders = model.flag("Rows only.", "--no-headers");
  }

  /// For picocli.
  public CommandSpec spec() {
    return model.spec();
  }

  @Override
  public Integer call() throws InterruptedException {
    Comparator<Usage> sorted = Usage.by(order.value());
    ApiClient client = session.client();
    ResourceClient nodes = client.resource(new GroupVersionResource("otherix", "v1", "nodes"));
    ResourceClient vms = client.resource(new GroupVersionResource("otherix", "v1", "vms"));
    PrintWriter out = model.spec().commandLine().getOut();
    if (watch.value()) {
      follow(nodes, vms, sorted, out);
    }
    List<Usage> rows = rows(all(nodes, Subject.NODES), all(vms, Subject.VMS), sorted);
    if (rows.isEmpty()) {
      model.spec().commandLine().getErr().println("No " + subject.word() + " found.");
    } else {
      out.print(table(rows));
    }
    out.flush();
    return Exit.OK.code();
  }

  /// What the rows need: all machines for a table of nodes, no nodes for one of machines.
  private List<ObjectNode> all(ResourceClient objects, Subject what) throws InterruptedException {
    List<ObjectNode> found = new ArrayList<>();
    if (what == subject || what == Subject.VMS) {
      objects.forEach(
          ListOptions.ALL.withSelectors(selector(what), "").withLimit(PAGE_ITEMS), found::add);
    }
    return found;
  }

  private String selector(Subject what) {
    return what == subject ? labels.value() : "";
  }

  private List<Usage> rows(List<ObjectNode> nodes, List<ObjectNode> vms, Comparator<Usage> sorted) {
    return subject.rows(nodes, vms).stream().sorted(sorted).toList();
  }

  private String table(List<Usage> rows) {
    List<List<String>> cells = rows.stream().map(Usage::cells).toList();
    return TextTable.of(noHeaders.value() ? List.of() : subject.header(), cells);
  }

  /// Until the process is interrupted. Asks once before, so that a refusal is told.
  private void follow(
      ResourceClient nodes, ResourceClient vms, Comparator<Usage> sorted, PrintWriter out)
      throws InterruptedException {
    nodes.list(ListOptions.ALL.withLimit(1));
    vms.list(ListOptions.ALL.withLimit(1));
    try (Informer allNodes = informer(nodes, Subject.NODES);
        Informer allVms = informer(vms, Subject.VMS)) {
      String shown = "";
      while (true) {
        List<Usage> rows = rows(allNodes.all(), allVms.all(), sorted);
        String table = table(rows.subList(0, Math.min(rows.size(), LIVE_ROWS_MAX)));
        if (!table.equals(shown)) {
          out.print(terminal.interactive() ? CLEAR : "");
          out.print(table);
          if (rows.size() > LIVE_ROWS_MAX) {
            out.println("... and " + (rows.size() - LIVE_ROWS_MAX) + " more");
          }
          out.flush();
          shown = table;
        }
        Thread.sleep(EVERY);
      }
    }
  }

  private Informer informer(ResourceClient objects, Subject what) throws InterruptedException {
    Informer informer =
        new Informer(objects, InformerOptions.ALL.withSelectors(selector(what), ""));
    informer.start();
    if (!informer.awaitSynced(SYNC_MAX)) {
      informer.close();
      throw new CommandFailure(
          Exit.TIMEOUT,
          "the server did not send its " + what.word() + " within " + SYNC_MAX.toSeconds() + "s");
    }
    return informer;
  }
}
