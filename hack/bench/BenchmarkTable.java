import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Prints JMH's JSON results as a Markdown table, with the machine in front. Reads only the fields
/// that it prints, so it needs no library.
final class BenchmarkTable {
  private static final Pattern RESULT =
      Pattern.compile(
          "\"benchmark\" : \"([^\"]+)\"(.*?)\"primaryMetric\" : \\{\\s*\"score\" : ([0-9.E+-]+),"
              + "\\s*\"scoreError\" : ([^,]+),(.*?)\"gc.alloc.rate.norm\" : \\{\\s*\"score\" :"
              + " ([0-9.E+-]+),",
          Pattern.DOTALL);
  private static final Pattern PARAM = Pattern.compile("\"params\" : \\{\\s*\"bytes\" : \"(\\d+)\"");

  public static void main(String[] arguments) throws IOException {
    String json = Files.readString(Path.of(arguments[0]));
    System.out.printf(
        "%s %s, %d processors, %s%n%n",
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.version"));
    System.out.println("| benchmark | ns/op | +- | bytes/op |\n|---|---:|---:|---:|");
    Matcher result = RESULT.matcher(json);
    while (result.find()) {
      Matcher param = PARAM.matcher(result.group(2));
      String name = result.group(1).replaceFirst(".*\\.(\\w+)Benchmark\\.", "$1.");
      System.out.printf(
          "| %s%s | %,.0f | %s | %,.0f |%n",
          name,
          param.find() ? " " + param.group(1) + " B" : "",
          Double.parseDouble(result.group(3)),
          error(result.group(4)),
          Double.parseDouble(result.group(6)));
    }
  }

  private static String error(String text) {
    return text.contains("NaN") ? "" : "%,.0f".formatted(Double.parseDouble(text));
  }
}
