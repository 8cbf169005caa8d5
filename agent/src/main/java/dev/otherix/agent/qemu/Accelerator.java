package dev.otherix.agent.qemu;

/// What runs the guest's instructions.
enum Accelerator {
  KVM("kvm"),
  TCG("tcg");

  private final String word;

  Accelerator(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }
}
