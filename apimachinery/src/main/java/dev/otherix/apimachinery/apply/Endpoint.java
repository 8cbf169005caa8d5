package dev.otherix.apimachinery.apply;

/// Where writes of a kind come in.
///
/// @param apiVersion the version in which objects are read and written there
/// @param subresource empty for the object itself, else `status`, `scale`, ...
/// @param resetFields what a write there cannot change, see [ResetFields]: nobody owns it through
///   this endpoint
public record Endpoint(String apiVersion, String kind, String subresource, FieldSet resetFields) {

  /// The object itself, whose `status` has an endpoint of its own.
  public static Endpoint main(String apiVersion, String kind) {
    return new Endpoint(apiVersion, kind, "", ResetFields.STATUS);
  }
}
