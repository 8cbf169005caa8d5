package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserChangePasswordRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates, users and their tokens.
@Tag("slow")
final class EtcdSecurityTest {
  private static final String PREFIX = "/otherix";

  @TempDir private static Path certificateFolder;
  private static TestCertificates certificates;

  @TempDir private Path folder;

  @BeforeAll
  static void makeCertificates() {
    certificates = new TestCertificates(certificateFolder);
    certificates.issue("server");
    certificates.issue("client");
  }

  @Test
  void tls_clientCertificate_isAsked() {
    try (EtcdProcess etcd =
        EtcdProcess.startTls(
            folder.resolve("etcd"),
            "--cert-file=" + certificates.certificate("server"),
            "--key-file=" + certificates.key("server"),
            "--trusted-ca-file=" + certificates.authority(),
            "--client-cert-auth")) {
      EtcdOptions.Tls full =
          new EtcdOptions.Tls(
              certificates.authority(),
              certificates.certificate("client"),
              certificates.key("client"));
      try (EtcdStorage store = EtcdStorage.open(options(etcd, full))) {
        written(store.create("/a/1", bytes("1"), null));
      }
      EtcdOptions.Tls none = new EtcdOptions.Tls(certificates.authority(), null, null);
      refused(StorageException.Reason.UNAVAILABLE, () -> EtcdStorage.open(options(etcd, none)));
      URI plain = URI.create(etcd.endpoint().toString().replace("https", "http"));
      EtcdOptions clear = EtcdOptions.at(List.of(plain));
      refused(StorageException.Reason.UNAVAILABLE, () -> EtcdStorage.open(clear));
    }
  }

  @Test
  void tls_strangeAuthority_isRefused() {
    TestCertificates strange = new TestCertificates(folder);
    try (EtcdProcess etcd =
        EtcdProcess.startTls(
            folder.resolve("etcd"),
            "--cert-file=" + certificates.certificate("server"),
            "--key-file=" + certificates.key("server"))) {
      EtcdOptions.Tls wrong = new EtcdOptions.Tls(strange.authority(), null, null);
      refused(StorageException.Reason.UNAVAILABLE, () -> EtcdStorage.open(options(etcd, wrong)));
      EtcdOptions.Tls right = new EtcdOptions.Tls(certificates.authority(), null, null);
      EtcdStorage.open(options(etcd, right)).close();
    }
  }

  private static EtcdOptions options(EtcdProcess etcd, EtcdOptions.Tls tls) {
    EtcdOptions plain = EtcdOptions.at(List.of(URI.create("http://unused")));
    return new EtcdOptions(
        List.of(etcd.endpoint()),
        PREFIX,
        tls,
        null,
        plain.callTimeout(),
        plain.watchOutageMax(),
        plain.valueBytesMax(),
        plain.clock());
  }

