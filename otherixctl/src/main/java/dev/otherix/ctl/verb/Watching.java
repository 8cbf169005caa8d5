package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ListPage;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.ctl.print.ObjectFormat;
import dev.otherix.ctl.print.ServerTable;
import dev.otherix.ctl.print.TextTable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Shows a list and then every change of it, until the process is interrupted.
final class Watching {
  private static final Duration QUIET = Duration.ofMinutes(10);

  private final ApiClient client;
  private final PrintWriter out;
  private final ServerTable.Options options;
  private final @Nullable ObjectFormat format;
  private @Nullable TextTable rows;

  /// @param format null for tables
  Watching(
      ApiClient client,
      PrintWriter out,
      ServerTable.Options options,
      @Nullable ObjectFormat format) {
    this.client = client;
    this.out = out;
    this.options = options;
    this.format = format;
  }

  /// Returns only when it may not go on.
  void run(Wanted wanted, ListOptions selection, boolean changesOnly, boolean header)
      throws InterruptedException {
    ResourceClient objects = client.resource(wanted.type().resource());
    ListOptions which = selection;
    if (!wanted.names().isEmpty()) {
      which = selection.withSelectors("", "metadata.name=" + wanted.names().getFirst());
    }
    boolean headed = !header;
    while (true) {
      String revision = list(objects, which, changesOnly, headed);
      headed = true;
      follow(objects, which, revision);
    }
  }

  private String list(
      ResourceClient objects, ListOptions which, boolean changesOnly, boolean headed)
      throws InterruptedException {
    if (format != null) {
      ListPage page = objects.list(which);
      if (!changesOnly) {
        page.items().forEach(this::show);
      }
      return page.resourceVersion();
    }
    ObjectNode table = objects.table(which);
    ServerTable shown = new ServerTable(table, options);
    if (rows == null) {
      rows = TextTable.growing(shown.header().size());
    }
    List<String> header = headed || changesOnly ? List.of() : shown.header();
    out.print(rows.more(header, changesOnly ? List.of() : shown.rows()));
    out.flush();
    return table.path("metadata").path("resourceVersion").asString("");
  }

  /// Until the changes that are wanted next are too old to be had.
  private void follow(ResourceClient objects, ListOptions which, String from)
      throws InterruptedException {
    String revision = from;
    while (true) {
      WatchOptions watch =
          WatchOptions.ALL
              .inNamespace(which.namespace())
              .withSelectors(which.labelSelector(), which.fieldSelector())
              .withBookmarks()
              .after(revision);
      try (ApiWatch changes = format == null ? objects.watchTables(watch) : objects.watch(watch)) {
        revision = read(changes, revision);
      } catch (ApiException e) {
        if (e.is(StatusReason.EXPIRED) || e.is(StatusReason.GONE)) {
          return;
        }
        throw e;
      }
    }
  }

  /// @return how far it came when the stream ended
  private String read(ApiWatch changes, String from) throws InterruptedException {
    String revision = from;
    while (true) {
      switch (changes.next(QUIET)) {
        case WatchEvent.Changed(_, ObjectNode object) -> {
          show(object);
          revision = revisionOf(object, revision);
        }
        case WatchEvent.Bookmark(String at, _) -> revision = at;
        case WatchEvent.Quiet _ ->
            throw new ConnectionException("nothing heard from the server for " + QUIET, false);
        case WatchEvent.End _ -> {
          return revision;
        }
      }
    }
  }

  private static String revisionOf(ObjectNode object, String former) {
    String own = object.path("metadata").path("resourceVersion").asString("");
    if (!own.isEmpty()) {
      return own;
    }
    String inRow =
        object
            .path("rows")
            .path(0)
            .path("object")
            .path("metadata")
            .path("resourceVersion")
            .asString("");
    return inRow.isEmpty() ? former : inRow;
  }

  private void show(ObjectNode object) {
    TextTable table = rows;
    if (format != null) {
      out.print(format.print(List.of(object), true));
    } else if (table != null) {
      out.print(table.more(List.of(), new ServerTable(object, options).rows()));
    }
    out.flush();
  }
}
