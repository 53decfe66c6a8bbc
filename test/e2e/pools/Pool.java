import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Serves GET /in/LABEL by a call GET /out/LABEL that a thread of a pool makes: PORT UPSTREAM_PORT WORKERS MODE. */
final class Pool {
  static String upstream;
  static final Object LOCK = new Object();
  static int spent;

  static int call(String label) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(upstream + "/out/" + label).toURL().openConnection();
      try (InputStream body = connection.getInputStream()) {
        return body.readAllBytes().length;
      }
    } catch (IOException e) {
      throw new RuntimeException(e);
    }
  }

  /** All threads come by here, and wait for each other. */
  static void queueUp() {
    synchronized (LOCK) {
      for (int i = ThreadLocalRandom.current().nextInt(200_000); i > 0; i--) spent += i;
    }
  }

  static void answer(HttpExchange exchange) {
    try (exchange) {
      exchange.sendResponseHeaders(200, 2);
      exchange.getResponseBody().write(new byte[] {'o', 'k'});
    } catch (IOException e) {
      throw new RuntimeException(e);
    }
  }

  public static void main(String[] args) throws Exception {
    upstream = "http://127.0.0.1:" + args[1];
    ExecutorService workers = Executors.newFixedThreadPool(Integer.parseInt(args[2]));
    String mode = args[3];
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    HttpServer server = HttpServer.create(address, 1024);
    server.setExecutor(Executors.newFixedThreadPool(64));
    server.createContext("/in/", exchange -> {
      String label = exchange.getRequestURI().getPath().substring(4);
      try {
        switch (mode) {
          case "get":
            workers.submit(() -> call(label)).get();
            answer(exchange);
            break;
          case "timed":
            workers.submit(() -> call(label)).get(30, TimeUnit.SECONDS);
            answer(exchange);
            break;
          case "async":
            workers.execute(() -> {
              call(label);
              answer(exchange);
            });
            break;
          case "combine":
            CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> call(label), workers);
            CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> call(label), workers);
            first.thenCombine(second, Integer::sum).get();
            answer(exchange);
            break;
          case "lock":
            queueUp();
            workers.submit(() -> {
              queueUp();
              int length = call(label);
              queueUp();
              return length;
            }).get();
            queueUp();
            answer(exchange);
            break;
          case "idle-jobs":
            // Half of the jobs call nobody.
            if (ThreadLocalRandom.current().nextBoolean()) workers.submit(() -> 0).get();
            else workers.submit(() -> call(label)).get();
            answer(exchange);
            break;
          case "audit":
            workers.execute(() -> call("audit"));
            workers.submit(() -> call(label)).get();
            answer(exchange);
            break;
          case "audit-async":
            workers.execute(() -> call("audit"));
            workers.execute(() -> {
              call(label);
              answer(exchange);
            });
            break;
          default:
            throw new IllegalArgumentException(mode);
        }
      } catch (Exception e) {
        throw new RuntimeException(e);
      }
    });
    server.start();
    System.out.println("ready");
  }
}