  /// A role that may use one store's prefix and nothing else.
  private static void requireLogins(EtcdProcess etcd) {
    try (EtcdClient admin = new EtcdClient(etcd.options())) {
      admin.write(
          "add",
          AuthGrpc.getUserAddMethod(),
          AuthUserAddRequest.newBuilder().setName("root").setPassword("secret").build());
      admin.write(
          "grant",
          AuthGrpc.getUserGrantRoleMethod(),
          AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
      admin.write(
          "add",
          AuthGrpc.getUserAddMethod(),
          AuthUserAddRequest.newBuilder().setName("server").setPassword("word").build());
      admin.write(
          "add",
          AuthGrpc.getRoleAddMethod(),
          AuthRoleAddRequest.newBuilder().setName("store").build());
      Permission permission =
          Permission.newBuilder()
              .setPermType(Permission.Type.READWRITE)
              .setKey(ByteString.copyFromUtf8(PREFIX + "/"))
              .setRangeEnd(ByteString.copyFromUtf8(PREFIX + "0"))
              .build();
      admin.write(
          "grant",
          AuthGrpc.getRoleGrantPermissionMethod(),
          AuthRoleGrantPermissionRequest.newBuilder().setName("store").setPerm(permission).build());
      admin.write(
          "grant",
          AuthGrpc.getUserGrantRoleMethod(),
          AuthUserGrantRoleRequest.newBuilder().setUser("server").setRole("store").build());
      admin.write("enable", AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.newBuilder().build());
    }
  }

  @Test
  void login_roleForThePrefix_isEnough() throws InterruptedException {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"))) {
      requireLogins(etcd);
      EtcdOptions options = etcd.options().withPrefix(PREFIX).withLogin("server", "word");
      try (EtcdStorage store = EtcdStorage.open(options)) {
        long start = store.revision();
        try (Watch watch = store.watch("/a/", start)) {
          long first = written(store.create("/a/1", bytes("1"), Duration.ofHours(1)));
          assertFalse(watch.next(Duration.ofSeconds(30)).events().isEmpty());
          long second = written(store.update("/a/1", bytes("2"), first, null));
          assertEquals(1, store.stats("/").entries());
          store.compact(first);
          assertEquals(first, store.compactedRevision());
          written(store.delete("/a/1", second));
          store.backup(folder.resolve("backup"));
        }
      }
    }
  }

  @Test
  void login_tokenForgotten_isRenewed() throws InterruptedException {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"))) {
      requireLogins(etcd);
      EtcdOptions options = etcd.options().withPrefix(PREFIX).withLogin("server", "word");
      try (EtcdStorage store = EtcdStorage.open(options);
          Watch watch = store.watch("/a/", store.revision())) {
        written(store.create("/a/1", bytes("1"), null));
        assertEquals("/a/1", watch.next(Duration.ofSeconds(30)).events().getFirst().key());
        // Tokens live in etcd's memory. The kill is too short for anybody to notice but the watch.
        etcd.kill();
        etcd.restart();
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> store.create("/a/2", bytes("2"), null) instanceof Outcome.Written);
        Watch.Batch batch = watch.next(Duration.ofSeconds(30));
        assertEquals(List.of("+/a/2=2"), StorageCases.texts(batch.events()));
      }
    }
  }

  @Test
  void login_tokenRevoked_callAndWatchRenewIt() throws InterruptedException {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"))) {
      requireLogins(etcd);
      EtcdOptions options = etcd.options().withPrefix(PREFIX).withLogin("server", "word");
      EtcdOptions root = etcd.options().withLogin("root", "secret");
      try (EtcdStorage store = EtcdStorage.open(options);
          EtcdClient admin = new EtcdClient(root)) {
        long start = store.revision();
        // A change of a user ends the tokens that he has.
        assertTrue(
            admin
                .write(
                    "change",
                    AuthGrpc.getUserChangePasswordMethod(),
                    AuthUserChangePasswordRequest.newBuilder()
                        .setName("server")
                        .setPassword("word")
                        .build())
                .hasHeader());
        written(store.create("/a/1", bytes("1"), null));
        try (Watch watch = store.watch("/a/", start)) {
          assertEquals(1, watch.next(Duration.ofSeconds(30)).events().size());
        }
      }
    }
  }

  @Test
  void login_wrongOrMissing_saysWhatToCheck() {
    try (EtcdProcess etcd = EtcdProcess.start(folder.resolve("etcd"))) {
      requireLogins(etcd);
      for (EtcdOptions options :
          List.of(etcd.options(), etcd.options().withLogin("server", "wrong"))) {
        StorageException e =
            assertThrows(StorageException.class, () -> EtcdStorage.open(options).close());
        assertEquals(StorageException.Reason.UNAVAILABLE, e.reason());
        assertTrue(String.valueOf(e.getMessage()).contains("password"), e.toString());
      }
      EtcdOptions elsewhere = etcd.options().withPrefix("/not-allowed").withLogin("server", "word");
      refused(StorageException.Reason.UNAVAILABLE, () -> EtcdStorage.open(elsewhere));
    }
  }
}
