package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Sets and removes entries of a map in the metadata: what `label` and `annotate` have in common.
final class MetadataChange {
  private static final int PAGE_ITEMS = 500;

  private final String member;
  private final boolean overwrite;
  private final List<String> objects = new ArrayList<>();
  private final Map<String, @Nullable String> entries = new LinkedHashMap<>();

  /// @param member `labels` or `annotations`
  /// @param overwrite whether an entry may get another value
  /// @param words objects, then `KEY=VALUE` to set and `KEY-` to remove
  MetadataChange(String member, boolean overwrite, List<String> words) {
    this.member = member;
    this.overwrite = overwrite;
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        entries.put(word.substring(0, equals), word.substring(equals + 1));
      } else if (word.endsWith("-") && word.length() > 1 && !objects.isEmpty()) {
        entries.put(word.substring(0, word.length() - 1), null);
      } else {
        objects.add(word);
      }
    }
    if (objects.isEmpty() || entries.isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "give the objects, then KEY=VALUE to set an entry or KEY- to remove it");
    }
  }

  /// @param labels chooses the objects when no name is given; empty for all, if `all`
  void run(Session session, String labels, boolean all, PrintWriter out)
      throws InterruptedException {
    ApiClient client = session.client();
    for (Wanted each : Wanted.parse(objects, Types.of(client), session.namespace())) {
      ResourceClient which = client.resource(each.type().resource());
      List<ObjectNode> found = new ArrayList<>();
      for (ObjectKey key : each.keys()) {
        found.add(which.get(key));
      }
      if (each.names().isEmpty()) {
        if (labels.isEmpty() && !all) {
          throw new CommandFailure(
              Exit.USAGE,
              "name the objects: " + each.title() + " NAME, or choose them with -l or --all");
        }
        which.forEach(
            ListOptions.ALL
                .inNamespace(each.namespace())
                .withSelectors(labels, "")
                .withLimit(PAGE_ITEMS),
            found::add);
      }
      for (ObjectNode object : found) {
        String title = each.type().kind() + "/" + object.at("/metadata/name").asString("");
        out.println((change(which, object, title) ? "changed " : "unchanged ") + title);
      }
    }
    out.flush();
  }

  private boolean change(ResourceClient which, ObjectNode object, String title)
      throws InterruptedException {
    JsonNode present = object.path("metadata").path(member);
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata");
    ObjectNode changes = metadata.putObject(member);
    for (Map.Entry<String, @Nullable String> each : entries.entrySet()) {
      String value = each.getValue();
      JsonNode former = present.path(each.getKey());
      if (value == null) {
        if (!former.isMissingNode()) {
          changes.putNull(each.getKey());
        }
      } else if (!former.asString("").equals(value) || former.isMissingNode()) {
        if (!former.isMissingNode() && !overwrite) {
          throw new CommandFailure(
              Exit.CONFLICT,
              title
                  + " has "
                  + each.getKey()
                  + "="
                  + former.asString("")
                  + " already; replace it with --overwrite");
        }
        changes.put(each.getKey(), value);
      }
    }
    if (changes.isEmpty()) {
      return false;
    }
    metadata.put("resourceVersion", object.at("/metadata/resourceVersion").asString(""));
    which.mergePatch(ResourceClient.keyOf(object), "", patch);
    return true;
  }
}
