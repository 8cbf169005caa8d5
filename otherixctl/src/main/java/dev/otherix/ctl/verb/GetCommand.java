package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.option.CommandModel;
import dev.otherix.ctl.option.Given;
import dev.otherix.ctl.print.JsonOrder;
import dev.otherix.ctl.print.ObjectFormat;
import dev.otherix.ctl.print.ServerTable;
import dev.otherix.ctl.print.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Shows objects of any kind.
public final class GetCommand implements Callable<Integer> {
  private static final int PAGE_ITEMS = 500;

  private final Session session;
  private final String kind;
  private String filters = "";

  private final CommandModel model =
      CommandModel.of(this, "get", "Shows objects: as tables, whole, or the fields that you name.")
          .footer(
              "",
              "Examples:",
              "  otherixctl get vms",
              "  otherixctl get vm web-0 -o yaml",
              "  otherixctl get vms,networks -l app=web --sort-by .metadata.creationTimestamp",
              "  otherixctl get vms -w");
  private final Given<List<String>> what =
      model.words(
          "0..*",
          "KIND[,KIND...] [NAME...] | KIND/NAME...",
          "Kinds, a kind and names, or objects such as vm/web-0.");
  private final Given<String> output =
      model.text("FORMAT", "", ObjectFormat.KNOWN, "-o", "--output");
  private final Given<String> labels =
      model.text(
          "LABELS", "", "Only objects with these labels, such as app=web.", "-l", "--selector");
  private final Given<String> fields =
      model.text(
          "FIELDS",
          "",
          "Only objects with these fields, such as spec.nodeName=n1.",
          "--field-selector");
  private final Given<Boolean> everywhere =
      model.flag("Of every namespace.", "-A", "--all-namespaces");
  private final Given<Boolean> watch =
      model.flag("After the list, every change as it happens; ends with Ctrl-C.", "-w", "--watch");
  private final Given<Boolean> watchOnly = model.flag("Changes only.", "--watch-only");
  private final Given<String> sortBy =
      model.text(
          "PATH",
          "",
          "Order of the rows: a path such as .metadata.creationTimestamp.",
          "--sort-by");
  private final Given<List<String>> labelColumns =
      model.texts("LABEL", "Labels to show as columns.", "-L", "--label-columns");
  private final Given<Boolean> showLabels =
      model.flag("All labels in a last column.", "--show-labels");
  private final Given<Boolean> noHeaders = model.flag("Rows only.", "--no-headers");
  private final Given<Boolean> ignoreNotFound =
      model.flag(
          "Objects that are not there are left out, and are no failure.", "--ignore-not-found");

  public GetCommand(Session session) {
    this(session, "");
  }

  /// @param kind whose objects are shown, so that only names are given; empty for any
  public GetCommand(Session session, String kind) {
    this.session = session;
    this.kind = kind;
  }

  /// Shows only objects of which a field has this value.
  public void filter(String field, String value) {
    filters = filters + (filters.isEmpty() ? "" : ",") + field + "=" + value;
  }

  private String selectedFields() {
    String given = fields.value();
    return given.isEmpty() || filters.isEmpty() ? given + filters : given + "," + filters;
  }

  /// For picocli.
  public CommandSpec spec() {
    return model.spec();
  }

