/** The key that `suppressTracing` of `@opentelemetry/core` sets, and that its tracers and instrumentations ask for. */
const SUPPRESS_TRACING = 'OpenTelemetry SDK Context Key SUPPRESS_TRACING';

type Run = <T>(work: () => T) => T;

/**
 * Runs work so that an SDK in this process makes no spans of it; otherwise the export of a span would make spans, and
 * so on. Where there is no `@opentelemetry/api` there is nothing to suppress.
 */
export async function untraced(): Promise<Run> {
  try {
    const { context, createContextKey } = await import('@opentelemetry/api');
    const key = createContextKey(SUPPRESS_TRACING);
    return (work) => context.with(context.active().setValue(key, true), work);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return (work) => work();
  }
}
