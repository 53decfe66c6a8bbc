import type { Consumers, ReceiverFactory, Settings } from '../../collector/component.ts';
import { type OtlpReceiverConfig, otlpReceiverConfig } from './config.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

function receiver(settings: Settings, config: OtlpReceiverConfig, consumers: Partial<Consumers>) {
  const shared = settings.shared(() => new OtlpReceiver(settings, config));
  Object.assign(shared.consumers, consumers);
  return shared;
}

export const otlpReceiver = {
  type: 'otlp',
  stability: 'stable',
  config: otlpReceiverConfig,
  createTraces: (settings, config, next) => receiver(settings, config, { traces: next }),
  createMetrics: (settings, config, next) => receiver(settings, config, { metrics: next }),
  createLogs: (settings, config, next) => receiver(settings, config, { logs: next }),
} satisfies ReceiverFactory<OtlpReceiverConfig>;
