import dev.otherix.apimachinery.client.*;
import dev.otherix.apimachinery.informer.*;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.nio.file.Path;

/// Tells when a VM changes its phase. Run it with the libraries of a distribution:
/// `java -cp 'lib/*' WatchVms.java admin.kubeconfig`
class WatchVms {
  static void main(String[] args) throws Exception {
    Kubeconfig config = Kubeconfig.read(Path.of(args[0]));
    ApiClient client = new ApiClient(HttpTransport.to(config), ClientOptions.of("watch-vms"));
    ResourceClient vms = client.resource(new GroupVersionResource("otherix", "v1", "vms"));
    try (Informer informer = new Informer(vms, InformerOptions.ALL)) {
      informer.addHandler("tell", (key, before, after) -> {
        String was = before == null ? "" : before.at("/status/phase").asString("Pending");
        String is = after == null ? "gone" : after.at("/status/phase").asString("Pending");
        if (!was.equals(is)) {
          IO.println(key + ": " + is);
        }
      });
      informer.start();
      Thread.currentThread().join();
    }
  }
}
