package dev.otherix.agent.hypervisor;

/// The hypervisor did not do what was asked. The message says what, of which machine, and why.
public final class HypervisorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public HypervisorException(String message) {
    super(message);
  }

  public HypervisorException(String message, Throwable cause) {
    super(message, cause);
  }
}
