package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// A case from `src/test/resources/apply/*.cases`: some writes, and what they leave.
///
/// ```
/// versions v1 v2                     the versions served, before the first schema
/// convert same | rename | repeat     how versions differ, see ApplyCases
/// schema JSON | untyped              of every version, for the cases that follow
/// case NAME
///   apply|force|update MANAGER VERSION[/SUBRESOURCE] JSON
///   conflict MANAGER PATH            the write before is refused for this and no other reason
///   error TEXT                       the write before is refused with a message that holds TEXT
///   unchanged                        the write before stores nothing
///   serve VERSION...                 the versions served from here on
///   reschema JSON                    the schema from here on
///   expect JSON                      the object, without apiVersion, kind and name
///   owns apply|update MANAGER[/SUBRESOURCE] VERSION PATH...
/// ```
record ApplyCase(
    String name, List<String> versions, String conversion, SchemaNode schema, List<String> lines) {

  @Override
  public String toString() {
    return name;
  }

  static SchemaNode schema(String text) {
    return text.equals("untyped") ? SchemaNode.UNTYPED : SchemaReader.read(Json.parseObject(text));
  }

  static List<ApplyCase> all() {
    List<ApplyCase> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cases")).sorted().toList()) {
        read(file, cases);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cases;
  }

  /// How many cases each file has.
  static Map<String, Integer> counts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (ApplyCase each : all()) {
      counts.merge(each.name.substring(0, each.name.indexOf('/')), 1, Integer::sum);
    }
    return counts;
  }

  private static Path folder() {
    try {
      return Path.of(Objects.requireNonNull(ApplyCase.class.getResource("/apply")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void read(Path file, List<ApplyCase> cases) throws IOException {
    String area = file.getFileName().toString().replace(".cases", "");
    List<String> versions = List.of("v1", "v2", "v3", "v4");
    String conversion = "same";
    SchemaNode schema = SchemaNode.UNTYPED;
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String text = line.strip();
      int blank = text.indexOf(' ');
      String word = blank < 0 ? text : text.substring(0, blank);
      String rest = text.substring(word.length()).strip();
      switch (word) {
        case "", "#" -> {}
        case "versions" -> versions = List.of(rest.split(" +"));
        case "convert" -> conversion = rest;
        case "schema" -> schema = schema(rest);
        case "case" -> {
          lines = new ArrayList<>();
          cases.add(new ApplyCase(area + "/" + rest, versions, conversion, schema, lines));
        }
        default -> lines.add(text);
      }
    }
  }
}
