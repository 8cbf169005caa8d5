package dev.otherix.apimachinery.codec;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// YAML text to trees and back. The dialect is YAML 1.2 with its core schema, plus the merge key
/// `<<`; every JSON text is also YAML. What one document may cost is bounded: depth, bytes, aliases
/// and the values that aliases repeat.
public final class Yaml {
  private Yaml() {}

  /// Every document of a stream that is not empty, in order.
  ///
  /// @throws ApiException 400 that begins with the line and column, 413 when it is too large
  public static List<YamlDocument> readAll(String text, Limits limits) {
    if (text.length() > limits.bytesMax()) {
      throw ApiException.of(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "the YAML text has "
              + text.length()
              + " characters; the limit is "
              + limits.bytesMax()
              + " bytes");
    }
    return new YamlReader(limits).read(text);
  }

  /// [#readAll] of UTF-8 bytes.
  public static List<YamlDocument> readAll(byte[] bytes, Limits limits) {
    if (bytes.length > limits.bytesMax()) {
      throw ApiException.of(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "the YAML text has " + bytes.length + " bytes; the limit is " + limits.bytesMax());
    }
    try {
      return new YamlReader(limits)
          .read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw ApiException.badRequest("the YAML text is not valid UTF-8", e);
    }
  }

  /// The one document that a request body may hold.
  public static YamlDocument read(byte[] bytes, Limits limits) {
    List<YamlDocument> documents = readAll(bytes, limits);
    if (documents.size() != 1) {
      throw ApiException.badRequest(
          "the body must be one YAML document; it holds " + documents.size());
    }
    return documents.getFirst();
  }

  /// Block style, members in the tree's order, two spaces of indent, a line break at the end. Text
  /// that either YAML version would read as something else is quoted.
  public static String write(JsonNode tree) {
    return YamlWriter.write(tree);
  }
}
