/** What the backend said about a request it took. */
export interface ExportResult {
  /** Items it rejected for good. */
  readonly rejected: number;
  /** Its words about them; may come without any rejection, as a warning. */
  readonly message: string;
}

/** How one exporter reaches its backend. Retries, queueing and counting are not its business. */
export interface Transport {
  start(): Promise<void>;
  /**
   * Sends one `Export<Signal>ServiceRequest`. Rejects with a `RetryableError` when the same request may succeed
   * later, and with any other error when it never will.
   */
  send(body: Uint8Array): Promise<ExportResult>;
  /** Forgets any waiting time before the next connection: the collector is about to stop. */
  hurry(): void;
  /** Closes every connection. Requests under way fail. */
  shutdown(): Promise<void>;
}
