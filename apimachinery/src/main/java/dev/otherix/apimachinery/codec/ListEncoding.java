package dev.otherix.apimachinery.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// A list on the wire: a head, the items' own bytes with commas between them, a tail. Nothing is
/// encoded again and nothing is copied here; what a list of any length allocates is the head.
public final class ListEncoding {
  private static final byte[] COMMA = {','};
  private static final byte[] TAIL = {']', '}'};

  private ListEncoding() {}

  /// What stands in a list's metadata.
  ///
  /// @param kind such as `VMList`
  /// @param continueToken empty on the last page
  /// @param remainingItemCount negative when it is not told
  public record Head(
      String apiVersion,
      String kind,
      long revision,
      String continueToken,
      long remainingItemCount) {
    byte[] bytes() {
      StringBuilder out = new StringBuilder(128);
      out.append("{\"apiVersion\":").append(Json.quoted(apiVersion));
      out.append(",\"kind\":").append(Json.quoted(kind));
      out.append(",\"metadata\":{\"resourceVersion\":\"").append(revision).append('"');
      if (!continueToken.isEmpty()) {
        out.append(",\"continue\":").append(Json.quoted(continueToken));
      }
      if (remainingItemCount >= 0) {
        out.append(",\"remainingItemCount\":").append(remainingItemCount);
      }
      return out.append("},\"items\":[").toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  public static void write(Head head, List<EncodedObject> items, ByteSink sink) {
    byte[] bytes = head.bytes();
    sink.write(bytes, 0, bytes.length, true);
    RevisionDigits scratch = new RevisionDigits();
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        sink.write(COMMA, 0, COMMA.length, true);
      }
      items.get(i).writeTo(sink, scratch);
    }
    sink.write(TAIL, 0, TAIL.length, true);
  }

  /// The number of bytes that [#write] will write.
  public static long length(Head head, List<EncodedObject> items) {
    long length = (long) head.bytes().length + TAIL.length + Math.max(0, items.size() - 1);
    for (int i = 0; i < items.size(); i++) {
      length += items.get(i).length();
    }
    return length;
  }
}
