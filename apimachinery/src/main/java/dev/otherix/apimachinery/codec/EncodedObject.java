package dev.otherix.apimachinery.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/// One object as it travels and as it is kept: canonical JSON in three parts, of which only the
/// middle one is unknown until the write commits.
///
/// ```
/// {"apiVersion":"otherix/v1","kind":"VM","metadata":{"resourceVersion":"   head, shared by a kind
/// 1042                                                                      revision
/// ","creationTimestamp":...},"spec":{...},"status":{...}}                   body
/// ```
///
/// Revision 0 is of an object that is not stored: its resourceVersion is empty. Immutable. A get,
/// an item of a list and every watcher's event are these same bytes.
public final class EncodedObject {
  private final Head head;
  private final long revision;
  private final byte[] body;

  EncodedObject(Head head, long revision, byte[] body) {
    this.head = head;
    this.revision = revision;
    this.body = body;
  }

  /// The part in front of the revision. One per served version of a kind: an object of another
  /// version without conversion is the same body behind another head.
  public static final class Head {
    private final String apiVersion;
    private final String kind;
    private final byte[] bytes;

    private Head(String apiVersion, String kind, byte[] bytes) {
      this.apiVersion = apiVersion;
      this.kind = kind;
      this.bytes = bytes;
    }

    public static Head of(String apiVersion, String kind) {
      String text =
          "{\"apiVersion\":"
              + Json.quoted(apiVersion)
              + ",\"kind\":"
              + Json.quoted(kind)
              + ",\"metadata\":{\"resourceVersion\":\"";
      return new Head(apiVersion, kind, text.getBytes(StandardCharsets.UTF_8));
    }

    public String apiVersion() {
      return apiVersion;
    }

    public String kind() {
      return kind;
    }
  }

  /// Encodes `object` at `revision`. Its apiVersion, kind and resourceVersion are the head's and
  /// the revision, whatever the tree says.
  public static EncodedObject of(Head head, long revision, ObjectNode object) {
    return new EncodedObject(head, revision, CanonicalJson.body(object));
  }

  /// Around a body that [#body] gave, such as one read from storage.
  public static EncodedObject ofBody(Head head, long revision, byte[] body) {
    return new EncodedObject(head, revision, body);
  }

  public EncodedObject withRevision(long revision) {
    return new EncodedObject(head, revision, body);
  }

  public EncodedObject withHead(Head head) {
    return new EncodedObject(head, revision, body);
  }

  /// The object with nothing but its metadata, behind another head: cut out of the bytes, without
  /// parsing them.
  public EncodedObject metadataOnly(Head head) {
    int end = endOfMetadata();
    byte[] cut = Arrays.copyOf(body, end + 2);
    cut[end] = '}';
    cut[end + 1] = '}';
    return new EncodedObject(head, revision, cut);
  }

  /// The body begins within the string of the revision, in the metadata object.
  private int endOfMetadata() {
    boolean inString = true;
    int depth = 1;
    for (int i = 0; i < body.length; i++) {
      byte each = body[i];
      if (inString) {
        if (each == '\\') {
          i++;
        } else if (each == '"') {
          inString = false;
        }
      } else if (each == '"') {
        inString = true;
      } else if (each == '{') {
        depth++;
      } else if (each == '}' && --depth == 0) {
        return i;
      }
    }
    throw new IllegalStateException("metadata without an end at revision " + revision);
  }

  public Head head() {
    return head;
  }

  public long revision() {
    return revision;
  }

  /// What a store keeps. The array is this object's own: do not change it.
  public byte[] body() {
    return body;
  }

  /// The number of bytes on the wire.
  public int length() {
    int digits = revision == 0 ? 0 : RevisionDigits.length(revision);
    return head.bytes.length + digits + body.length;
  }

  /// Writes the three parts. `scratch` holds the digits meanwhile and may be used again after.
  public void writeTo(ByteSink sink, RevisionDigits scratch) {
    sink.write(head.bytes, 0, head.bytes.length, true);
    if (revision != 0) {
      scratch.write(revision, sink);
    }
    sink.write(body, 0, body.length, true);
  }

  public byte[] toBytes() {
    byte[] bytes = new byte[length()];
    int[] at = {0};
    writeTo(
        (part, offset, length, lasting) -> {
          System.arraycopy(part, offset, bytes, at[0], length);
          at[0] += length;
        },
        new RevisionDigits());
    return bytes;
  }

  /// A tree of the caller's own.
  public ObjectNode toTree() {
    return (ObjectNode) Json.decode(toBytes(), Limits.STORED).tree();
  }
}
