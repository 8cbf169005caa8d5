package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.MessageStream;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.relay.Tickets.Ticket;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The streams of machines:
///
/// - `POST .../vms/NAME/console`, `.../vnc` and `.../portforward` issue a token; `GET
///   /v1/streams?token=TOKEN` as a WebSocket opens what it is for, once, within thirty seconds.
/// - `GET .../vms/NAME/log` answers with the log, and goes on with `follow=true`.
/// - `GET /v1/calls/NODE` is held by the agent of the node, which answers a call by opening `GET
///   /v1/calls/NODE/ID` as a WebSocket, or refuses it by a POST there. It names its line
///   (`?line=ID`), so that one that it opens anew takes the place of the former.
///
/// Tokens are in the store, and an agent is connected to every server of its cluster, so that
/// people may ask any. What is open is known to its server alone.
///
/// A stream ends within a second when whoever asked for it may not have it any more; at another
/// server than the one that was asked, it ends after a quarter of an hour.
public final class Relay {
  private static final System.Logger LOG = System.getLogger(Relay.class.getName());
  private static final String STREAMS = "/v1/streams";
  private static final String CALLS = "/v1/calls";
  private static final Set<String> FLAGS = Set.of("", "true", "false", "1", "0");
  private static final Limits REFUSAL = new Limits(16 * 1024, 4, 0, 16, 1);
  private static final int LINE_ID_MAX = 64;
  private static final int LINES_MAX = 1_000_000;
  private static final int REPLAYED_LINES = 20;
  private static final int REPLAYED_LINES_MAX = 1000;
  private static final int PORT_MAX = 65535;
  private static final Headers TEXT =
      Headers.of("content-type", "text/plain; charset=utf-8").with("cache-control", "no-store");
  private static final Headers JSON = Headers.of("content-type", "application/json");

  private final Supplier<ResourceClient> vms;
  private final Tickets tickets;
  private final Switchboard switchboard = new Switchboard();

  /// @param vms throws while the server is starting
  public Relay(
      Supplier<ResourceClient> vms, Storage store, SecureRandom random, InstantSource clock) {
    this.vms = vms;
    this.tickets = new Tickets(store, random, clock);
  }

  public Pages addTo(Pages pages) {
    return pages.serving(STREAMS, this::stream).serving(CALLS, this::calls);
  }

  /// Whether anybody may ask: the token in the query says who.
  public static boolean isPublic(Permission permission) {
    return permission.path().equals(STREAMS) && permission.verb().equals("get");
  }

  /// Whether it is what the agent of this node does.
  public static boolean isOfNode(Permission permission, String node) {
    String own = CALLS + "/" + node;
    return permission.path().equals(own) || permission.path().startsWith(own + "/");
  }

  /// The token for a stream of a machine.
  ///
  /// @param stream `console`, `vnc` or `portforward`
  /// @param body of a console may have `tailLines`: how much of the log it begins with; of a
  ///   forward must have `port`, of the guest
  /// @throws ApiException 404 when there is no such machine, 409 when it is on no node, 503 when
  ///   the node's agent is not connected
  public ObjectNode issue(String stream, String vm, ObjectNode body, Call call)
      throws InterruptedException {
    ObjectNode options = options(stream, body);
    ObjectNode object = vms.get().get(OtherixResources.key(vm));
    String node = node(object);
    if (!switchboard.hears(node)) {
      throw ApiException.of(
          StatusReason.SERVICE_UNAVAILABLE,
          "the agent of node " + node + " is not connected; is it running?");
    }
    Tickets.Issued issued =
        tickets.issue(
            stream, vm, uid(object), call.caller().name(), call.standing().get(), options);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    return answer
        .put("apiVersion", OtherixResources.API_VERSION)
        .put("kind", "StreamTicket")
        .put("token", issued.token())
        .put("expiresAt", issued.ticket().expires().toString())
        .put("path", STREAMS);
  }

