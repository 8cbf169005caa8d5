package dev.otherix.apiserver.cel;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The functions beyond CEL's standard ones, as the type checker has to know them. One line is one
/// overload: the name, what it takes, what it gives; a first argument before a dot is the target.
final class Library {
  private static final String SIGNATURES =
      """
      charAt string.(int) string
      indexOf string.(string) int
      indexOf string.(string,int) int
      lastIndexOf string.(string) int
      lastIndexOf string.(string,int) int
      lowerAscii string.() string
      upperAscii string.() string
      replace string.(string,string) string
      replace string.(string,string,int) string
      split string.(string) list<string>
      split string.(string,int) list<string>
      substring string.(int) string
      substring string.(int,int) string
      trim string.() string
      format string.(list<dyn>) string
      strings.quote (string) string
      join list<string>.() string
      join list<string>.(string) string
      find string.(string) string
      findAll string.(string) list<string>
      findAll string.(string,int) list<string>
      isSorted list<T>.() bool
      sum list<T>.() T
      min list<T>.() T
      max list<T>.() T
      indexOf list<T>.(T) int
      lastIndexOf list<T>.(T) int
      sets.contains (list<T>,list<T>) bool
      sets.equivalent (list<T>,list<T>) bool
      sets.intersects (list<T>,list<T>) bool
      url (string) url
      isURL (string) bool
      getScheme url.() string
      getHost url.() string
      getHostname url.() string
      getPort url.() string
      getEscapedPath url.() string
      getQuery url.() map<list<string>>
      ip (string) ip
      isIP (string) bool
      ip.isCanonical (string) bool
      string (ip) string
      family ip.() int
      isUnspecified ip.() bool
      isLoopback ip.() bool
      isLinkLocalMulticast ip.() bool
      isLinkLocalUnicast ip.() bool
      isGlobalUnicast ip.() bool
      cidr (string) cidr
      isCIDR (string) bool
      string (cidr) string
      containsIP cidr.(ip) bool
      containsIP cidr.(string) bool
      containsCIDR cidr.(cidr) bool
      containsCIDR cidr.(string) bool
      ip cidr.() ip
      masked cidr.() cidr
      prefixLength cidr.() int
      quantity (string) quantity
      isQuantity (string) bool
      sign quantity.() int
      isInteger quantity.() bool
      asInteger quantity.() int
      asApproximateFloat quantity.() double
      add quantity.(quantity) quantity
      add quantity.(int) quantity
      sub quantity.(quantity) quantity
      sub quantity.(int) quantity
      isGreaterThan quantity.(quantity) bool
      isLessThan quantity.(quantity) bool
      compareTo quantity.(quantity) int
      format.named (string) optional<format>
      validate format.(string) optional<list<string>>
      optional.of (T) optional<T>
      optional.ofNonZeroValue (T) optional<T>
      optional.none () optional<T>
      hasValue optional<T>.() bool
      value optional<T>.() T
      or optional<T>.(optional<T>) optional<T>
      orValue optional<T>.(T) T
      _[?_] (list<T>,int) optional<T>
      _[?_] (optional<list<T>>,int) optional<T>
      _[?_] (mapOf<K,V>,K) optional<V>
      _[?_] (optional<mapOf<K,V>>,K) optional<V>
      _[_] (optional<list<T>>,int) optional<T>
      _[_] (optional<mapOf<K,V>>,K) optional<V>
      """;

  private Library() {}

  static List<CelFunctionDecl> declarations() {
    Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    SIGNATURES.lines().forEach(line -> add(overloads, line));
    for (String name : NamedFormat.all().keySet()) {
      add(overloads, "format." + name + " () format");
    }
    List<CelFunctionDecl> functions = new ArrayList<>();
    overloads.forEach(
        (name, each) -> functions.add(CelFunctionDecl.newFunctionDeclaration(name, each)));
    return functions;
  }

  private static void add(Map<String, List<CelOverloadDecl>> overloads, String line) {
    int space = line.indexOf(' ');
    int last = line.lastIndexOf(' ');
    String name = line.substring(0, space);
    String taken = line.substring(space + 1, last);
    CelType result = type(line.substring(last + 1));
    int open = taken.indexOf('(');
    boolean member = open > 0;
    List<CelType> parameters = new ArrayList<>();
    if (member) {
      parameters.add(type(taken.substring(0, open - 1)));
    }
    parameters.addAll(types(taken.substring(open + 1, taken.length() - 1)));
    String id = line.replace(' ', '_');
    overloads
        .computeIfAbsent(name, _ -> new ArrayList<>())
        .add(
            member
                ? CelOverloadDecl.newMemberOverload(id, result, parameters)
                : CelOverloadDecl.newGlobalOverload(id, result, parameters));
  }

  /// Types between commas that are not inside of `<>`.
  private static List<CelType> types(String text) {
    List<CelType> types = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char each = i == text.length() ? ',' : text.charAt(i);
      depth += each == '<' ? 1 : each == '>' ? -1 : 0;
      if (each == ',' && depth == 0 && i > start) {
        types.add(type(text.substring(start, i)));
        start = i + 1;
      }
    }
    return types;
  }

  private static CelType type(String text) {
    int open = text.indexOf('<');
    if (open >= 0) {
      List<CelType> inner = types(text.substring(open + 1, text.length() - 1));
      return switch (text.substring(0, open)) {
        case "list" -> ListType.create(inner.getFirst());
        case "map" -> MapType.create(SimpleType.STRING, inner.getFirst());
        case "mapOf" -> MapType.create(inner.getFirst(), inner.getLast());
        case "optional" -> OptionalType.create(inner.getFirst());
        default -> throw new IllegalStateException(text);
      };
    }
    return switch (text) {
      case "T", "K", "V" -> TypeParamType.create(text);
      case "dyn" -> SimpleType.DYN;
      case "url" -> OpaqueType.create("kubernetes.URL");
      case "ip" -> OpaqueType.create("net.IP");
      case "cidr" -> OpaqueType.create("net.CIDR");
      case "quantity" -> OpaqueType.create("kubernetes.Quantity");
      case "format" -> OpaqueType.create("kubernetes.NamedFormat");
      default -> SimpleType.findByName(text).orElseThrow(() -> new IllegalStateException(text));
    };
  }
}
