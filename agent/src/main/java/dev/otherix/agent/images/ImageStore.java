package dev.otherix.agent.images;

import dev.otherix.agent.images.ImageException.Reason;
import dev.otherix.agent.state.DurableFile;
import dev.otherix.apimachinery.fault.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/// The images of a node, named by their SHA-256, shared by all its pools. Whoever wants an image
/// that is on its way already waits for that download. Thread-safe; the lock guards which images
/// are needed and what is removed.
public final class ImageStore {
  private static final System.Logger LOG = System.getLogger(ImageStore.class.getName());
  private static final Fault BEFORE_PUBLISH = Fault.named("agent.image.beforePublish");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final String SOURCES = "sources";
  private static final String USES = "uses";

  private final Path folder;
  private final ImageLimits limits;
  private final InstantSource clock;
  private final ImageSource source;
  private final ImageUses uses;
  private final Eviction eviction;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Flight> running = new ConcurrentHashMap<>();

  private ImageStore(
      Path folder, ImageLimits limits, InstantSource clock, SourceAddress.Resolver resolver) {
    this.folder = folder;
    this.limits = limits;
    this.clock = clock;
    this.source =
        new ImageSource(
            limits,
            new SourceAddress(resolver, limits.privateHosts()),
            (SSLSocketFactory) SSLSocketFactory.getDefault());
    this.uses = new ImageUses(folder.resolve(USES));
    this.eviction = new Eviction(folder, limits, uses);
  }

  /// Opens the folder, makes it when it is missing, and removes what a crash left half done.
  public static ImageStore open(Path folder, ImageLimits limits, InstantSource clock)
      throws IOException {
    return open(folder, limits, clock, InetAddress::getAllByName);
  }

  static ImageStore open(
      Path folder, ImageLimits limits, InstantSource clock, SourceAddress.Resolver resolver)
      throws IOException {
    for (String each : List.of(SOURCES, USES)) {
      Files.createDirectories(folder.resolve(each));
      Eviction.sweep(folder.resolve(each), clock.instant());
    }
    Eviction.sweep(folder, clock.instant());
    return new ImageStore(folder, limits, clock, resolver);
  }

  /// What to fetch.
  ///
  /// @param sha256 that the content must have; empty when any will do
  /// @param always whether the source is asked even when an image from there is held
  public record Wanted(String url, String sha256, boolean always) {}

  /// The image, from the store or from its source. It stays as long as the disks need it.
  ///
  /// @param disks the folder of the machine's disks
  /// @param progress hears how much has come, from any thread
  /// @throws ImageException when it cannot be had
  public Image fetch(Wanted wanted, Path disks, Consumer<Progress> progress)
      throws InterruptedException {
    Optional<Image> held = held(wanted);
    if (held.isPresent()) {
      return use(held.get(), disks);
    }
    String key = wanted.url + " " + wanted.sha256;
    Flight mine = new Flight();
    Flight other = running.putIfAbsent(key, mine);
    if (other != null) {
      return use(other.await(progress), disks);
    }
    mine.follow(progress);
    try {
      Image image = use(download(wanted, mine), disks);
      mine.arrived(image);
      return image;
    } catch (ImageException e) {
      mine.failed(e);
      throw e;
    } finally {
      mine.failed(new ImageException(Reason.UNAVAILABLE, "the download was given up"));
      running.remove(key, mine);
    }
  }

  /// The image stays from now on, for these disks and instead of another.
  private Image use(Image image, Path disks) {
    lock.lock();
    try {
      if (!Files.exists(image.file())) {
        throw new ImageException(
            Reason.UNAVAILABLE, "the image was removed to make room, and is fetched again");
      }
      Files.setLastModifiedTime(image.file(), FileTime.from(clock.instant()));
      uses.begin(disks, image.sha256());
      return image;
    } catch (IOException e) {
      throw storage(e);
    } finally {
      lock.unlock();
    }
  }

  /// What was made in the folder needs this image. For disks that are there already.
  public void keep(String sha256, Path disks) {
    locked(() -> uses.begin(disks, sha256));
  }

  /// The disks in the folder are gone, or need no image.
  public void release(Path disks) {
    locked(() -> uses.end(disks));
  }

  /// The folder is about to get another name.
  public void moving(Path disks, Path name) {
    locked(() -> uses.copy(disks, name));
  }

  private interface Change {
    void apply() throws IOException;
  }

  private void locked(Change change) {
    lock.lock();
    try {
      change.apply();
    } catch (IOException e) {
      throw storage(e);
    } finally {
      lock.unlock();
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
    try {
      return Optional.of(image(sha256, file, ImageCheck.header(file)));
    } catch (IOException e) {
      throw storage(e);
    }
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

  private static Image image(String sha256, Path file, ImageHeader header) throws IOException {
    return new Image(sha256, header.format(), Files.size(file), header.virtualBytes(), file);
  }

  private Image download(Wanted wanted, Flight flight) throws InterruptedException {
    URI url = ImageSource.parse(wanted.url);
    String key = Sha256.hex((wanted.url + " " + wanted.sha256).getBytes(StandardCharsets.UTF_8));
    Path part = Eviction.part(folder, key);
    Download download =
        new Download(
            source, limits, clock, url, part, bytes -> makeRoom(bytes, part), flight::tell);
    String sha256 = download.run();
    try {
      requireWanted(wanted, url, sha256);
      ImageHeader header = ImageCheck.whole(part);
      Path file = folder.resolve(sha256);
      BEFORE_PUBLISH.here();
      DurableFile.publish(part, file);
      DurableFile.write(note(wanted.url), sha256.getBytes(StandardCharsets.UTF_8));
      LOG.log(
          System.Logger.Level.INFO,
          "image stored sha256={0} source={1}",
          sha256,
          ImageSource.shown(url));
      makeRoom(0, file);
      return image(sha256, file, header);
    } catch (IOException e) {
      throw storage(e);
    } finally {
      download.discard();
    }
  }

  private static void requireWanted(Wanted wanted, URI url, String sha256) {
    if (!wanted.sha256.isEmpty() && !wanted.sha256.equals(sha256)) {
      throw new ImageException(
          Reason.CHECKSUM_MISMATCH,
          "the image "
              + ImageSource.shown(url)
              + " has SHA-256 "
              + sha256
              + " and not "
              + wanted.sha256
              + "; correct imageSHA256, or the source was tampered with");
    }
  }

  /// @param fresh what is not to go, though no disk needs it yet
  private void makeRoom(long bytes, Path fresh) {
    locked(() -> eviction.makeRoom(bytes, fresh));
  }

  /// Where it stands which content a source had. The source itself may hold secrets: only its hash
  /// is a file's name.
  private Path note(String url) {
    return folder.resolve(SOURCES).resolve(Sha256.hex(url.getBytes(StandardCharsets.UTF_8)));
  }

  private static ImageException storage(IOException e) {
    return new ImageException(
        Reason.NO_SPACE, "the image store cannot be used: " + e.getMessage(), e);
  }
}
