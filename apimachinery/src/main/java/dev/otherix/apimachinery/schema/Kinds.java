package dev.otherix.apimachinery.schema;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The kinds that are served at one moment. Immutable: a new kind makes a new registry.
public final class Kinds {
  public static final Kinds NONE = new Kinds(new LinkedHashMap<>());

  private record Resource(String group, String version, String plural) {}

  private record Type(String group, String version, String kind) {}

  private final Map<Resource, Kind> byResource;
  private final Map<Type, Kind> byType = new LinkedHashMap<>();
  private final Map<String, Kind> byWord = new LinkedHashMap<>();

  private Kinds(Map<Resource, Kind> byResource) {
    this.byResource = byResource;
    for (Kind kind : byResource.values()) {
      byType.put(new Type(kind.group(), kind.version(), kind.kind()), kind);
    }
    for (Kind kind : byResource.values()) {
      for (String word : List.of(kind.plural(), kind.singular())) {
        byWord.putIfAbsent(word, kind);
        byWord.putIfAbsent(word + "." + kind.group(), kind);
      }
    }
    for (Kind kind : byResource.values()) {
      for (String word : kind.header().shortNames()) {
        byWord.putIfAbsent(word, kind);
        byWord.putIfAbsent(word + "." + kind.group(), kind);
      }
    }
  }

  public static Kinds of(Collection<Kind> kinds) {
    return NONE.with(kinds);
  }

  /// This registry with more kinds; one with the same group, version and plural is replaced.
  public Kinds with(Collection<Kind> kinds) {
    Map<Resource, Kind> all = new LinkedHashMap<>(byResource);
    for (Kind kind : kinds) {
      all.put(new Resource(kind.group(), kind.version(), kind.plural()), kind);
    }
    return new Kinds(all);
  }

  /// This registry without any version of a resource.
  public Kinds without(String group, String plural) {
    Map<Resource, Kind> left = new LinkedHashMap<>(byResource);
    left.keySet().removeIf(each -> each.group.equals(group) && each.plural.equals(plural));
    return new Kinds(left);
  }

  /// In the order in which they were registered.
  public Collection<Kind> all() {
    return Collections.unmodifiableCollection(byResource.values());
  }

  public Optional<Kind> resource(String group, String version, String plural) {
    return Optional.ofNullable(byResource.get(new Resource(group, version, plural)));
  }

  public Optional<Kind> kind(String group, String version, String kind) {
    return Optional.ofNullable(byType.get(new Type(group, version, kind)));
  }

  /// By the two members that every manifest has.
  public Optional<Kind> kind(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    return slash < 0
        ? kind("", apiVersion, kind)
        : kind(apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
  }

  /// What a person may type: plural, singular, short name, each also with `.group`. Of several
  /// kinds the first registered wins, and a full name wins over a short one.
  public Optional<Kind> word(String word) {
    return Optional.ofNullable(byWord.get(word));
  }

  /// The kinds of one group and version.
  public List<Kind> of(String group, String version) {
    return byResource.values().stream()
        .filter(kind -> kind.group().equals(group) && kind.version().equals(version))
        .toList();
  }

  /// The group-versions that have a kind, in the order of registration.
  public Set<String> apiVersions() {
    Set<String> versions = new LinkedHashSet<>();
    byResource.values().forEach(kind -> versions.add(kind.apiVersion()));
    return Collections.unmodifiableSet(versions);
  }
}
