import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * Answers every GET with what its upstream answers, or by itself where it has none. Knows nothing of OpenTelemetry: the Java
 * agent instruments it.
 */
public class Relay {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String UPSTREAM = System.getenv("UPSTREAM");

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", Relay::answer);
        server.start();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        byte[] body = UPSTREAM == null ? "hello\n".getBytes() : ask(exchange.getRequestURI().getPath());
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static byte[] ask(String path) throws IOException {
        try {
            return CLIENT.send(HttpRequest.newBuilder(URI.create(UPSTREAM + path)).build(), BodyHandlers.ofByteArray()).body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
