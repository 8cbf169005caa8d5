package dev.otherix.apiserver.cel;

/// A type as a value: what `type(x)` answers and what `string` means where a value stands.
record TypeName(String name) {}
