package dev.otherix.agent.images;

import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.apimachinery.fault.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The images of a node, named by their SHA-256, shared by all its pools. Whoever wants an image
/// that is on its way already waits for that download. Thread-safe.
public final class ImageStore {
  private static final System.Logger LOG = System.getLogger(ImageStore.class.getName());
  private static final Fault BEFORE_PUBLISH = Fault.named("agent.image.beforePublish");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final int READ_BYTES = 256 * 1024;

  private final Path folder;
  private final ImageLimits limits;
  private final InstantSource clock;
  private final ImageSource source;
  private final Map<String, CompletableFuture<Image>> running = new ConcurrentHashMap<>();

  private ImageStore(Path folder, ImageLimits limits, InstantSource clock) {
    this.folder = folder;
    this.limits = limits;
    this.clock = clock;
    this.source = new ImageSource(limits);
  }

  /// Opens the folder, makes it when it is missing, and removes what a crash left half done.
  public static ImageStore open(Path folder, ImageLimits limits, InstantSource clock)
      throws IOException {
    Files.createDirectories(folder.resolve("sources"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (DurableFile.isPart(file)) {
          Files.delete(file);
        }
      }
    }
    return new ImageStore(folder, limits, clock);
  }

  /// What to fetch.
  ///
  /// @param sha256 that the content must have; empty when any will do
  /// @param always whether the source is asked even when an image from there is held
  public record Wanted(String url, String sha256, boolean always) {}

  /// The image, from the store or from its source.
  ///
  /// @param progress hears how many bytes have come
  /// @throws ImageException when it cannot be had
  public Image fetch(Wanted wanted, LongConsumer progress) throws InterruptedException {
    Optional<Image> held = held(wanted);
    if (held.isPresent()) {
      return held.get();
    }
    String key = wanted.url + " " + wanted.sha256;
    CompletableFuture<Image> mine = new CompletableFuture<>();
    CompletableFuture<Image> other = running.putIfAbsent(key, mine);
    if (other != null) {
      return await(other);
    }
    try {
      Image image = download(wanted, progress);
      mine.complete(image);
      return image;
    } catch (ImageException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      mine.completeExceptionally(
          new ImageException(Reason.UNAVAILABLE, "the download was given up"));
      running.remove(key, mine);
    }
  }

  private static Image await(CompletableFuture<Image> other) throws InterruptedException {
    try {
      return other.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageException cause) {
        throw new ImageException(cause.reason(), String.valueOf(cause.getMessage()), cause);
      }
      throw new IllegalStateException("a download ended unexpectedly", e);
    }
  }

  private Optional<Image> held(Wanted wanted) {
    if (!wanted.sha256.isEmpty()) {
      return find(wanted.sha256);
    }
    if (wanted.always) {
      return Optional.empty();
    }
    try {
      Path note = note(wanted.url);
      return Files.exists(note) ? find(Files.readString(note).strip()) : Optional.empty();
    } catch (IOException e) {
      throw storage(e);
    }
  }

  /// The image with this content, if the node has it.
  public Optional<Image> find(String sha256) {
    Path file = folder.resolve(sha256);
    if (!SHA256.matcher(sha256).matches() || !Files.isRegularFile(file)) {
      return Optional.empty();
    }
    return Optional.of(look(sha256, file));
  }

  public List<Image> all() {
    List<Image> images = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        find(String.valueOf(file.getFileName())).ifPresent(images::add);
      }
    } catch (IOException e) {
      throw storage(e);
    }
    return images;
  }

  private static Image look(String sha256, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      long bytes = Files.size(file);
      ImageHeader header =
          ImageHeader.read(ByteBuffer.wrap(in.readNBytes(ImageHeader.BYTES)), bytes);
      return new Image(sha256, header.format(), bytes, header.virtualBytes(), file);
    } catch (IOException e) {
      throw storage(e);
    }
  }

  private Image download(Wanted wanted, LongConsumer progress) throws InterruptedException {
    URI url = ImageSource.parse(wanted.url);
    String shown = ImageSource.shown(url);
    Path part = null;
    try {
      part = Files.createTempFile(folder, "download-", ".part");
      String sha256 = copy(url, part, progress);
      if (!wanted.sha256.isEmpty() && !wanted.sha256.equals(sha256)) {
        throw new ImageException(
            Reason.CHECKSUM_MISMATCH,
            "the image "
                + shown
                + " has SHA-256 "
                + sha256
                + " and not "
                + wanted.sha256
                + "; correct imageSHA256, or the source was tampered with");
      }
      Image checked = look(sha256, part);
      Path file = folder.resolve(sha256);
      BEFORE_PUBLISH.here();
      DurableFile.publish(part, file);
      DurableFile.write(note(wanted.url), sha256.getBytes(StandardCharsets.UTF_8));
      LOG.log(System.Logger.Level.INFO, "image stored sha256={0} source={1}", sha256, shown);
      return new Image(sha256, checked.format(), checked.fileBytes(), checked.virtualBytes(), file);
    } catch (SocketTimeoutException e) {
      throw new ImageException(
          Reason.UNAVAILABLE,
          "the image " + shown + " stopped coming for " + limits.silenceMax().toSeconds() + " s",
          e);
    } catch (IOException e) {
      throw new ImageException(
          Reason.UNAVAILABLE, "the image " + shown + " was not stored: " + e.getMessage(), e);
    } finally {
      discard(part);
    }
  }

  private String copy(URI url, Path part, LongConsumer progress)
      throws IOException, InterruptedException {
    Instant end = clock.instant().plus(limits.timeMax());
    MessageDigest digest = sha256();
    ImageSource.Opened opened = source.open(url);
    try (InputStream in = opened.content();
        OutputStream out = Files.newOutputStream(part)) {
      if (opened.bytes() > limits.bytesMax()) {
        throw tooLarge(url);
      }
      byte[] buffer = new byte[READ_BYTES];
      long total = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        total += read;
        if (total > limits.bytesMax()) {
          throw tooLarge(url);
        }
        if (Thread.interrupted()) {
          throw new InterruptedException("the download was given up");
        }
        if (clock.instant().isAfter(end)) {
          throw new ImageException(
              Reason.UNAVAILABLE,
              "the image "
                  + ImageSource.shown(url)
                  + " took more than "
                  + limits.timeMax().toMinutes()
                  + " minutes");
        }
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
        progress.accept(total);
      }
      if (opened.bytes() >= 0 && total != opened.bytes()) {
        throw new ImageException(
            Reason.UNAVAILABLE,
            "the image "
                + ImageSource.shown(url)
                + " ended after "
                + total
                + " of "
                + opened.bytes()
                + " bytes");
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private ImageException tooLarge(URI url) {
    return new ImageException(
        Reason.TOO_LARGE,
        "the image " + ImageSource.shown(url) + " is larger than " + limits.bytesMax() + " bytes");
  }

  private static void discard(@Nullable Path part) {
    if (part != null) {
      try {
        Files.deleteIfExists(part);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "partial image stays file=" + part, e);
      }
    }
  }

  /// Where it stands which content a source had. The source itself may hold secrets: only its hash
  /// is a file's name.
  private Path note(String url) {
    byte[] hash = sha256().digest(url.getBytes(StandardCharsets.UTF_8));
    return folder.resolve("sources").resolve(HexFormat.of().formatHex(hash));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static ImageException storage(IOException e) {
    return new ImageException(
        Reason.NO_SPACE, "the image store cannot be used: " + e.getMessage(), e);
  }
}
