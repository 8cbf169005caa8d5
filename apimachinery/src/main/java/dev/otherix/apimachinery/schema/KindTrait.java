package dev.otherix.apimachinery.schema;

/// What sets a kind apart from the others, beside its schema and its subresources.
public enum KindTrait {
  /// Objects are questions: created to be answered at once, and never stored.
  CREATE_ONLY("createOnly"),
  /// Takes strategic merge patches, as Kubernetes' own kinds do and custom kinds do not.
  STRATEGIC_MERGE("strategicMerge"),
  /// Its columns say where the name stands, and [Table] does not put it in front.
  OWN_NAME_COLUMN("ownNameColumn"),
  /// Nobody counts the changes of its objects, as it is with what has no desired state.
  NO_GENERATION("noGeneration");

  private final String wireName;

  KindTrait(String wireName) {
    this.wireName = wireName;
  }

  /// How a schema file's header calls it.
  public String wireName() {
    return wireName;
  }
}
