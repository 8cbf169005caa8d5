package dev.otherix.apimachinery.codec;

/// How much of a document is read before it is refused.
///
/// @param bytesMax the whole document
/// @param depthMax nested objects and lists
/// @param aliasesMax YAML aliases that one document may resolve
/// @param nodesMax values in one document, those that aliases repeat included
/// @param documentsMax documents of one YAML stream
public record Limits(int bytesMax, int depthMax, int aliasesMax, int nodesMax, int documentsMax) {

  /// Digits of one number; enough for any 64-bit integer and any double written out in full.
  static final int NUMBER_DIGITS_MAX = 400;

  /// The largest power of ten that a number may carry, like a double.
  static final int EXPONENT_MAX = 308;

  /// What the server accepts as a request body.
  public static final Limits REQUEST = new Limits(3 * 1024 * 1024, 200, 100, 1_000_000, 1_000);

  /// What was accepted once and comes back from storage: wider than [#REQUEST], because the server
  /// adds to what it was sent.
  public static final Limits STORED = new Limits(16 * 1024 * 1024, 210, 0, 5_000_000, 1);

  /// What a person's manifest files may hold.
  public static final Limits MANIFEST =
      new Limits(64 * 1024 * 1024, 200, 1_000, 5_000_000, 100_000);
}
