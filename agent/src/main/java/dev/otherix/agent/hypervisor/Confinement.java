package dev.otherix.agent.hypervisor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What keeps a machine's process from harming its host.
///
/// @param user that it runs as; null when that is the agent's
/// @param limits whether its memory, processor time and threads are bounded by the host
/// @param lacks what is missing and what to do about it, for people; empty when nothing is
public record Confinement(@Nullable String user, boolean limits, List<String> lacks) {
  public Confinement {
    lacks = List.copyOf(lacks);
  }
}
