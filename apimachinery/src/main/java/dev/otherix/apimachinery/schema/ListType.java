package dev.otherix.apimachinery.schema;

/// How a list merges in server-side apply, and whether its items must be unique
/// (`x-kubernetes-list-type`).
public enum ListType {
  /// Replaced whole; one manager owns all of it. The default.
  ATOMIC,
  /// Scalars without order, each owned alone; unique.
  SET,
  /// Objects told apart by their key fields, each owned and merged alone; keys unique.
  MAP
}
