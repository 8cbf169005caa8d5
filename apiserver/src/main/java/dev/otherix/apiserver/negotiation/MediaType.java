package dev.otherix.apiserver.negotiation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A media type, such as `application/json;as=Table;v=v1;g=meta.k8s.io`.
///
/// @param type in lower case; `*` in a clause of [Accept] that takes any
/// @param subtype in lower case; `*` likewise
/// @param parameters names in lower case, values as they were sent, in their order
public record MediaType(String type, String subtype, Map<String, String> parameters) {
  public static final MediaType JSON = new MediaType("application", "json", Map.of());
  public static final MediaType YAML = new MediaType("application", "yaml", Map.of());
  public static final MediaType PROTOBUF =
      new MediaType("application", "vnd.kubernetes.protobuf", Map.of());

  static final int PARAMETERS_MAX = 16;
  static final String ANY = "*";

  public MediaType {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /// Reads the value of a `Content-Type` header. Empty when it is none: a missing slash, a name
  /// that is no token, more parameters than anybody sends.
  public static Optional<MediaType> parse(String text) {
    return Optional.ofNullable(read(text));
  }

  /// Type and subtype without parameters: `application/json`.
  public String essence() {
    return type + "/" + subtype;
  }

  public boolean hasEssence(String essence) {
    return essence.length() == type.length() + 1 + subtype.length()
        && essence.startsWith(type)
        && essence.charAt(type.length()) == '/'
        && essence.endsWith(subtype);
  }

  public @Nullable String parameter(String name) {
    return parameters.get(name);
  }

  /// Whether `other` is of this type, which may have wildcards. Parameters do not count.
  public boolean includes(MediaType other) {
    return (type.equals(ANY) || type.equals(other.type))
        && (subtype.equals(ANY) || subtype.equals(other.subtype));
  }

  /// How much a clause says: 0 `*/*`, 1 `text/*`, 2 a concrete type.
  int precision() {
    if (type.equals(ANY)) {
      return 0;
    }
    return subtype.equals(ANY) ? 1 : 2;
  }

  MediaType without(String parameter) {
    if (!parameters.containsKey(parameter)) {
      return this;
    }
    Map<String, String> left = new LinkedHashMap<>(parameters);
    left.remove(parameter);
    return new MediaType(type, subtype, left);
  }

  /// The header form.
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(essence());
    parameters.forEach((name, value) -> {
      out.append(';').append(name).append('=');
      if (isToken(value)) {
        out.append(value);
      } else {
        out.append('"').append(value.replace("\\", "\\\\").replace("\"", "\\\""));
        out.append('"');
      }
    });
    return out.toString();
  }

  static @Nullable MediaType read(String text) {
    List<String> parts = HeaderText.split(text, ';', PARAMETERS_MAX + 2);
    if (parts.size() > PARAMETERS_MAX + 1) {
      return null;
    }
    String essence = parts.getFirst().strip().toLowerCase(Locale.ROOT);
    int slash = essence.indexOf('/');
    if (slash < 0) {
      return null;
    }
    String type = essence.substring(0, slash);
    String subtype = essence.substring(slash + 1);
    if (!isToken(type) || !isToken(subtype) || (type.equals(ANY) && !subtype.equals(ANY))) {
      return null;
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : parts.subList(1, parts.size())) {
      if (part.isBlank()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name = equals < 0 ? "" : part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      String value = HeaderText.unquoted(part.substring(equals + 1).strip());
      if (!isToken(name) || value == null) {
        return null;
      }
      parameters.putIfAbsent(name, value);
    }
    return new MediaType(type, subtype, parameters);
  }

  private static boolean isToken(String text) {
    return HeaderText.isToken(text);
  }
}
