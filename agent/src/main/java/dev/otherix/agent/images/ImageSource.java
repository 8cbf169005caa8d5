package dev.otherix.agent.images;

import dev.otherix.agent.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLSocketFactory;

/// Opens what an image URL names: a file in an allowed folder, or something on the web that is not
/// this machine or its metadata service.
final class ImageSource {
  private static final int REDIRECTS_MAX = 5;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int NO_SUCH_RANGE = 416;

  private final ImageLimits limits;
  private final SourceAddress addresses;
  private final SSLSocketFactory tls;

  ImageSource(ImageLimits limits, SourceAddress addresses, SSLSocketFactory tls) {
    this.limits = limits;
    this.addresses = addresses;
    this.tls = tls;
  }

  /// What a source sends.
  ///
  /// @param from the position of its first byte
  /// @param bytes of the whole image as the source says, -1 when it does not
  /// @param version by which the source knows this content again; empty when it does not
  record Opened(
      InputStream content, AutoCloseable connection, long from, long bytes, String version)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try {
        connection.close();
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  /// The URL without what may be secret in it.
  static String shown(URI url) {
    String host = url.getHost() == null ? "" : url.getHost();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return url.getScheme() + "://" + host + port + url.getPath();
  }

  static URI parse(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new ImageException(
          Reason.UNAVAILABLE, "the image's URL is no URL: " + e.getReason(), e);
    }
  }

  /// @param from the first byte that is wanted, if the content is still of that version; the source
  ///   may begin at 0 all the same
  /// @param version empty when there is nothing yet
  Opened open(URI url, long from, String version) throws IOException {
    return "file".equals(url.getScheme()) ? file(url) : web(url, from, version);
  }

  private Opened file(URI url) throws IOException {
    Path file = Path.of(url.getPath()).normalize();
    Path real = Files.exists(file) ? file.toRealPath() : file;
    for (Path folder : limits.folders()) {
      if (Files.isDirectory(folder) && real.startsWith(folder.toRealPath())) {
        if (!Files.isRegularFile(real)) {
          throw new ImageException(
              Reason.UNAVAILABLE, "the image " + shown(url) + " is no file of this node");
        }
        InputStream in = Files.newInputStream(real);
        return new Opened(in, in, 0, Files.size(real), "");
      }
    }
    throw new ImageException(
        Reason.FORBIDDEN,
        "the image "
            + shown(url)
            + " is a file outside of the folders that this node allows; allow its folder with"
            + " --image-folder, or offer it by https");
  }

  private Opened web(URI first, long from, String version) throws IOException {
    String range =
        version.isEmpty() || from == 0
            ? ""
            : "Range: bytes=" + from + "-\r\nIf-Range: " + version + "\r\n";
    URI url = first;
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
      requireWeb(url);
      HttpAnswer answer =
          HttpAnswer.get(
              url, addresses.of(url.getHost(), shown(url)), range, tls, limits.silenceMax());
      String next = answer.header("location");
      if (answer.status() / 100 == 3 && next != null) {
        answer.close();
        url = url.resolve(parse(next));
        continue;
      }
      if (answer.status() == NO_SUCH_RANGE && !range.isEmpty()) {
        answer.close();
        range = "";
        continue;
      }
      return opened(url, answer, range.isEmpty() ? 0 : from);
    }
    throw new ImageException(
        Reason.UNAVAILABLE,
        "the image " + shown(first) + " leads on more than " + REDIRECTS_MAX + " times");
  }

  private static Opened opened(URI url, HttpAnswer answer, long from) throws IOException {
    boolean goesOn = answer.status() == PARTIAL && from > 0 && beginsAt(answer, from);
    if (answer.status() != OK && !goesOn) {
      answer.close();
      throw new ImageException(
          Reason.UNAVAILABLE, "the image " + shown(url) + " was answered with " + answer.status());
    }
    long begin = goesOn ? from : 0;
    long bytes = answer.length() < 0 ? -1 : begin + answer.length();
    return new Opened(answer.body(), answer, begin, bytes, version(answer));
  }

  private static boolean beginsAt(HttpAnswer answer, long from) {
    String range = answer.header("content-range");
    return range != null && range.startsWith("bytes " + from + "-");
  }

  /// Only a strong tag says that all bytes are the same.
  private static String version(HttpAnswer answer) {
    String tag = answer.header("etag");
    if (tag != null) {
      return tag.startsWith("\"") ? tag : "";
    }
    String date = answer.header("last-modified");
    return date == null ? "" : date;
  }

  private static void requireWeb(URI url) {
    boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!web || url.getHost() == null) {
      throw new ImageException(
          Reason.FORBIDDEN,
          "the image leads to " + shown(url) + ", which is neither http nor https");
    }
  }
}
