package dev.otherix.schemas;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.schema.SchemaFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The kinds of the otherix/v1 API. A new kind is one more name here and its schema file.
public final class Schemas {
  private static final List<String> FILES =
      List.of(
          "vm",
          "network",
          "storagepool",
          "node",
          "port",
          "meshpeer",
          "securityrule",
          "task",
          "vmsnapshot",
          "user",
          "apitoken",
          "jointoken",
          "clustersettings");

  private Schemas() {}

  /// Reads and compiles every schema. Costs some tens of milliseconds: keep the result.
  public static Kinds kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (String file : FILES) {
      String path = "otherix/v1/" + file + ".json";
      kinds.add(SchemaFile.read(path, text(path)));
    }
    return Kinds.of(kinds);
  }

  private static String text(String path) {
    try (InputStream in = Schemas.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("the schema " + path + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the schema " + path, e);
    }
  }
}
