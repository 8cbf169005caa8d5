package dev.otherix.apiserver.protobuf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of the messages that are read, from the resource `messages.txt`.
final class MessageTable {
  /// How often a field occurs.
  enum Shape {
    ONE,
    LIST,
    MAP
  }

  /// @param type `string`, `bool`, `int`, `bytes`, `Time`, `MicroTime`, `FieldsV1`, `Values`, or
  ///   the name of a message
  /// @param zeroIsValue whether a scalar that is zero was set on purpose
  record Field(int number, String name, Shape shape, String type, boolean zeroIsValue) {}

  record Message(String name, Map<Integer, Field> fields) {
    @Nullable Field field(int number) {
      return fields.get(number);
    }
  }

  private static final Set<String> SIMPLE_TYPES =
      Set.of("string", "bool", "int", "bytes", "Time", "MicroTime", "FieldsV1", "Values");

  static final MessageTable INSTANCE = load();

  private final Map<String, Message> byName = new HashMap<>();
  private final Map<String, Message> byType = new HashMap<>();

  private MessageTable() {}

  /// The message of a request body, or null when there is none for the kind.
  @Nullable Message body(String apiVersion, String kind) {
    // A client names the group-version of what it deletes, not one of its own.
    return kind.equals("DeleteOptions") ? message(kind) : byType.get(apiVersion + " " + kind);
  }

  Message message(String name) {
    Message message = byName.get(name);
    if (message == null) {
      throw new IllegalStateException("messages.txt has no message " + name);
    }
    return message;
  }

  private static MessageTable load() {
    try (InputStream in = MessageTable.class.getResourceAsStream("messages.txt")) {
      if (in == null) {
        throw new IllegalStateException("messages.txt is not beside " + MessageTable.class);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageTable parse(List<String> lines) {
    MessageTable table = new MessageTable();
    Message last = new Message("", new HashMap<>());
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(line.strip().split(" +"));
      if (line.startsWith(" ")) {
        Field field = field(words);
        last.fields.put(field.number, field);
      } else {
        last = new Message(words.getFirst(), new HashMap<>());
        table.byName.put(last.name, last);
        if (words.size() == 4) {
          table.byType.put(words.get(2) + " " + words.get(3), last);
        }
      }
    }
    table.requireEveryType();
    return table;
  }

  private void requireEveryType() {
    for (Message message : byName.values()) {
      for (Field field : message.fields.values()) {
        if (!SIMPLE_TYPES.contains(field.type) && !byName.containsKey(field.type)) {
          throw new IllegalStateException(
              "messages.txt: " + message.name + "." + field.name + " has no type " + field.type);
        }
      }
    }
  }

  private static Field field(List<String> words) {
    int number = Integer.parseInt(words.get(0));
    Shape shape =
        switch (words.get(2)) {
          case "list" -> Shape.LIST;
          case "map" -> Shape.MAP;
          default -> Shape.ONE;
        };
    String type = words.getLast();
    boolean optional = type.endsWith("?");
    String plain = optional ? type.substring(0, type.length() - 1) : type;
    return new Field(number, words.get(1), shape, plain, optional);
  }
}
