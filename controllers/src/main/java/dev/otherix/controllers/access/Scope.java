package dev.otherix.controllers.access;

/// On whose objects a right counts.
enum Scope {
  NONE("-"),
  OWN("own"),
  ANY("any");

  private final String shown;

  Scope(String shown) {
    this.shown = shown;
  }

  String shown() {
    return shown;
  }
}
