package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.images.ImageStore.Wanted;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sources that break off, change, lie and hang.
final class ImageDownloadTest {
  private static final byte[] CONTENT = new byte[1024 * 1024];
  private static final byte[] OTHER = new byte[1024 * 1024];

  static {
    new Random(7).nextBytes(CONTENT);
    new Random(8).nextBytes(OTHER);
  }

  @TempDir private Path temp;
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private HttpServer server;
  private volatile byte[] content = CONTENT;
  private volatile String tag = ResumableFile.TAG;
  private volatile int until = CONTENT.length;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          ranges.add(
              Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), "all"));
          ResumableFile.serve(exchange, content, tag, until);
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private static ImageLimits limits() {
    return ImageLimits.DEFAULT
        .withTimes(Duration.ofMinutes(1), Duration.ofSeconds(2))
        .withPrivateHosts(List.of("127.0.0.1"));
  }

  /// As an agent does that was just started.
  private Image fetch(String url) throws Exception {
    ImageStore store = ImageStore.open(temp.resolve("images"), limits(), now::get);
    return store.fetch(new Wanted(url, "", false), temp.resolve("disks"), _ -> {});
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/image";
  }

  private ImageException fails(String url) {
    return assertThrows(ImageException.class, () -> fetch(url));
  }

  private long kept() throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("images"))) {
      return files.filter(each -> each.toString().contains("download-")).count();
    }
  }

  @Test
  void fetch_afterTheConnectionBroke_goesOnWhereItWas() throws Exception {
    until = 600_000;
    assertEquals(Reason.UNAVAILABLE, fails(url()).reason());
    until = 900_000;
    assertEquals(Reason.UNAVAILABLE, fails(url()).reason());
    until = CONTENT.length;
    Image image = fetch(url());
    assertEquals(Sha256.hex(CONTENT), image.sha256());
    assertEquals(List.of("all", "bytes=600000-", "bytes=900000-"), ranges);
    assertEquals(0, kept());
  }

  @Test
  void fetch_afterTheSourceChanged_beginsAnew() throws Exception {
    until = 600_000;
    fails(url());
    until = CONTENT.length;
    content = OTHER;
    tag = "\"v2\"";
    assertEquals(Sha256.hex(OTHER), fetch(url()).sha256());
    assertEquals(List.of("all", "bytes=600000-"), ranges);
  }

  @Test
  void fetch_ofASourceWithoutVersions_beginsAnew() throws Exception {
    tag = "W/\"weak\"";
    until = 600_000;
    fails(url());
    assertEquals(0, kept());
    until = CONTENT.length;
    assertEquals(Sha256.hex(CONTENT), fetch(url()).sha256());
    assertEquals(List.of("all", "all"), ranges);
  }

  @Test
  void fetch_whenAllHasComeAlready_asksAgainAndHasIt() throws Exception {
    until = 600_000;
    fails(url());
    try (Stream<Path> files = Files.list(temp.resolve("images"))) {
      Path part = files.filter(each -> each.toString().endsWith(".part")).findFirst().orElseThrow();
      Files.write(part, CONTENT);
    }
    until = CONTENT.length;
    assertEquals(Sha256.hex(CONTENT), fetch(url()).sha256());
    assertEquals(List.of("all", "bytes=" + CONTENT.length + "-", "all"), ranges);
  }

  @Test
  void open_aDayLater_sweepsWhatNobodyWentOnWith() throws Exception {
    until = 600_000;
    fails(url());
    assertEquals(2, kept());
    now.set(Instant.now().plus(Duration.ofHours(25)));
    ImageStore.open(temp.resolve("images"), limits(), now::get);
    assertEquals(0, kept());
  }

  @Test
  void fetch_progress_isHeard() throws Exception {
    List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
    ImageStore store = ImageStore.open(temp.resolve("images"), limits(), InstantSource.system());
    store.fetch(new Wanted(url(), "", false), temp.resolve("disks"), heard::add);
    assertEquals(new Progress(CONTENT.length, CONTENT.length), heard.getLast());
    assertEquals("1 of 1 MiB (100 %)", heard.getLast().text());
    assertTrue(heard.size() > 1, heard::toString);
  }

  @Test
  void fetch_nameThatMeansAnotherAddressLater_isNotFollowed() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    // Nobody answers at an address of documentation; this machine would.
    SourceAddress.Resolver rebinding =
        _ ->
            new InetAddress[] {
              InetAddress.ofLiteral(asked.getAndIncrement() == 0 ? "192.0.2.1" : "127.0.0.1")
            };
    ImageLimits limits = limits().withTimes(Duration.ofMinutes(1), Duration.ofMillis(300));
    ImageStore store =
        ImageStore.open(temp.resolve("images"), limits, InstantSource.system(), rebinding);
    String url = "http://images.example:" + server.getAddress().getPort() + "/image";
    Wanted wanted = new Wanted(url, "", false);
    ImageException first =
        assertThrows(
            ImageException.class, () -> store.fetch(wanted, temp.resolve("disks"), _ -> {}));
    assertEquals(Reason.UNAVAILABLE, first.reason());
    assertEquals(1, asked.get());
    ImageException second =
        assertThrows(
            ImageException.class, () -> store.fetch(wanted, temp.resolve("disks"), _ -> {}));
    assertEquals(Reason.FORBIDDEN, second.reason());
    assertEquals(List.of(), ranges);
  }

  @Test
  void fetch_thatTakesTooLong_isGivenUp() throws Exception {
    CountDownLatch sent = new CountDownLatch(1);
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> trickle(listening, sent));
      String url = "http://127.0.0.1:" + listening.getLocalPort() + "/image";
      ImageException e =
          assertThrows(
              ImageException.class,
              () -> {
                ImageStore store = ImageStore.open(temp.resolve("images"), limits(), now::get);
                store.fetch(
                    new Wanted(url, "", false),
                    temp.resolve("disks"),
                    _ -> {
                      now.set(now.get().plus(Duration.ofMinutes(2)));
                      sent.countDown();
                    });
              });
      assertTrue(String.valueOf(e.getMessage()).contains("more than 1 minutes"), e.getMessage());
    }
  }

  /// One byte, and another one when somebody has it.
  private static void trickle(ServerSocket listening, CountDownLatch sent) {
    try (Socket socket = listening.accept()) {
      OutputStream out = socket.getOutputStream();
      String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      sent.await();
      out.write("1\r\ny\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      int _ = socket.getInputStream().read(new byte[1024]);
      int _ = socket.getInputStream().read();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void fetch_qcow2WithDamagedTables_isRefused() throws Exception {
    Path damaged = temp.resolve("damaged.qcow2");
    Process made =
        new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", damaged.toString(), "8M")
            .inheritIO()
            .start();
    assertEquals(0, made.waitFor());
    content = Files.readAllBytes(damaged);
    until = content.length;
    assertEquals(Sha256.hex(content), fetch(url()).sha256());
    try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
      file.seek(40);
      long tables = file.readLong();
      file.seek(tables);
      file.writeLong(0x4000_0000_0012_3000L);
    }
    content = Files.readAllBytes(damaged);
    ImageException e = fails(url() + "/damaged");
    assertEquals(Reason.INVALID, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains("damaged"), e.getMessage());
    assertFalse(Files.exists(temp.resolve("images/" + Sha256.hex(content))));
    assertEquals(0, kept());
  }
}
