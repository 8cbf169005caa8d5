import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/// Called by hack/lay-out-dist: writes the classes of a jar in a format that Java's AOT cache takes.
/// It refuses classes older than Java 6, which have no stack maps and need the old, slow verifier;
/// picocli's are of Java 5. Code, names and resources stay as they are. The same jar gives the same
/// bytes. See docs/adr/0017-start-of-a-command.md.
final class ModernClasses {
  private static final int JAVA_6 = 50;
  private static final int JAVA_8 = 52;

  private ModernClasses() {}

  public static void main(String[] arguments) throws IOException {
    for (String argument : arguments) {
      Path jar = Path.of(argument);
      Path fresh = Path.of(argument + ".new");
      rewrite(jar, fresh);
      Files.move(fresh, jar, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void rewrite(Path jar, Path fresh) throws IOException {
    URL[] place = {jar.toUri().toURL()};
    try (JarFile in = new JarFile(jar.toFile());
        URLClassLoader classes = new URLClassLoader(place, ClassLoader.getPlatformClassLoader());
        OutputStream file = Files.newOutputStream(fresh);
        JarOutputStream out = new JarOutputStream(file)) {
      ClassFile format =
          ClassFile.of(
              StackMapsOption.GENERATE_STACK_MAPS,
              ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)));
      Enumeration<JarEntry> entries = in.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        JarEntry copy = new JarEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        try (InputStream bytes = in.getInputStream(entry)) {
          byte[] content = bytes.readAllBytes();
          out.write(entry.getName().endsWith(".class") ? modern(format, content) : content);
        }
        out.closeEntry();
      }
    }
  }

  private static byte[] modern(ClassFile format, byte[] content) {
    ClassModel old = format.parse(content);
    if (old.majorVersion() >= JAVA_6) {
      return content;
    }
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(JAVA_8, 0);
          } else {
            builder.with(element);
          }
        };
    ClassTransform anew = ClassTransform.transformingMethodBodies((code, each) -> code.with(each));
    return format.transformClass(old, version.andThen(anew));
  }
}
