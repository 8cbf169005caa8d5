package dev.otherix.apiserver.cel;

/// The value `null` of CEL.
enum Null {
  NULL
}
