package dev.otherix.ctl.failure;

/// What the process ends with. Documented in docs/reference/cli-exit-codes.md.
public enum Exit {
  OK(0),
  FAILURE(1),
  USAGE(2),
  TIMEOUT(3),
  CONFLICT(4),
  NOT_FOUND(5),
  UNAUTHORISED(6);

  private final int code;

  Exit(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
