package dev.otherix.agent.hypervisor;

/// What a guest has of its host.
public record MachineSize(int vcpus, int memoryMiB) {}
