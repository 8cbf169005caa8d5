package dev.otherix.apiserver.protobuf;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.io.IOException;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A request body of the type `application/vnd.kubernetes.protobuf`: four magic bytes, and a
/// message that names the kind and carries the object.
public final class ProtobufBody {
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private String apiVersion = "";
  private String kind = "";
  private String contentEncoding = "";
  private String contentType = "";
  private byte[] raw = new byte[0];

  private ProtobufBody() {}

  /// Whether bodies of this kind can be read; of others only JSON and YAML can.
  public static boolean knows(String apiVersion, String kind) {
    return MessageTable.INSTANCE.body(apiVersion, kind) != null;
  }

  /// The object, as it would have been in JSON. Where the client names no type, it is that of the
  /// endpoint; another type than the endpoint's is not refused here.
  ///
  /// @param apiVersion of the endpoint
  /// @param kind of the endpoint
  /// @throws ApiException 400 when the bytes are not such a message, 413 when they are too many,
  ///   415 when there is no message for the kind
  public static ObjectNode decode(byte[] body, String apiVersion, String kind, Limits limits) {
    if (body.length > limits.bytesMax()) {
      throw ApiException.of(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "the body has " + body.length + " bytes; at most " + limits.bytesMax() + " are read");
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= body.length || body[i] != MAGIC[i]) {
        throw ApiException.badRequest(
            "the body is no Kubernetes protobuf: it must begin with the bytes 6b 38 73 00");
      }
    }
    ProtobufBody envelope = new ProtobufBody();
    try {
      envelope.read(CodedInputStream.newInstance(body, MAGIC.length, body.length - MAGIC.length));
      return envelope.object(apiVersion, kind, limits);
    } catch (InvalidProtocolBufferException e) {
      throw ApiException.badRequest(
          "the body is no Kubernetes protobuf message: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from an array cannot fail", e);
    }
  }

  private void read(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | 2 -> typeMeta(in);
        case (2 << 3) | 2 -> raw = in.readByteArray();
        case (3 << 3) | 2 -> contentEncoding = in.readStringRequireUtf8();
        case (4 << 3) | 2 -> contentType = in.readStringRequireUtf8();
        default -> in.skipField(tag);
      }
    }
  }

  private void typeMeta(CodedInputStream in) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case (1 << 3) | 2 -> apiVersion = in.readStringRequireUtf8();
        case (2 << 3) | 2 -> kind = in.readStringRequireUtf8();
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
  }

  private ObjectNode object(String endpointVersion, String endpointKind, Limits limits)
      throws IOException {
    if (!contentEncoding.isEmpty()
        || !(contentType.isEmpty() || contentType.equals("application/vnd.kubernetes.protobuf"))) {
      throw ApiException.of(
          StatusReason.UNSUPPORTED_MEDIA_TYPE,
          "the object inside of the body is encoded as \""
              + (contentType + " " + contentEncoding).strip()
              + "\"; send it as plain protobuf");
    }
    String version = apiVersion.isEmpty() ? endpointVersion : apiVersion;
    String name = kind.isEmpty() ? endpointKind : kind;
    MessageTable.Message message = MessageTable.INSTANCE.body(version, name);
    if (message == null) {
      throw ApiException.of(
          StatusReason.UNSUPPORTED_MEDIA_TYPE,
          "objects of kind " + name + " in " + version + " cannot be sent as protobuf; send JSON");
    }
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("apiVersion", version).put("kind", name);
    new MessageReader(limits).read(CodedInputStream.newInstance(raw), message, out);
    return out;
  }
}
