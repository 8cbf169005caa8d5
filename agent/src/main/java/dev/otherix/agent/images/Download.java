package dev.otherix.agent.images;

import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.apimachinery.fault.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// Brings one image into a file. What has come stays when the connection breaks or the agent is
/// killed, if the source knows versions, and the next attempt goes on behind it. For one thread.
final class Download {
  private static final Fault AFTER_PIECE = Fault.named("agent.image.afterPiece");
  private static final int READ_BYTES = 256 * 1024;
  private static final String VERSION = ".version";

  private final ImageSource source;
  private final ImageLimits limits;
  private final InstantSource clock;
  private final URI url;
  private final Path part;
  private final Path version;
  private final LongConsumer room;
  private final Consumer<Progress> listener;

  /// @param part where the image comes; beside it stands of which version it is
  /// @param room makes room for so many bytes if it can
  Download(
      ImageSource source,
      ImageLimits limits,
      InstantSource clock,
      URI url,
      Path part,
      LongConsumer room,
      Consumer<Progress> listener) {
    this.source = source;
    this.limits = limits;
    this.clock = clock;
    this.url = url;
    this.part = part;
    this.version = versionOf(part);
    this.room = room;
    this.listener = listener;
  }

  static Path versionOf(Path part) {
    return part.resolveSibling(part.getFileName() + VERSION);
  }

  /// @return the digest of all of it
  /// @throws ImageException when it did not come
  String run() throws InterruptedException {
    boolean whole = false;
    boolean keep = false;
    try {
      String digest = copy();
      whole = true;
      return digest;
    } catch (SocketTimeoutException e) {
      keep = true;
      throw new ImageException(
          Reason.UNAVAILABLE,
          name() + " stopped coming for " + limits.silenceMax().toSeconds() + " s",
          e);
    } catch (InterruptedException e) {
      keep = true;
      throw e;
    } catch (WriteFailure e) {
      throw new ImageException(Reason.NO_SPACE, name() + " was not stored: " + e.getMessage(), e);
    } catch (IOException e) {
      keep = true;
      throw new ImageException(Reason.UNAVAILABLE, name() + " does not come: " + e.getMessage(), e);
    } finally {
      if (!whole && !(keep && Files.exists(version))) {
        discard();
      }
    }
  }

  /// Forgets what has come.
  void discard() {
    try {
      Files.deleteIfExists(version);
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw new ImageException(Reason.NO_SPACE, "a partial image stays: " + e.getMessage(), e);
    }
  }

  private String copy() throws IOException, InterruptedException {
    Instant end = clock.instant().plus(limits.timeMax());
    boolean some = Files.exists(part) && Files.exists(version);
    long had = some ? Files.size(part) : 0;
    String known = some ? Files.readString(version) : "";
    try (ImageSource.Opened opened = source.open(url, had, known)) {
      requireFits(opened);
      MessageDigest digest = Sha256.digest();
      if (opened.from() == 0) {
        begin(opened.version());
      } else {
        digestPart(digest, opened.from());
      }
      long total = receive(opened, digest, end);
      if (opened.bytes() >= 0 && total != opened.bytes()) {
        throw new IOException("it ended after " + total + " of " + opened.bytes() + " bytes");
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  private void requireFits(ImageSource.Opened opened) throws IOException {
    if (opened.bytes() > limits.bytesMax()) {
      throw tooLarge();
    }
    long needed = opened.bytes() - opened.from();
    if (opened.bytes() < 0) {
      return;
    }
    room.accept(needed);
    FileStore store = Files.getFileStore(part.resolveSibling(""));
    if (needed > store.getUsableSpace()) {
      throw new ImageException(
          Reason.NO_SPACE,
          "%s needs %d bytes and %d are free; make room on the file system of %s"
              .formatted(name(), needed, store.getUsableSpace(), part.resolveSibling("")));
    }
  }

  private void begin(String told) throws IOException {
    Files.deleteIfExists(version);
    Files.deleteIfExists(part);
    Files.createFile(part);
    if (!told.isEmpty()) {
      DurableFile.write(version, told.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void digestPart(MessageDigest digest, long bytes) throws IOException {
    try (InputStream in = Files.newInputStream(part)) {
      byte[] buffer = new byte[READ_BYTES];
      long left = bytes;
      while (left > 0) {
        int got = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (got < 0) {
          throw new IOException("the partial image has become shorter");
        }
        digest.update(buffer, 0, got);
        left -= got;
      }
    }
  }

  private long receive(ImageSource.Opened opened, MessageDigest digest, Instant end)
      throws IOException, InterruptedException {
    long total = opened.from();
    try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.APPEND)) {
      byte[] buffer = new byte[READ_BYTES];
      while (opened.bytes() < 0 || total < opened.bytes()) {
        long left = opened.bytes() < 0 ? buffer.length : opened.bytes() - total;
        int got = opened.content().read(buffer, 0, (int) Math.min(buffer.length, left));
        if (got < 0) {
          break;
        }
        total += got;
        if (total > limits.bytesMax()) {
          throw tooLarge();
        }
        requireTime(end);
        digest.update(buffer, 0, got);
        write(out, buffer, got);
        listener.accept(new Progress(total, opened.bytes()));
        AFTER_PIECE.here();
      }
    }
    return total;
  }

  private void requireTime(Instant end) throws InterruptedException, IOException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the download was given up");
    }
    if (clock.instant().isAfter(end)) {
      throw new IOException("it took more than " + limits.timeMax().toMinutes() + " minutes");
    }
  }

  private static void write(OutputStream out, byte[] buffer, int length) throws IOException {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      throw new WriteFailure(e);
    }
  }

  private String name() {
    return "the image " + ImageSource.shown(url);
  }

  private ImageException tooLarge() {
    return new ImageException(
        Reason.TOO_LARGE, name() + " is larger than " + limits.bytesMax() + " bytes");
  }

  /// The disk did not take what the source sent.
  private static final class WriteFailure extends IOException {
    private static final long serialVersionUID = 1L;

    WriteFailure(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
