package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.object.NameRule;
import java.util.List;

/// All that a kind is besides its schema.
///
/// @param group the API group, empty for the core group
/// @param immutable plain dotted paths that an update may not change
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
    NameFormat nameFormat) {
  public KindHeader {
    shortNames = List.copyOf(shortNames);
    categories = List.copyOf(categories);
    columns = List.copyOf(columns);
    selectableFields = List.copyOf(selectableFields);
    immutable = List.copyOf(immutable);
  }

  /// [#nameFormat] as the rule that metadata is validated by.
  public NameRule nameRule() {
    return switch (nameFormat) {
      case DNS_SUBDOMAIN -> NameRule.DNS_SUBDOMAIN;
      case DNS_LABEL -> NameRule.DNS_LABEL;
    };
  }
}
