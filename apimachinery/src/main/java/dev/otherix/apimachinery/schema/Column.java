package dev.otherix.apimachinery.schema;

/// One column of a kind's table, beside Name.
///
/// @param type `integer`, `number`, `string`, `boolean` or `date`; a date prints as an age
/// @param format an OpenAPI format that refines the type, or empty
/// @param priority 0 prints always, more only in wide output
public record Column(
    String name, String type, String format, String description, int priority, JsonPath path) {

  /// What every kind shows when it names no column of its own.
  public static final Column AGE =
      new Column(
          "Age",
          "date",
          "",
          "When the object was created, as the time that has passed since.",
          0,
          JsonPath.parse(".metadata.creationTimestamp"));
}
