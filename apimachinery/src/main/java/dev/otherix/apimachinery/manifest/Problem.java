package dev.otherix.apimachinery.manifest;

import dev.otherix.apimachinery.codec.Position;

/// Something that must be mended in a manifest before it can be sent.
///
/// @param position where it stands in its source
/// @param message what is wrong, with the field's path in front, and what to do
public record Problem(Position position, String message) {
  @Override
  public String toString() {
    return position + ": " + message;
  }
}
