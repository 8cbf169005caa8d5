package dev.otherix.apimachinery.selector;

/// How a label selector's term compares.
public enum Operator {
  EQUALS("="),
  NOT_EQUALS("!="),
  IN("in"),
  NOT_IN("notin"),
  EXISTS("exists"),
  DOES_NOT_EXIST("!"),
  GREATER_THAN("gt"),
  LESS_THAN("lt");

  private final String wireName;

  Operator(String wireName) {
    this.wireName = wireName;
  }

  /// The name in Kubernetes' messages.
  public String wireName() {
    return wireName;
  }
}
