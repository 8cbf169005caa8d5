package dev.otherix.ctl;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.object.GoDuration;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.audit.AuditLevel;
import dev.otherix.apiserver.backup.Backups;
import dev.otherix.controllers.access.FirstAdmin;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.store.StoreConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a control plane is told: by options, by environment, by a file, in this order.
///
/// @param unixGroup whose members may use the socket; empty for nobody
/// @param additionalSans further names in the server's certificate
/// @param shutdownGrace how long requests may go on after the order to stop
/// @param advertise where clients and agents reach it; null for what can be guessed
/// @param store where the objects are
/// @param backups null for none
/// @param traces null for none
record ServerConfig(
    Path dataDir,
    String bind,
    int port,
    @Nullable Path unixSocket,
    String unixGroup,
    List<String> additionalSans,
    Duration shutdownGrace,
    @Nullable URI advertise,
    AuditLevel auditLevel,
    String logLevel,
    StoreConfig store,
    Backups.@Nullable Plan backups,
    TraceOptions.@Nullable Plan traces) {
  /// The variable that may hold the passphrase of the secrets at rest.
  static final String PASSPHRASE = "OTHERIX_SECRETS_PASSPHRASE";

  /// The variable with the passphrase that takes its place, see [MasterKeyCommand].
  static final String NEW_PASSPHRASE = "OTHERIX_SECRETS_NEW_PASSPHRASE";

  private static final String ENVIRONMENT = "OTHERIX_";

  /// Variables that are for others than this record.
  private static final Set<String> NO_KEYS =
      Set.of(
          "OTHERIX_JAVA_OPTS",
          PASSPHRASE,
          NEW_PASSPHRASE,
          FirstAdmin.USER_NAME,
          FirstAdmin.PASSWORD);

  private static final int PORT_MAX = 65_535;
  private static final int BACKUPS_MAX = 10_000;
  private static final Duration BACKUP_EVERY_MIN = Duration.ofMinutes(1);

  private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

  static {
    DEFAULTS.put("data_dir", "/var/lib/otherix");
    DEFAULTS.put("server.bind", "127.0.0.1");
    DEFAULTS.put("server.port", "8443");
    DEFAULTS.put("server.unix_socket", "");
    DEFAULTS.put("server.unix_group", LocalGroup.DEFAULT);
    DEFAULTS.put("server.additional_sans", "");
    DEFAULTS.put("server.shutdown_grace", "30s");
    DEFAULTS.put("server.advertise", "");
    DEFAULTS.put("backup.dir", "");
    DEFAULTS.put("backup.every", "");
    DEFAULTS.put("backup.keep", "7");
    DEFAULTS.put("audit.level", "changes");
    DEFAULTS.put("logger.level", "info");
    DEFAULTS.putAll(new TreeMap<>(TraceOptions.DEFAULTS));
    DEFAULTS.putAll(new TreeMap<>(StoreConfig.DEFAULTS));
  }

  /// The keys and their values, before they are understood.
  static final class Source {
    private final Map<String, String> values = new LinkedHashMap<>(DEFAULTS);

    /// @param value null leaves the key as it is
    void set(String key, @Nullable String value) {
      if (value == null) {
        return;
      }
      if (!DEFAULTS.containsKey(key)) {
        throw new CommandFailure(
            "the configuration key \""
                + key
                + "\" is not known; known are "
                + String.join(", ", DEFAULTS.keySet()));
      }
      values.put(key, value);
    }

    private Backups.@Nullable Plan backups() {
      String every = get("backup.every");
      Duration period = every.isEmpty() ? null : duration("backup.every", every);
      if (period != null && period.compareTo(BACKUP_EVERY_MIN) < 0) {
        throw new CommandFailure("backup.every " + every + " is less than a minute");
      }
      int keep = number("backup.keep", get("backup.keep"), 1, BACKUPS_MAX);
      String folder = get("backup.dir");
      if (folder.isEmpty()) {
        if (period != null) {
          throw new CommandFailure("backup.every needs backup.dir: name a folder for them");
        }
        return null;
      }
      return new Backups.Plan(Path.of(folder), period, keep);
    }

    private String get(String key) {
      return values.getOrDefault(key, "");
    }

    ServerConfig read() {
      String socket = get("server.unix_socket");
      List<String> names = new ArrayList<>();
      for (String name : get("server.additional_sans").split(",", -1)) {
        if (!name.isBlank()) {
          names.add(name.strip());
        }
      }
      return new ServerConfig(
          Path.of(get("data_dir")),
          get("server.bind"),
          number("server.port", get("server.port"), 0, PORT_MAX),
          socket.isEmpty() ? null : Path.of(socket),
          get("server.unix_group"),
          names,
          duration("server.shutdown_grace", get("server.shutdown_grace")),
          advertise(get("server.advertise")),
          auditLevel(get("audit.level")),
          get("logger.level"),
          StoreConfig.read(this::get),
          backups(),
          TraceOptions.read(this::get));
    }
  }

  static Source source(@Nullable Path file, Map<String, String> environment) {
    Source source = new Source();
    if (file != null) {
      walk("", tree(file), source);
    }
    environment.forEach((name, value) -> {
      String rest = name.startsWith(ENVIRONMENT) ? name.substring(ENVIRONMENT.length()) : "";
      if (!rest.isEmpty() && !NO_KEYS.contains(name)) {
        source.set(rest.toLowerCase(Locale.ROOT).replace("__", "."), value);
      }
    });
    return source;
  }

  private static JsonNode tree(Path file) {
    try {
      return Yaml.read(Files.readAllBytes(file), Limits.REQUEST).tree();
    } catch (IOException e) {
      throw new CommandFailure("cannot read the configuration " + file + ": " + e.getMessage(), e);
    } catch (ApiException e) {
      throw new CommandFailure("the configuration " + file + " is wrong: " + e.getMessage(), e);
    }
  }

  private static void walk(String at, JsonNode node, Source source) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(member ->
              walk(
                  at.isEmpty() ? member.getKey() : at + "." + member.getKey(),
                  member.getValue(),
                  source));
    } else if (node.isArray()) {
      StringJoiner items = new StringJoiner(",");
      node.forEach(item -> items.add(item.asString("")));
      source.set(at, items.toString());
    } else if (!node.isNull()) {
      source.set(at, node.asString(""));
    }
  }

  private static int number(String key, String text, int min, int max) {
    try {
      int number = Integer.parseInt(text);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Told below, like a number out of range.
    }
    throw new CommandFailure(key + " \"" + text + "\" is not a number from " + min + " to " + max);
  }

  private static @Nullable URI advertise(String text) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI url = URI.create(text);
      if ("https".equals(url.getScheme()) && url.getHost() != null && url.getPort() > 0) {
        return url;
      }
    } catch (IllegalArgumentException _) {
      // Told below, like what has no host.
    }
    throw new CommandFailure(
        "server.advertise \"" + text + "\" is no address like https://host:8443");
  }

  private static AuditLevel auditLevel(String text) {
    for (AuditLevel each : AuditLevel.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
        return each;
      }
    }
    throw new CommandFailure("audit.level \"" + text + "\" is not one of none, changes, all");
  }

  private static Duration duration(String key, String text) {
    try {
      return GoDuration.parse(text).toDuration();
    } catch (IllegalArgumentException | ApiException e) {
      throw new CommandFailure(key + " \"" + text + "\" is not a duration such as 30s", e);
    }
  }
}
