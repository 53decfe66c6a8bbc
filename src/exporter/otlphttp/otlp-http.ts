import type { Pool } from 'undici';
import { MILLISECOND } from '../../collector/clock.ts';
import type { Settings, Signal } from '../../collector/component.ts';
import { PermanentError, RetryableError, SpanloomError } from '../../error.ts';
import { toJson } from '../../otlp/to-json.ts';
import { type Compress, compressor } from '../client/compression.ts';
import { describeError } from '../client/describe-error.ts';
import { checkRequestSize, MAX_RESPONSE_BYTES } from '../client/limits.ts';
import { readResponse } from '../client/response.ts';
import { tlsOptions } from '../client/tls.ts';
import type { ExportResult, Transport } from '../queue/transport.ts';
import type { OtlpHttpConfig } from './config.ts';
import { readJsonResponse } from './json-response.ts';
import { type HttpResponse, refusal } from './refusal.ts';
import { signalUrl } from './signal-url.ts';

const CONTENT_TYPE = { proto: 'application/x-protobuf', json: 'application/json' } as const;

/** The `zlib` algorithm goes by the name `deflate` in HTTP (RFC 9110, section 8.4.1.2). */
const ENCODING = { gzip: 'gzip', zlib: 'deflate', deflate: 'deflate' } as const;

/** OTLP/HTTP over a pool of connections. */
export class OtlpHttpTransport implements Transport {
  readonly #config: OtlpHttpConfig;
  readonly #signal: Signal;
  readonly #url: URL;
  readonly #compress: Compress;
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;
  #undici: typeof import('undici') | undefined;
  #pool: Pool | undefined;

  constructor(settings: Settings, signal: Signal, config: OtlpHttpConfig) {
    const url = signalUrl(config, signal);
    if (!url)
      throw new SpanloomError(
        'SPANLOOM_CONFIG_INVALID',
        `exporters::${settings.id}: either endpoint or ${signal}_endpoint must be specified`,
      );
    this.#config = config;
    this.#signal = signal;
    this.#url = url;
    this.#compress = compressor(config.compression, config.compression_params.level);
    this.#timeoutMs = config.timeout / MILLISECOND;
    const { command, version } = settings.buildInfo;
    this.#headers = {
      'content-type': CONTENT_TYPE[config.encoding],
      'user-agent': `${command}/${version}`,
      ...(config.compression !== 'none' && { 'content-encoding': ENCODING[config.compression] }),
      ...config.headers,
    };
  }

  async start(): Promise<void> {
    const encrypted = this.#url.protocol === 'https:';
    // Loaded where it is used: it takes as much memory as all of the collector's own code.
    this.#undici = await import('undici');
    this.#pool = new this.#undici.Pool(this.#url.origin, {
      connections: this.#config.sending_queue.num_consumers,
      maxResponseSize: MAX_RESPONSE_BYTES,
      // One timer a request bounds all of its phases.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(encrypted && {
        connect: (await tlsOptions(this.#config.tls)) as NonNullable<Pool.Options['connect']>,
      }),
    });
  }

  async send(body: Uint8Array): Promise<ExportResult> {
    const message = this.#config.encoding === 'json' ? Buffer.from(toJson(this.#signal, body)) : body;
    checkRequestSize(message);
    const response = await this.#post(await this.#compress(message));
    if (response.status < 200 || response.status > 299) throw refusal(this.#url, response);
    const type = String(response.headers['content-type'] ?? '');
    if (response.body.length === 0) return { rejected: 0, message: '' };
    if (type.includes(CONTENT_TYPE.proto)) return readResponse(response.body);
    return type.includes(CONTENT_TYPE.json) ? readJsonResponse(response.body) : { rejected: 0, message: '' };
  }

  /** Connections are made when a request needs one: nothing waits. */
  hurry(): void {}

  async shutdown(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.destroy();
  }

  async #post(body: Uint8Array): Promise<HttpResponse> {
    const pool = this.#pool;
    if (!pool) throw new RetryableError('SPANLOOM_EXPORT_STOPPED', 'the exporter does not run');
    const abort = new AbortController();
    const timer =
      this.#timeoutMs > 0
        ? setTimeout(() => abort.abort(new Error(`no answer within ${this.#timeoutMs} ms`)), this.#timeoutMs)
        : undefined;
    try {
      const response = await pool.request({
        method: 'POST',
        path: this.#url.pathname + this.#url.search,
        headers: this.#headers,
        body,
        signal: abort.signal,
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        body: new Uint8Array(await response.body.arrayBuffer()),
      };
    } catch (error) {
      throw this.#failure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** No response, or none that can be read. */
  #failure(error: unknown): SpanloomError {
    const text = `request to ${this.#url.href} failed: ${describeError(error)}`;
    const { ResponseExceededMaxSizeError, InvalidArgumentError } = this.#undici!.errors;
    if (error instanceof ResponseExceededMaxSizeError || error instanceof InvalidArgumentError)
      return new PermanentError('SPANLOOM_EXPORT_REJECTED', text, { cause: error });
    return new RetryableError('SPANLOOM_EXPORT_FAILED', text, undefined, { cause: error });
  }
}
