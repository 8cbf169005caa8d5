package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Functions of the C library, for what Java cannot ask of the kernel.
final class CLibrary {
  private static final int EINTR = 4;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private CLibrary() {}

  // The C library cannot be called otherwise; the shapes are those of its documentation.
  @SuppressWarnings("restricted")
  static MethodHandle function(String name, FunctionDescriptor shape) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), shape, Linker.Option.captureCallState("errno"));
  }

  /// The same for one that takes any number of arguments.
  ///
  /// @param fixed how many it always takes
  @SuppressWarnings("restricted") // As above.
  static MethodHandle variadic(String name, int fixed, FunctionDescriptor shape) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        shape,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }

  /// @throws NetworkException when it fails
  static long call(MethodHandle function, String name, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURED);
      Object[] all = new Object[arguments.length + 1];
      all[0] = state;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      while (true) {
        long result = ((Number) function.invokeWithArguments(all)).longValue();
        if (result >= 0) {
          return result;
        }
        int error = (int) ERRNO.get(state, 0L);
        if (error != EINTR) {
          throw new NetworkException(name + " failed with error " + error + " of the kernel");
        }
      }
    } catch (NetworkException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call " + name, e);
    }
  }
}
