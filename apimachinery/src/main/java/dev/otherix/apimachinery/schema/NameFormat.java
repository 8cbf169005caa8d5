package dev.otherix.apimachinery.schema;

/// What `metadata.name` of a kind may look like.
public enum NameFormat {
  /// Lower-case words joined by dots, at most 253 characters. The default.
  DNS_SUBDOMAIN("dns-subdomain"),
  /// One lower-case word, at most 63 characters: for names that become host names.
  DNS_LABEL("dns-label");

  private final String wireName;

  NameFormat(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /// What is wrong with `name` and what would be right, or the empty string for a good name.
  public String violation(String name) {
    return switch (this) {
      case DNS_SUBDOMAIN ->
          Dns.isSubdomain(name)
              ? ""
              : "must be a lower-case DNS subdomain: words of letters, digits and '-' joined by"
                  + " '.', each starting and ending with a letter or digit, at most "
                  + Dns.SUBDOMAIN_MAX
                  + " characters";
      case DNS_LABEL ->
          Dns.isLabel(name)
              ? ""
              : "must be a DNS label: lower-case letters, digits and '-', starting and ending with"
                  + " a letter or digit, at most "
                  + Dns.LABEL_MAX
                  + " characters";
    };
  }
}