  private List<String> words() {
    if (kind.isEmpty() && what.value().isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "name a kind, such as vms; all kinds: otherixctl api-resources");
    }
    return kind.isEmpty()
        ? what.value()
        : Stream.concat(Stream.of(kind), what.value().stream()).toList();
  }

  @Override
  public Integer call() throws InterruptedException {
    ApiClient client = session.client();
    ObjectFormat format =
        ObjectFormat.isTable(output.value()) ? null : ObjectFormat.parse(output.value());
    JsonPath order = sortBy.value().isEmpty() ? null : ObjectFormat.path(sortBy.value());
    List<Wanted> wanted =
        Wanted.parse(words(), Types.remembered(session, words()), session.namespace());
    if (watch.value() || watchOnly.value()) {
      new Watching(client, model.spec().commandLine().getOut(), options(wanted, ""), format)
          .run(
              single(wanted),
              selection(single(wanted).type()),
              watchOnly.value(),
              !noHeaders.value());
      return Exit.OK.code();
    }
    PrintWriter out = model.spec().commandLine().getOut();
    if (format != null) {
      objects(client, wanted, format, order, out);
    } else {
      tables(client, wanted, order, out);
    }
    out.flush();
    return Exit.OK.code();
  }

  private static Wanted single(List<Wanted> wanted) {
    if (wanted.size() > 1 || wanted.getFirst().names().size() > 1) {
      throw new CommandFailure(Exit.USAGE, "-w follows one kind, or one object, at a time");
    }
    return wanted.getFirst();
  }

  private ListOptions selection(ServedType type) {
    String namespace = type.namespaced() && !everywhere.value() ? session.namespace() : "";
    return ListOptions.ALL.inNamespace(namespace).withSelectors(labels.value(), selectedFields());
  }

  private ServerTable.Options options(List<Wanted> wanted, String title) {
    return new ServerTable.Options(
        output.value().equals("wide"),
        wanted.size() > 1 ? title : "",
        everywhere.value(),
        labelColumns.value(),
        showLabels.value());
  }

  private void objects(
      ApiClient client,
      List<Wanted> wanted,
      ObjectFormat format,
      @Nullable JsonPath order,
      PrintWriter out)
      throws InterruptedException {
    List<ObjectNode> found = new ArrayList<>();
    boolean named = false;
    for (Wanted each : wanted) {
      ResourceClient objects = client.resource(each.type().resource());
      named |= !each.names().isEmpty();
      for (ObjectKey key : each.keys()) {
        objects.find(key).ifPresentOrElse(found::add, () -> missing(each, key));
      }
      if (each.names().isEmpty()) {
        objects.forEach(selection(each.type()).withLimit(PAGE_ITEMS), found::add);
      }
    }
    if (named && found.isEmpty()) {
      return;
    }
    if (order != null) {
      found.sort(JsonOrder.by(order));
    }
    out.print(format.print(found, named && found.size() == 1 && wanted.size() == 1));
  }

  private void missing(Wanted wanted, ObjectKey key) {
    if (!ignoreNotFound.value()) {
      throw new CommandFailure(
          Exit.NOT_FOUND,
          "api_error: NotFound: "
              + wanted.title()
              + " \""
              + key.name()
              + "\" not found; see: "
              + "otherixctl get "
              + wanted.type().resource().resource());
    }
  }

  private void tables(
      ApiClient client, List<Wanted> wanted, @Nullable JsonPath order, PrintWriter out)
      throws InterruptedException {
    boolean any = false;
    for (Wanted each : wanted) {
      ObjectNode rows = table(client, each);
      if (rows.path("rows").isEmpty()) {
        continue;
      }
      if (order != null) {
        JsonOrder.sort((ArrayNode) rows.path("rows"), order);
      }
      String title = each.type().kind().toLowerCase(Locale.ROOT);
      ServerTable table = new ServerTable(rows, options(wanted, title));
      if (any) {
        out.println();
      }
      any = true;
      out.print(TextTable.of(noHeaders.value() ? List.of() : table.header(), table.rows()));
    }
    if (!any && !ignoreNotFound.value()) {
      model.spec().commandLine().getErr().println("No " + Wanted.titles(wanted) + " found.");
    }
  }

  private ObjectNode table(ApiClient client, Wanted wanted) throws InterruptedException {
    ResourceClient objects = client.resource(wanted.type().resource());
    ListOptions page =
        selection(wanted.type()).withLimit(PAGE_ITEMS).withIncludeObject(!sortBy.value().isEmpty());
    if (!wanted.names().isEmpty()) {
      return named(objects, wanted);
    }
    ObjectNode table = objects.table(page);
    for (String token = token(table); !token.isEmpty(); ) {
      ObjectNode next = objects.table(page.from(token));
      ((ArrayNode) table.path("rows")).addAll((ArrayNode) next.path("rows"));
      token = token(next);
    }
    return table;
  }

  private ObjectNode named(ResourceClient objects, Wanted wanted) throws InterruptedException {
    ObjectNode table = null;
    for (ObjectKey key : wanted.keys()) {
      if (ignoreNotFound.value() && objects.find(key).isEmpty()) {
        continue;
      }
      ObjectNode one = objects.table(key);
      if (table == null) {
        table = one;
      } else {
        ((ArrayNode) table.path("rows")).addAll((ArrayNode) one.path("rows"));
      }
    }
    return table == null ? JsonNodeFactory.instance.objectNode() : table;
  }

  private static String token(ObjectNode table) {
    return table.path("metadata").path("continue").asString("");
  }
}
