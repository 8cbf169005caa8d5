package dev.otherix.apimachinery.codec;

/// Where in a text something stands; both count from 1.
public record Position(int line, int column) {
  @Override
  public String toString() {
    return "line " + line + ", column " + column;
  }
}
