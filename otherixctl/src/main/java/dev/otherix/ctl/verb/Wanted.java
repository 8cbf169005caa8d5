package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Objects that a command is about: of one kind, all of them or those of these names.
///
/// @param names empty for all
/// @param namespace empty for kinds that are in none
public record Wanted(ServedType type, List<String> names, String namespace) {
  public Wanted {
    names = List.copyOf(names);
  }

  /// Reads `KIND[,KIND]`, `KIND NAME...` and `KIND/NAME...`.
  public static List<Wanted> parse(List<String> words, Types types, String namespace) {
    if (words.getFirst().contains("/")) {
      Map<ServedType, List<String>> byType = new LinkedHashMap<>();
      for (String word : words) {
        int slash = word.indexOf('/');
        if (slash < 1 || slash == word.length() - 1) {
          throw new CommandFailure(Exit.USAGE, "\"" + word + "\" is not KIND/NAME");
        }
        byType
            .computeIfAbsent(types.one(word.substring(0, slash)), _ -> new ArrayList<>())
            .add(word.substring(slash + 1));
      }
      List<Wanted> wanted = new ArrayList<>();
      byType.forEach((type, names) -> wanted.add(new Wanted(type, names, in(type, namespace))));
      return wanted;
    }
    List<String> names = words.subList(1, words.size());
    for (String name : names) {
      if (name.contains("/")) {
        throw new CommandFailure(
            Exit.USAGE,
            "\"" + name + "\" is no name: give either KIND NAME... or KIND/NAME..., not both");
      }
    }
    List<ServedType> many =
        names.isEmpty() ? types.many(words.getFirst()) : List.of(types.one(words.getFirst()));
    return many.stream().map(type -> new Wanted(type, names, in(type, namespace))).toList();
  }

  /// The same of which every object has a name.
  ///
  /// @throws CommandFailure when none is named
  public static List<Wanted> named(List<String> words, Types types, String namespace) {
    List<Wanted> wanted = parse(words, types, namespace);
    if (wanted.getFirst().names.isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "name the object: " + wanted.getFirst().title() + " NAME");
    }
    return wanted;
  }

  private static String in(ServedType type, String namespace) {
    return type.namespaced() ? namespace : "";
  }

  public List<ObjectKey> keys() {
    return names.stream().map(name -> new ObjectKey(namespace, name)).toList();
  }

  public String title() {
    return type.resource().groupResource();
  }

  public static String titles(List<Wanted> wanted) {
    return wanted.stream()
        .map(each -> each.type.resource().resource())
        .collect(Collectors.joining(", "));
  }
}
