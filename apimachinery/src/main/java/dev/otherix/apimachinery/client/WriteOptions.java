package dev.otherix.apimachinery.client;

/// How to write.
///
/// @param dryRun whether the server only says what would be
/// @param fieldManager empty for the client's
/// @param force for an apply: whether to take fields that others own
/// @param fieldValidation `Strict`, `Warn` or `Ignore`; empty for the server's choice
public record WriteOptions(
    boolean dryRun, String fieldManager, boolean force, String fieldValidation) {
  public static final WriteOptions DEFAULT = new WriteOptions(false, "", false, "");

  public WriteOptions asDryRun() {
    return new WriteOptions(true, fieldManager, force, fieldValidation);
  }

  public WriteOptions withFieldManager(String name) {
    return new WriteOptions(dryRun, name, force, fieldValidation);
  }

  public WriteOptions withForce() {
    return new WriteOptions(dryRun, fieldManager, true, fieldValidation);
  }

  public WriteOptions withFieldValidation(String how) {
    return new WriteOptions(dryRun, fieldManager, force, how);
  }

  Query query(String defaultManager) {
    return new Query()
        .add("dryRun", dryRun ? "All" : "")
        .add("fieldManager", fieldManager.isEmpty() ? defaultManager : fieldManager)
        .addTrue("force", force)
        .add("fieldValidation", fieldValidation);
  }
}
