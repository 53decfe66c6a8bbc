import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/** The JDK's HTTP server in several ways of sharing work between threads; MODE names the way. */
public final class Server {
	private static final String UPSTREAM = "http://127.0.0.1:" + System.getenv("UPSTREAM");
	private static final Path RECORDS = Path.of(System.getenv("RECORDS"), "calls-java");
	private static final byte[] OK = "ok".getBytes(StandardCharsets.US_ASCII);
	/** Makes calls for the threads that requests came in on. */
	private static final ExecutorService WORKERS = Executors.newFixedThreadPool(4);

	private interface Handling {
		void handle(HttpExchange exchange, String path, String label) throws Exception;
	}

	public static void main(String[] args) throws IOException {
		String mode = System.getenv("MODE");
		HttpServer server = HttpServer.create(
				new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(System.getenv("PORT"))), 1024);
		server.setExecutor(requestThreads(mode));
		Handling handling = handling(mode);
		server.createContext("/", exchange -> {
			String label = exchange.getRequestHeaders().getFirst("x-label");
			try {
				handling.handle(exchange, exchange.getRequestURI().getPath(), label);
			} catch (Exception failure) {
				failure.printStackTrace();
				exchange.close();
			}
		});
		server.start();
	}

	private static Executor requestThreads(String mode) {
		if (!mode.equals("virtual"))
			return Executors.newFixedThreadPool(64);
		try {
			// Not in every version this compiles with.
			return (Executor) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
		} catch (ReflectiveOperationException failure) {
			throw new IllegalStateException("this Java has no virtual threads", failure);
		}
	}

	private static Handling handling(String mode) {
		switch (mode) {
			case "direct":
			case "virtual":
				return (exchange, path, label) -> {
					call(path, label, 1);
					answer(exchange);
				};
			case "submit":
				return (exchange, path, label) -> {
					WORKERS.submit(() -> call(path, label, 1)).get();
					answer(exchange);
				};
			case "async":
				return (exchange, path, label) -> WORKERS.execute(() -> {
					call(path, label, 1);
					answer(exchange);
				});
			case "completable":
				return Server::combined;
			default:
				throw new IllegalArgumentException("no mode " + mode);
		}
	}

	private static void combined(HttpExchange exchange, String path, String label)
			throws ExecutionException, InterruptedException {
		CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> call(path, label, 1), WORKERS);
		CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> call(path, label, 2), WORKERS);
		first.thenCombine(second, Integer::sum).get();
		answer(exchange);
	}

	/** Labelled, recorded, over the JDK's own pool of kept connections. */
	private static int call(String path, String label, int number) {
		try {
			Thread.sleep(0, ThreadLocalRandom.current().nextInt(999_999));
			String called = label.substring(0, label.length() - 1) + number;
			record(called);
			HttpURLConnection connection = (HttpURLConnection) URI.create(UPSTREAM + path).toURL().openConnection();
			connection.setRequestProperty("x-label", called);
			connection.setRequestProperty("user-agent", "j");
			connection.setRequestProperty("accept", "*/*");
			try (InputStream body = connection.getInputStream()) {
				return body.readAllBytes().length;
			}
		} catch (IOException failure) {
			throw new UncheckedIOException(failure);
		} catch (InterruptedException failure) {
			throw new IllegalStateException(failure);
		}
	}

	private static synchronized void record(String label) throws IOException {
		Files.writeString(RECORDS, label + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

	private static void answer(HttpExchange exchange) {
		try (OutputStream body = exchange.getResponseBody()) {
			exchange.sendResponseHeaders(200, OK.length);
			body.write(OK);
		} catch (IOException failure) {
			throw new UncheckedIOException(failure);
		}
	}
}
