package dev.otherix.apimachinery.apply;

/// Paths that no manager owns: they identify the object, or the server alone writes them.
final class NeverTracked {
  static final FieldSet PATHS = paths();

  private NeverTracked() {}

  private static FieldSet paths() {
    FieldSet set =
        FieldSet.ofFields("apiVersion")
            .union(FieldSet.ofFields("kind"))
            .union(FieldSet.ofFields("metadata"));
    for (String name :
        new String[] {
          "name",
          "namespace",
          "uid",
          "creationTimestamp",
          "selfLink",
          "generation",
          "managedFields",
          "resourceVersion"
        }) {
      set = set.union(FieldSet.ofFields("metadata", name));
    }
    return set;
  }
}
