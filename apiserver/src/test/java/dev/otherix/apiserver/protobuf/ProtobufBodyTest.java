package dev.otherix.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.builtin.BuiltinKinds;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
class ProtobufBodyTest {
  static byte[] envelope(String apiVersion, String kind, ByteString object) {
    return ByteString.copyFromUtf8("k8s\0")
        .concat(
            Runtime.Unknown.newBuilder()
                .setTypeMeta(Runtime.TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
                .setRaw(object)
                .setContentEncoding("")
                .setContentType("")
                .build()
                .toByteString())
        .toByteArray();
  }

  private static ObjectNode decode(byte[] body) {
    return ProtobufBody.decode(body, "v1", "ConfigMap", Limits.REQUEST);
  }

  private static ObjectNode decode(String apiVersion, String kind, Message object) {
    return decode(envelope(apiVersion, kind, object.toByteString()));
  }

  /// Single quotes for double ones.
  private static void assertJson(String expected, ObjectNode actual) {
    ObjectNode tree = Json.parseObject(expected.replace('\'', '"'));
    assertTrue(Json.equal(tree, actual), () -> tree + "\n" + actual);
  }

  static List<Arguments> messages() {
    String authorization = "authorization.k8s.io/v1";
    return List.of(
        Arguments.of("v1", V1.Namespace.getDefaultInstance()),
        Arguments.of("v1", V1.ConfigMap.getDefaultInstance()),
        Arguments.of("v1", V1.Secret.getDefaultInstance()),
        Arguments.of("v1", V1.Event.getDefaultInstance()),
        Arguments.of("v1", V1.ServiceAccount.getDefaultInstance()),
        Arguments.of("authentication.k8s.io/v1", V1Authentication.TokenReview.getDefaultInstance()),
        Arguments.of(
            "authentication.k8s.io/v1", V1Authentication.TokenRequest.getDefaultInstance()),
        Arguments.of(authorization, V1Authorization.SelfSubjectAccessReview.getDefaultInstance()),
        Arguments.of(authorization, V1Authorization.SubjectAccessReview.getDefaultInstance()),
        Arguments.of(authorization, V1Authorization.LocalSubjectAccessReview.getDefaultInstance()),
        Arguments.of(authorization, V1Authorization.SelfSubjectRulesReview.getDefaultInstance()),
        Arguments.of("example.io/v1", Meta.DeleteOptions.getDefaultInstance()));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_randomMessage_meansWhatItsJsonMeans(String apiVersion, Message prototype) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String kind = prototype.getDescriptorForType().getName();
    for (int i = 0; i < 300; i++) {
      Message message = RandomMessages.message(prototype, random, i % 10 == 0 ? 1.0 : 0.5);
      ObjectNode expected = RandomMessages.meaning(message);
      expected.put("apiVersion", apiVersion).put("kind", kind);
      ObjectNode actual = decode(apiVersion, kind, message);
      assertTrue(
          Json.equal(expected, actual), () -> "seed " + seed + "\n" + expected + "\n" + actual);
    }
  }

  /// Half messages, turned bits: an answer or 400, nothing else.
  @ParameterizedTest
  @MethodSource("messages")
  void decode_damagedMessage_is400OrAnObject(String apiVersion, Message prototype) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String kind = prototype.getDescriptorForType().getName();
    for (int i = 0; i < 2_000; i++) {
      Message message = RandomMessages.message(prototype, random, 0.7);
      byte[] body = envelope(apiVersion, kind, message.toByteString());
      for (int n = random.nextInt(4); n >= 0; n--) {
        body[4 + random.nextInt(body.length - 4)] = (byte) random.nextInt(256);
      }
      byte[] cut = Arrays.copyOf(body, 4 + random.nextInt(body.length - 3));
      try {
        decode(random.nextBoolean() ? body : cut);
      } catch (ApiException e) {
        assertTrue(e.code() == 400 || e.code() == 415, () -> "seed " + seed + " " + e);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @Test
  void decode_zeroOfPointers_isAValue() {
    assertJson(
        "{'apiVersion': 'v1', 'kind': 'Secret', 'immutable': false}",
        decode("v1", "Secret", V1.Secret.newBuilder().setImmutable(false).setType("").build()));
    assertJson(
        "{'apiVersion': 'v1', 'kind': 'DeleteOptions', 'gracePeriodSeconds': 0,"
            + " 'orphanDependents': false, 'preconditions': {'uid': ''}}",
        decode(
            "v1",
            "DeleteOptions",
            Meta.DeleteOptions.newBuilder()
                .setGracePeriodSeconds(0)
                .setOrphanDependents(false)
                .setPreconditions(Meta.Preconditions.newBuilder().setUid(""))
                .build()));
  }

  /// Field numbers of messages that the other library does not have, written out by hand.
  @Test
  void decode_lease_hasEveryField() {
    ByteString time =
        UnknownFieldSet.newBuilder()
            .mergeVarintField(1, 1767323045)
            .mergeVarintField(2, 123456789)
            .build()
            .toByteString();
    UnknownFieldSet spec =
        UnknownFieldSet.newBuilder()
            .mergeLengthDelimitedField(1, ByteString.copyFromUtf8("me"))
            .mergeVarintField(2, 15)
            .mergeLengthDelimitedField(3, time)
            .mergeLengthDelimitedField(4, ByteString.EMPTY)
            .mergeVarintField(5, 0)
            .mergeLengthDelimitedField(6, ByteString.copyFromUtf8("OldestEmulationVersion"))
            .mergeLengthDelimitedField(7, ByteString.copyFromUtf8("you"))
            .build();
    UnknownFieldSet lease =
        UnknownFieldSet.newBuilder()
            .mergeLengthDelimitedField(
                1, Meta.ObjectMeta.newBuilder().setName("l").build().toByteString())
            .mergeLengthDelimitedField(2, spec.toByteString())
            .mergeLengthDelimitedField(99, ByteString.copyFromUtf8("from the future"))
            .build();
    assertJson(
        """
        {'apiVersion': 'coordination.k8s.io/v1', 'kind': 'Lease', 'metadata': {'name': 'l'},
         'spec': {'holderIdentity': 'me', 'leaseDurationSeconds': 15,
           'acquireTime': '2026-01-02T03:04:05.123456Z', 'leaseTransitions': 0,
           'strategy': 'OldestEmulationVersion', 'preferredHolder': 'you'}}
        """,
        decode(envelope("coordination.k8s.io/v1", "Lease", lease.toByteString())));
  }

  @Test
  void decode_newerFields_areRead() {
    UnknownFieldSet requirement =
        UnknownFieldSet.newBuilder()
            .mergeLengthDelimitedField(1, ByteString.copyFromUtf8("k"))
            .mergeLengthDelimitedField(2, ByteString.copyFromUtf8("In"))
            .mergeLengthDelimitedField(3, ByteString.copyFromUtf8("v"))
            .build();
    UnknownFieldSet selector =
        UnknownFieldSet.newBuilder()
            .mergeLengthDelimitedField(1, ByteString.copyFromUtf8("raw"))
            .mergeLengthDelimitedField(2, requirement.toByteString())
            .build();
    UnknownFieldSet attributes =
        UnknownFieldSet.newBuilder()
            .mergeLengthDelimitedField(8, selector.toByteString())
            .mergeLengthDelimitedField(9, selector.toByteString())
            .build();
    ByteString review = wrapped(2, wrapped(1, attributes.toByteString()));
    String read =
        "{'rawSelector': 'raw', 'requirements': [{'key': 'k', 'operator': 'In',"
            + " 'values': ['v']}]}";
    assertJson(
        "{'apiVersion': 'authorization.k8s.io/v1', 'kind': 'SelfSubjectAccessReview', 'spec':"
            + " {'resourceAttributes': {'fieldSelector': "
            + read
            + ", 'labelSelector': "
            + read
            + "}}}",
        decode(envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", review)));
    ByteString user =
        wrapped(
            2,
            wrapped(
                1, V1Authentication.UserInfo.newBuilder().setUsername("u").build().toByteString()));
    assertJson(
        "{'apiVersion': 'authentication.k8s.io/v1', 'kind': 'SelfSubjectReview', 'status':"
            + " {'userInfo': {'username': 'u'}}}",
        decode(envelope("authentication.k8s.io/v1", "SelfSubjectReview", user)));
    ByteString options = UnknownFieldSet.newBuilder().mergeVarintField(6, 1).build().toByteString();
    assertJson(
        "{'apiVersion': 'v1', 'kind': 'DeleteOptions',"
            + " 'ignoreStoreReadErrorWithClusterBreakingPotential': true}",
        decode(envelope("v1", "DeleteOptions", options)));
  }

  private static ByteString wrapped(int field, ByteString value) {
    return UnknownFieldSet.newBuilder()
        .mergeLengthDelimitedField(field, value)
        .build()
        .toByteString();
  }

  @Test
  void decode_withoutType_isTheEndpointsType() {
    ByteString object = V1.ConfigMap.newBuilder().putData("a", "b").build().toByteString();
    assertJson(
        "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'a': 'b'}}",
        decode(envelope("", "", object)));
  }

  @Test
  void decode_badEnvelope_saysWhy() {
    assertRefused(400, "must begin with", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertRefused(400, "must begin with", new byte[0]);
    assertRefused(400, "no Kubernetes protobuf message", new byte[] {'k', '8', 's', 0, 0x12, 9});
    assertRefused(415, "send JSON", envelope("example.io/v1", "Widget", ByteString.EMPTY));
    ByteString gzip =
        Runtime.Unknown.newBuilder().setContentEncoding("gzip").build().toByteString();
    assertRefused(
        415, "plain protobuf", ByteString.copyFromUtf8("k8s\0").concat(gzip).toByteArray());
    assertRefused(413, "at most", new byte[Limits.REQUEST.bytesMax() + 1]);
    ByteString wrongType =
        UnknownFieldSet.newBuilder().mergeVarintField(1, 7).build().toByteString();
    assertRefused(400, "ConfigMap.metadata", envelope("v1", "ConfigMap", wrongType));
    ByteString json = wrapped(1, wrapped(17, wrapped(7, wrapped(1, ByteString.copyFromUtf8("{")))));
    assertRefused(400, "JSON", envelope("v1", "ConfigMap", json));
    Limits few = new Limits(1 << 20, 10, 0, 3, 1);
    ByteString four =
        V1.ConfigMap.newBuilder()
            .putData("a", "")
            .putData("b", "")
            .putData("c", "")
            .putData("d", "")
            .build()
            .toByteString();
    ApiException e =
        assertThrows(
            ApiException.class,
            () -> ProtobufBody.decode(envelope("v1", "ConfigMap", four), "v1", "ConfigMap", few));
    assertEquals(400, e.code());
  }

  private static void assertRefused(int code, String words, byte[] body) {
    ApiException e = assertThrows(ApiException.class, () -> decode(body));
    assertEquals(code, e.code());
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
  }

  @Test
  void knows_builtinKinds_all() {
    BuiltinKinds.kinds()
        .all()
        .forEach(
            kind -> assertTrue(ProtobufBody.knows(kind.apiVersion(), kind.kind()), kind::kind));
    assertTrue(ProtobufBody.knows("any/v1", "DeleteOptions"));
    assertFalse(ProtobufBody.knows("example.io/v1", "Widget"));
  }
}
