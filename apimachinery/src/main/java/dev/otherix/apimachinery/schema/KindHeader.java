package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.object.NameRule;
import java.util.List;
import java.util.Set;

/// All that a kind is besides its schema.
///
/// @param group the API group, empty for the core group
/// @param immutable plain dotted paths that an update may not change
/// @param deprecation what to tell everybody who uses this version; empty when it is a good one
public record KindHeader(
    String group,
    String version,
    String kind,
    String listKind,
    String plural,
    String singular,
    List<String> shortNames,
    List<String> categories,
    Scope scope,
    List<Column> columns,
    List<JsonPath> selectableFields,
    Subresources subresources,
    List<JsonPath> immutable,
    NameRule nameRule,
    Set<KindTrait> traits,
    String deprecation) {
  public KindHeader {
    shortNames = List.copyOf(shortNames);
    categories = List.copyOf(categories);
    columns = List.copyOf(columns);
    selectableFields = List.copyOf(selectableFields);
    immutable = List.copyOf(immutable);
    traits = Set.copyOf(traits);
  }
}
