package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.client.Pause;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What all keepers of a node work with.
///
/// @param arch of the host, `amd64` or `arm64`
public record Shared(
    ServerView server,
    Hypervisor hypervisor,
    String arch,
    RecordStore records,
    ImageStore images,
    Pools pools,
    NicAttachment nics,
    Fence fence,
    Pause pause,
    InstantSource clock,
    RandomGenerator random) {}
