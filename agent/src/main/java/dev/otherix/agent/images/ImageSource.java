package dev.otherix.agent.images;

import dev.otherix.agent.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens what an image URL names: a file in an allowed folder, or something on the web that is not
/// this machine or its metadata service.
final class ImageSource {
  private static final int REDIRECTS_MAX = 5;
  private static final int OK = 200;
  private static final int SHARED_FIRST = 100;
  private static final int SHARED_MASK = 0xc0;
  private static final int SHARED_SECOND = 64;

  private final ImageLimits limits;

  ImageSource(ImageLimits limits) {
    this.limits = limits;
  }

  /// @param bytes as the source says, -1 when it does not
  record Opened(InputStream content, long bytes) {}

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

  Opened open(URI url) {
    try {
      return url.getScheme().equals("file") ? file(url) : web(url);
    } catch (IOException e) {
      throw new ImageException(
          Reason.UNAVAILABLE, "the image " + shown(url) + " cannot be read: " + e.getMessage(), e);
    }
  }

  private Opened file(URI url) throws IOException {
    Path file = Path.of(url.getPath());
    Path real = file.toRealPath();
    for (Path folder : limits.folders()) {
      if (Files.isDirectory(folder)
          && real.startsWith(folder.toRealPath())
          && Files.isRegularFile(real)) {
        return new Opened(Files.newInputStream(real), Files.size(real));
      }
    }
    throw new ImageException(
        Reason.FORBIDDEN,
        "the image "
            + shown(url)
            + " is a file outside of the folders that this node allows; allow its folder with"
            + " --image-folder, or offer it by https");
  }

  private Opened web(URI first) throws IOException {
    URI url = first;
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
      checkHost(url);
      HttpURLConnection http = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
      http.setInstanceFollowRedirects(false);
      http.setConnectTimeout((int) limits.silenceMax().toMillis());
      http.setReadTimeout((int) limits.silenceMax().toMillis());
      int status = http.getResponseCode();
      String next = http.getHeaderField("location");
      if (status / 100 == 3 && next != null) {
        http.disconnect();
        url = url.resolve(next);
        continue;
      }
      if (status != OK) {
        http.disconnect();
        throw new ImageException(
            Reason.UNAVAILABLE, "the image " + shown(url) + " was answered with " + status);
      }
      return new Opened(http.getInputStream(), http.getContentLengthLong());
    }
    throw new ImageException(
        Reason.UNAVAILABLE,
        "the image " + shown(first) + " leads on more than " + REDIRECTS_MAX + " times");
  }

  private void checkHost(URI url) throws UnknownHostException {
    String host = url.getHost();
    boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!web || host == null) {
      throw new ImageException(
          Reason.FORBIDDEN,
          "the image leads to " + shown(url) + ", which is neither http nor https");
    }
    if (limits.privateHosts().contains(host)) {
      return;
    }
    for (InetAddress address : InetAddress.getAllByName(host)) {
      if (forbidden(address)) {
        throw new ImageException(
            Reason.FORBIDDEN,
            "the image "
                + shown(url)
                + " is at "
                + address.getHostAddress()
                + ", which is this machine or its link; offer it at another address, or allow the"
                + " host with --image-host");
      }
    }
  }

  /// Addresses of private networks are allowed: image servers stand there.
  static boolean forbidden(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean shared =
        bytes.length == 4
            && (bytes[0] & 0xff) == SHARED_FIRST
            && (bytes[1] & SHARED_MASK) == SHARED_SECOND;
    return shared
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isMulticastAddress()
        || address.isAnyLocalAddress();
  }
}
