package dev.otherix.ctl.verb;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.manifest.Suggestion;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// The kinds that a server serves, by the words that people type for them.
public final class Types {
  private final List<ServedType> types;

  private Types(List<ServedType> types) {
    this.types = types;
  }

  public static Types of(ApiClient client) throws InterruptedException {
    return new Types(client.discovery().aggregated().types());
  }

  /// For commands that only read: as far as the session remembers them, and anew when that does not
  /// know one of these words.
  ///
  /// @param words kinds, with commas between them, or objects such as `vm/web-0`
  public static Types remembered(Session session, List<String> words) throws InterruptedException {
    Types known = new Types(session.rememberedTypes());
    return known.knowsAll(words) ? known : new Types(session.presentTypes());
  }

  private boolean knowsAll(List<String> words) {
    boolean objects = !words.isEmpty() && words.getFirst().indexOf('/') > 0;
    for (String word : objects ? words : words.subList(0, Math.min(1, words.size()))) {
      int slash = word.indexOf('/');
      for (String each : (slash < 0 ? word : word.substring(0, slash)).split(",", -1)) {
        if (find(each).isEmpty()) {
          return false;
        }
      }
    }
    return true;
  }

  public List<ServedType> all() {
    return types;
  }

  /// The one kind of a word: plural, singular, short name or kind, with or without `.group`.
  ///
  /// @throws CommandFailure when there is none
  public ServedType one(String word) {
    return find(word).orElseThrow(() -> unknown(word));
  }

  /// The kinds of `vms,networks` or of a category such as `all`.
  public List<ServedType> many(String words) {
    List<ServedType> found = new ArrayList<>();
    for (String word : words.split(",", -1)) {
      Optional<ServedType> one = find(word);
      List<ServedType> category =
          types.stream().filter(type -> type.categories().contains(word) && listed(type)).toList();
      if (one.isEmpty() && category.isEmpty()) {
        throw unknown(word);
      }
      found.addAll(one.map(List::of).orElse(category));
    }
    return found;
  }

  private static boolean listed(ServedType type) {
    return type.can("list");
  }

  private Optional<ServedType> find(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    int dot = lower.indexOf('.');
    String name = dot < 0 ? lower : lower.substring(0, dot);
    String group = dot < 0 ? null : lower.substring(dot + 1);
    return types.stream()
        .filter(type -> group == null || type.resource().group().equals(group))
        .filter(type -> names(type).anyMatch(name::equals))
        .findFirst();
  }

  private static Stream<String> names(ServedType type) {
    return Stream.concat(
        Stream.of(
            type.resource().resource(), type.singular(), type.kind().toLowerCase(Locale.ROOT)),
        type.shortNames().stream());
  }

  /// The kind of an object, by what stands in it.
  public Optional<ServedType> of(String apiVersion, String kind) {
    return types.stream()
        .filter(type -> type.kind().equals(kind) && type.gvk().apiVersion().equals(apiVersion))
        .findFirst();
  }

  private CommandFailure unknown(String word) {
    List<String> known = types.stream().flatMap(Types::names).distinct().toList();
    return new CommandFailure(
        Exit.NOT_FOUND,
        "the server has no kind \""
            + word
            + "\""
            + Suggestion.forWord(word, known)
            + " See: otherixctl api-resources");
  }
}
