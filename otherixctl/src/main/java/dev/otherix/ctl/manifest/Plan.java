package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.manifest.Manifest;
import dev.otherix.apimachinery.manifest.ManifestCheck;
import dev.otherix.apimachinery.manifest.Problem;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Everything that the files of one command ask for, in the order in which to create it. Immutable.
record Plan(List<Planned> objects) {
  Plan {
    objects = List.copyOf(objects);
  }

  /// Reads and checks all of it against the schemas of this build.
  ///
  /// @param strict whether fields are checked; to delete something its name is enough
  /// @throws CommandFailure with every problem, when there is one
  static Plan read(List<String> files, InputStream standardInput, Kinds kinds, boolean strict) {
    Reading reading = new Reading(kinds, strict);
    ManifestSource.of(files, standardInput).forEach(reading::add);
    return reading.plan(files);
  }

  Plan reversed() {
    return new Plan(objects.reversed());
  }

  private static final class Reading {
    private final Kinds kinds;
    private final ManifestCheck check;
    private final boolean strict;
    private final List<Planned> objects = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private int documents;
    private int bad;

    Reading(Kinds kinds, boolean strict) {
      this.kinds = kinds;
      this.check = new ManifestCheck(kinds);
      this.strict = strict;
    }

    void add(ManifestSource source) {
      try {
        for (YamlDocument document : Yaml.readAll(source.bytes(), Limits.MANIFEST)) {
          if (document.tree().path("kind").asString("").equals("List")
              && document.tree().path("items").isArray()) {
            list(source, document);
          } else {
            add(source, document);
          }
        }
      } catch (ApiException e) {
        documents++;
        bad++;
        problems.add(source.name() + ": " + e.getMessage());
      }
    }

    /// What `get -o yaml` writes of several objects.
    private void list(ManifestSource source, YamlDocument list) {
      FieldPath items = FieldPath.ROOT.child("items");
      for (int i = 0; i < list.tree().path("items").size(); i++) {
        JsonNode item = list.tree().path("items").get(i);
        add(
            source,
            new YamlDocument(
                list.index(), item, List.of(), Map.of("", list.position(items.index(i)))));
      }
    }

    private void add(ManifestSource source, YamlDocument document) {
      documents++;
      YamlDocument clean =
          document.tree() instanceof ObjectNode object
              ? new YamlDocument(
                  document.index(),
                  Planned.cleaned(object),
                  document.duplicates(),
                  document.positions())
              : document;
      String apiVersion = clean.tree().path("apiVersion").asString("");
      String kind = clean.tree().path("kind").asString("");
      boolean known = apiVersion.isEmpty() || kinds.apiVersions().contains(apiVersion);
      Manifest manifest = check.check(clean);
      List<Problem> found =
          known && strict
              ? manifest.problems()
              : manifest.kind() == null ? header(clean, known, manifest) : List.of();
      if (!found.isEmpty() || kind.isEmpty()) {
        bad++;
        found.forEach(each ->
            problems.add(
                source.name()
                    + ":"
                    + each.position().line()
                    + ":"
                    + each.position().column()
                    + ": "
                    + each.message()));
        return;
      }
      objects.add(
          new Planned(
              source.name(), clean.position(FieldPath.ROOT), manifest.object(), known && strict));
    }

    /// What an object of an unknown kind must have so that a server can be asked about it.
    private static List<Problem> header(YamlDocument document, boolean known, Manifest manifest) {
      if (known) {
        return manifest.problems();
      }
      JsonNode metadata = document.tree().path("metadata");
      FieldPath at = FieldPath.ROOT.child("metadata").child("name");
      if (document.tree().path("kind").asString("").isEmpty()) {
        FieldPath kind = FieldPath.ROOT.child("kind");
        return List.of(new Problem(document.position(kind), kind + ": Required value"));
      }
      boolean named =
          !metadata.path("name").asString("").isEmpty()
              || !metadata.path("generateName").asString("").isEmpty();
      return named
          ? List.of()
          : List.of(new Problem(document.position(at), at + ": Required value: name the object"));
    }

    Plan plan(List<String> files) {
      if (documents == 0) {
        throw new CommandFailure(Exit.USAGE, "there is no document in " + String.join(", ", files));
      }
      if (bad > 0) {
        throw new CommandFailure(
            Exit.FAILURE,
            bad + " of " + documents + " documents cannot be used; nothing was sent",
            problems);
      }
      objects.sort(Comparator.comparingInt(Planned::rank));
      return new Plan(objects);
    }
  }
}
