package dev.otherix.apiserver.builtin;

enum NoRules implements KindRules {
  NONE
}