  private static ObjectNode options(String stream, ObjectNode body) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    for (String name : body.propertyNames()) {
      switch (stream + " " + name) {
        case "console tailLines" -> options.put("tail", number(body, name, 0, REPLAYED_LINES_MAX));
        case "portforward port" -> options.put("port", number(body, name, 1, PORT_MAX));
        default ->
            throw ApiException.badRequest(stream + " does not know \"" + name + "\"; leave it out");
      }
    }
    if (stream.equals("console") && options.isEmpty()) {
      options.put("tail", REPLAYED_LINES);
    }
    if (stream.equals("portforward") && options.isEmpty()) {
      throw ApiException.badRequest(
          "portforward needs a port of the guest, such as {\"port\": 22}");
    }
    return options;
  }

  private static long number(ObjectNode body, String name, int least, int most) {
    JsonNode value = body.path(name);
    long number = value.canConvertToInt() ? value.asInt(-1) : -1;
    if (number < least || number > most) {
      throw ApiException.badRequest(name + " is a number from " + least + " to " + most);
    }
    return number;
  }

  private static String uid(ObjectNode vm) {
    return vm.at("/metadata/uid").asString("");
  }

  private static String node(ObjectNode vm) {
    String node = vm.at("/spec/nodeName").asString("");
    if (node.isEmpty()) {
      throw conflict(vm.at("/metadata/name").asString(""), "it is on no node yet");
    }
    return node;
  }

  private static ApiException conflict(String vm, String detail) {
    return ApiException.conflict(OtherixResources.GROUP, "vms", vm, detail);
  }

  private Answer stream(Call call) throws InterruptedException {
    if (!call.request().method().equals("GET")) {
      throw notAllowed(call);
    }
    if (!call.request().webSocket()) {
      throw ApiException.badRequest("a stream is a WebSocket; ask for the upgrade");
    }
    call.requireThread();
    Tickets.Redeemed redeemed = tickets.redeem(call.params().text("token"));
    if (redeemed == null || !redeemed.allowed().getAsBoolean()) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED,
          "the token of the stream is not valid: it opens one stream, within "
              + Tickets.LIFETIME.toSeconds()
              + " seconds; ask for another");
    }
    Ticket ticket = redeemed.ticket();
    ObjectNode vm = vms.get().get(OtherixResources.key(ticket.vm()));
    if (!uid(vm).equals(ticket.uid())) {
      throw ApiException.notFound(OtherixResources.GROUP, "vms", ticket.vm());
    }
    ObjectNode order = order(ticket.stream(), vm).setAll(ticket.options());
    return answer(open(vm, order, ticket.user())).during(redeemed.allowed());
  }

  private static ObjectNode order(String stream, ObjectNode vm) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("stream", stream)
        .put("uid", uid(vm))
        .put("vm", vm.at("/metadata/name").asString(""));
  }

  private MessageStream open(ObjectNode vm, ObjectNode order, String user)
      throws InterruptedException {
    String node = node(vm);
    MessageStream stream = switchboard.connect(node, order);
    LOG.log(
        Level.INFO,
        "stream opened kind={0} vm={1} node={2} user={3}",
        order.path("stream").asString(""),
        order.path("vm").asString(""),
        node,
        user);
    return stream;
  }

  private static Answer.Stream answer(MessageStream stream) {
    return new Answer.Stream(200, TEXT, stream);
  }

  /// The log of a machine's console.
  ///
  /// @throws ApiException as [#issue]
  public Answer log(Call call, String vm) throws InterruptedException {
    String tail = call.params().text("tail");
    String follow = call.params().text("follow");
    if (!FLAGS.contains(follow)) {
      throw ApiException.badRequest("follow is true or false, not \"" + follow + "\"");
    }
    ObjectNode object = vms.get().get(OtherixResources.key(vm));
    ObjectNode order =
        order("log", object)
            .put("tail", lines(tail))
            .put("follow", follow.equals("true") || follow.equals("1"));
    return answer(open(object, order, call.caller().name()));
  }

  /// -1 for all.
  private static int lines(String tail) {
    if (tail.isEmpty()) {
      return -1;
    }
    try {
      int lines = Integer.parseInt(tail);
      if (lines >= -1 && lines <= LINES_MAX) {
        return lines;
      }
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("tail is a number of lines, not \"" + tail + "\"", e);
    }
    throw ApiException.badRequest("tail is -1 for all lines, or a number up to " + LINES_MAX);
  }

  private Answer calls(Call call) {
    String[] rest = call.route().path().substring(CALLS.length()).split("/", -1);
    String method = call.request().method();
    if (rest.length == 2 && method.equals("GET")) {
      return new Answer.Stream(200, JSON, switchboard.line(rest[1], line(call)));
    }
    if (rest.length != 3) {
      throw unknown();
    }
    String node = rest[1];
    String id = rest[2];
    if (method.equals("POST")) {
      switchboard.refuse(node, id, refusal(call));
      return new Answer.Whole(204, Headers.NONE, Body.of(new byte[0]));
    }
    if (!method.equals("GET") || !call.request().webSocket()) {
      throw notAllowed(call);
    }
    MessageStream stream = switchboard.accept(node, id);
    if (stream == null) {
      throw unknown();
    }
    return answer(stream);
  }

  private static String line(Call call) {
    String line = call.params().text("line");
    if (line.length() > LINE_ID_MAX) {
      throw ApiException.badRequest("line has more than " + LINE_ID_MAX + " characters");
    }
    return line;
  }

  private static ApiException refusal(Call call) {
    JsonNode body = Json.decode(call.request().body(), REFUSAL).tree();
    StatusReason reason =
        StatusReason.fromWireName(body.path("reason").asString(""))
            .orElse(StatusReason.SERVICE_UNAVAILABLE);
    return ApiException.of(reason, body.path("message").asString("the agent refused"));
  }

  private static ApiException unknown() {
    return ApiException.of(StatusReason.NOT_FOUND, "nobody waits for this call any more");
  }

  private static ApiException notAllowed(Call call) {
    return ApiException.of(
        StatusReason.METHOD_NOT_ALLOWED,
        "the server does not allow " + call.request().method() + " on " + call.route().path());
  }
}
