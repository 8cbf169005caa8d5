package dev.otherix.controllers.networks;

import static dev.otherix.controllers.cluster.OtherixResources.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.schemas.Schemas;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class SecurityRuleControllerTest {
  @Test
  void rule_goesWithItsMachine_alsoWhenItWasThereFirst() throws Exception {
    try (TestCluster cluster = new TestCluster(Schemas.kinds())) {
      ResourceClient vms = cluster.client().resource(OtherixResources.VMS);
      ResourceClient rules = cluster.client().resource(OtherixResources.SECURITY_RULES);
      SecurityRuleController.addTo(cluster.host());
      GarbageCollector.startOn(cluster.host());
      cluster.host().start();
      String spec = "\"vmName\": \"web\", \"direction\": \"ingress\"";
      rules.create(Manifests.object("SecurityRule", "early", spec));
      ObjectNode web = vms.create(Manifests.vm("web", ""));
      rules.create(Manifests.object("SecurityRule", "late", spec));
      rules.create(Manifests.object("SecurityRule", "other", spec.replace("\"web\"", "\"db\"")));
      for (String each : new String[] {"early", "late"}) {
        await()
            .atMost(TestCluster.PATIENCE)
            .untilAsserted(() ->
                assertEquals(
                    web.at("/metadata/uid").asString("uid"),
                    rules.get(key(each)).at("/metadata/ownerReferences/0/uid").asString("")));
      }
      vms.delete(key("web"), DeleteOptions.DEFAULT);
      await().atMost(TestCluster.PATIENCE).until(() -> rules.find(key("early")).isEmpty());
      await().atMost(TestCluster.PATIENCE).until(() -> rules.find(key("late")).isEmpty());
      assertEquals("other", rules.get(key("other")).at("/metadata/name").asString(""));
    }
  }
}
