package dev.otherix.apimachinery.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// A list on its way to the wire: a head, the items' own bytes with commas between them, a tail.
/// Nothing is encoded again and nothing is copied here; what a list of any length allocates is the
/// head. Written once, piece by piece; for one thread.
public final class ListEncoding {
  private static final byte[] COMMA = {','};
  private static final byte[] TAIL = {']', '}'};

  private final byte[] head;
  private final List<EncodedObject> items;
  private final RevisionDigits scratch = new RevisionDigits();
  private boolean begun;
  private int next;

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

  public ListEncoding(Head head, List<EncodedObject> items) {
    this.head = head.bytes();
    this.items = items;
  }

  /// Writes on from where the last call stopped, whole items until at least `bytes` are written.
  ///
  /// @return whether more is to come
  public boolean write(ByteSink sink, long bytes) {
    long written = 0;
    if (!begun) {
      begun = true;
      sink.write(head, 0, head.length, true);
      written = head.length;
    }
    while (next < items.size()) {
      if (written >= bytes) {
        return true;
      }
      if (next > 0) {
        sink.write(COMMA, 0, COMMA.length, true);
      }
      EncodedObject item = items.get(next++);
      item.writeTo(sink, scratch);
      written += item.length();
    }
    sink.write(TAIL, 0, TAIL.length, true);
    return false;
  }

  /// The number of bytes that the whole list has.
  public long length() {
    long length = (long) head.length + TAIL.length + Math.max(0, items.size() - 1);
    for (int i = 0; i < items.size(); i++) {
      length += items.get(i).length();
    }
    return length;
  }
}
