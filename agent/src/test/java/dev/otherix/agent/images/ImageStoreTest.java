package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.images.ImageStore.Wanted;
import dev.otherix.agent.state.MachineRecord.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageStoreTest {
  private static final byte[] CONTENT = new byte[4096];
  private static final String SHA256 =
      "ad7facb2586fc6e966c004d7d1d16b024f5805ff7cb47c7a85dabd8b48892ca7";

  @TempDir private Path temp;
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;
  private ImageStore store;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    store = store(limits());
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private static ImageLimits limits() {
    return ImageLimits.DEFAULT
        .withBytes(100_000)
        .withTimes(Duration.ofMinutes(1), Duration.ofMillis(500))
        .withPrivateHosts(List.of("127.0.0.1"));
  }

  private ImageStore store(ImageLimits limits) throws IOException {
    return ImageStore.open(temp.resolve("images"), limits, InstantSource.system());
  }

  private String serve(HttpHandler handler) {
    server.createContext(
        "/image",
        exchange -> {
          requests.incrementAndGet();
          handler.handle(exchange);
        });
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/image?token=secret";
  }

  private static void whole(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, CONTENT.length);
    exchange.getResponseBody().write(CONTENT);
    exchange.close();
  }

  private Image fetch(String url, String sha256) throws InterruptedException {
    return store.fetch(new Wanted(url, sha256, false), temp.resolve("disks"), _ -> {});
  }

  private ImageException refused(Reason reason, String url, String sha256) {
    ImageException e = assertThrows(ImageException.class, () -> fetch(url, sha256));
    assertEquals(reason, e.reason(), e.getMessage());
    assertFalse(String.valueOf(e.getMessage()).contains("secret"), e.getMessage());
    assertEquals(List.of(), store.all());
    try (Stream<Path> files = Files.list(temp.resolve("images"))) {
      assertEquals(
          List.of("sources", "uses"), files.map(each -> each.getFileName() + "").sorted().toList());
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
    return e;
  }

  @Test
  void fetch_twice_downloadsOnce() throws Exception {
    String url = serve(ImageStoreTest::whole);
    Image image = fetch(url, SHA256);
    assertEquals(new Image(SHA256, Format.RAW, 4096, 4096, image.file()), image);
    assertEquals(image, fetch(url, ""));
    store = store(limits());
    assertEquals(image, fetch(url, ""));
    assertEquals(1, requests.get());
    store.fetch(new Wanted(url, "", true), temp.resolve("disks"), _ -> {});
    assertEquals(2, requests.get());
    assertEquals(List.of(image), store.all());
  }

  @Test
  void fetch_byManyAtOnce_isOneDownload() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    String url =
        serve(exchange -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          whole(exchange);
        });
    List<Future<Image>> all = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        all.add(threads.submit(() -> fetch(url, SHA256)));
      }
      org.awaitility.Awaitility.await().until(() -> requests.get() > 0);
      go.countDown();
      for (Future<Image> each : all) {
        assertEquals(SHA256, each.get().sha256());
      }
    }
    assertEquals(1, requests.get());
  }

  @Test
  void fetch_otherContent_isRefusedAndNotKept() {
    ImageException e =
        refused(Reason.CHECKSUM_MISMATCH, serve(ImageStoreTest::whole), "0".repeat(64));
    assertTrue(String.valueOf(e.getMessage()).contains(SHA256), e.getMessage());
  }

  @Test
  void fetch_sourceThatFallsSilent_isGivenUp() {
    CountDownLatch never = new CountDownLatch(1);
    String url =
        serve(exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT, 0, 100);
          exchange.getResponseBody().flush();
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    refused(Reason.UNAVAILABLE, url, "");
    never.countDown();
  }

  @Test
  void fetch_sourceThatSendsTooMuch_isGivenUp() {
    String url =
        serve(exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] piece = new byte[8192];
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(piece);
          }
          exchange.close();
        });
    refused(Reason.TOO_LARGE, url, "");
  }

  @Test
  void fetch_qcow2WithBackingFile_isRefused() {
    String url =
        serve(exchange -> {
          byte[] header = new byte[1024];
          java.nio.ByteBuffer.wrap(header)
              .putInt(0, 0x514649fb)
              .putInt(4, 3)
              .putLong(8, 512)
              .putLong(24, 1 << 20);
          exchange.sendResponseHeaders(200, header.length);
          exchange.getResponseBody().write(header);
          exchange.close();
        });
    refused(Reason.INVALID, url, "");
  }

  @Test
  void fetch_answerThatIsNone_isUnavailable() {
    String url =
        serve(exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    refused(Reason.UNAVAILABLE, url, "");
  }

  @Test
  void fetch_redirectToThisMachine_isForbidden() throws IOException {
    String url =
        serve(exchange -> {
          exchange.getResponseHeaders().add("location", "http://localhost:1/other");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    refused(Reason.FORBIDDEN, url, "");
    store = store(ImageLimits.DEFAULT);
    refused(Reason.FORBIDDEN, url, "");
    refused(Reason.FORBIDDEN, "http://169.254.169.254/image", "");
  }

  @Test
  void fetch_file_needsAnAllowedFolder() throws Exception {
    Path allowed = Files.createDirectory(temp.resolve("allowed"));
    Path image = Files.write(allowed.resolve("a.raw"), CONTENT);
    Path outside = Files.write(temp.resolve("b.raw"), CONTENT);
    Path link = Files.createSymbolicLink(allowed.resolve("link.raw"), outside);
    refused(Reason.FORBIDDEN, image.toUri().toString(), "");
    store = store(limits().withFolders(List.of(allowed)));
    refused(Reason.FORBIDDEN, link.toUri().toString(), "");
    refused(Reason.FORBIDDEN, outside.toUri().toString(), "");
    refused(Reason.FORBIDDEN, outside.resolveSibling("none.img").toUri().toString(), "");
    assertEquals(SHA256, fetch(image.toUri().toString(), SHA256).sha256());
  }

  @Test
  void open_afterCrash_sweepsPartials() throws IOException {
    Path part = Files.write(temp.resolve("images/download-1.part"), CONTENT);
    store(limits());
    assertFalse(Files.exists(part));
  }

  private boolean sharesBlocks() throws Exception {
    Path a = Files.write(temp.resolve("a"), CONTENT);
    return new ProcessBuilder("cp", "--reflink=always", a.toString(), temp.resolve("b").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void make_diskOfImage_hasTheSizeAskedFor() throws Exception {
    Image image = fetch(serve(ImageStoreTest::whole), SHA256);
    Path disk = temp.resolve("pool/vm/disk.qcow2");
    assertEquals(
        new BootDisk.Made(1L << 30, Origin.OVERLAY), BootDisk.make(image, disk, Format.QCOW2, 1));
    Path raw = temp.resolve("pool/vm/disk.raw");
    BootDisk.Made made = BootDisk.make(image, raw, Format.RAW, 0);
    assertEquals(4096, made.bytes());
    assertEquals(sharesBlocks() ? Origin.REFLINK : Origin.COPY, made.origin());
    assertEquals(4096, Files.size(raw));
    for (Path each : List.of(disk, raw)) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(each)));
    }
    Image large = new Image(SHA256, Format.RAW, 4096, 3L << 30, image.file());
    ImageException e =
        assertThrows(ImageException.class, () -> BootDisk.make(large, disk, Format.QCOW2, 1));
    assertEquals(Reason.DISK_TOO_SMALL, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains("at least 3"), e.getMessage());
  }
}
