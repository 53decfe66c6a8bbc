import type { ReceiverFactory } from '../../collector/component.ts';
import { type EbpfConfig, ebpfConfig } from './config.ts';
import { EbpfReceiver } from './ebpf.ts';
import { replayClock } from './open-source.ts';

export const ebpfReceiver = {
  type: 'ebpf',
  stability: 'alpha',
  config: ebpfConfig,
  createTraces: (settings, config, next) => new EbpfReceiver(settings, config, next),
  createClock: replayClock,
} satisfies ReceiverFactory<EbpfConfig>;
