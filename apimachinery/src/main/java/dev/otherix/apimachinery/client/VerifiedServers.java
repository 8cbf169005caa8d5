package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The certificates that Java's TLS has verified, each for one address and one authority: its
/// chain, its time, its name. They are remembered on disk for a day and no longer than they are
/// valid, so that a command need not do it all again. A server that shows another certificate, and
/// a client that trusts another authority, begin anew. The folder is as secret as the configuration
/// beside it: who may write there may as well replace the authority. Immutable.
public final class VerifiedServers {
  static final Duration AGE_MAX = Duration.ofDays(1);

  private static final int FILE_BYTES_MAX = 1024 * 1024;
  private static final int NAME_LENGTH_MAX = 100;

  private final Path folder;
  private final InstantSource clock;

  /// @param folder made when something is remembered
  public VerifiedServers(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /// Whether a server of this config is remembered at all.
  private static boolean suits(Kubeconfig config) {
    return config.isTls() && !config.insecure() && !config.authority().isEmpty();
  }

  /// What the server has been verified with, in DER; null when that is not known or too long ago.
  byte @Nullable [] certificate(Kubeconfig config) {
    if (!suits(config)) {
      return null;
    }
    Path file = file(config);
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        return null;
      }
      ObjectNode known = Json.parseObject(Files.readString(file, StandardCharsets.UTF_8));
      long now = clock.instant().getEpochSecond();
      boolean holds =
          known.path("server").asString("").equals(config.server().toString())
              && known.path("authority").asString("").equals(config.authority())
              && known.path("since").asLong(Long.MAX_VALUE) <= now
              && now < known.path("until").asLong(0);
      return holds ? Base64.getDecoder().decode(known.path("certificate").asString("")) : null;
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException | ApiException | IllegalArgumentException e) {
      tell("the server is verified anew: " + file + " cannot be used", e);
      return null;
    }
  }

  /// Called when Java's TLS has verified the server. That it cannot be remembered costs time only.
  void remember(Kubeconfig config, X509Certificate certificate) {
    if (!suits(config)) {
      return;
    }
    try {
      Instant now = clock.instant();
      Instant end = certificate.getNotAfter().toInstant();
      Instant day = now.plus(AGE_MAX);
      ObjectNode known = JsonNodeFactory.instance.objectNode();
      known.put("server", config.server().toString()).put("authority", config.authority());
      known.put("certificate", Base64.getEncoder().encodeToString(certificate.getEncoded()));
      known.put("since", now.getEpochSecond());
      known.put("until", (end.isBefore(day) ? end : day).getEpochSecond());
      write(file(config), CanonicalJson.encode(known));
    } catch (IOException | CertificateEncodingException e) {
      tell("a verified server cannot be remembered in " + folder, e);
    }
  }

  /// Without a constant: to find a logger is felt in a command.
  private static void tell(String message, Exception e) {
    System.getLogger(VerifiedServers.class.getName()).log(Level.DEBUG, message, e);
  }

  private void write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path fresh =
        Files.createTempFile(
            folder,
            "new",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(fresh, bytes);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file(Kubeconfig config) {
    String server = config.server().toString();
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < Math.min(server.length(), NAME_LENGTH_MAX); i++) {
      char each = server.charAt(i);
      name.append(each < 128 && Character.isLetterOrDigit(each) ? each : '_');
    }
    return folder.resolve(name + "-" + Integer.toHexString(server.hashCode()) + ".json");
  }
}
