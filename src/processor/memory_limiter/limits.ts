import type { MemoryLimiterConfig } from './config.ts';

const MIB = 1024 * 1024;

/** In bytes. Above `soft` data is refused; above `hard` memory is collected as often as allowed. */
export interface Limits {
  readonly soft: number;
  readonly hard: number;
}

/** `limit_mib` comes before `limit_percentage`; without a spike limit the soft limit lies a fifth below the hard one. */
export function limitsOf(config: MemoryLimiterConfig, totalMemory: number): Limits {
  const { limit_mib, spike_limit_mib, limit_percentage, spike_limit_percentage } = config;
  const hard = limit_mib > 0 ? limit_mib * MIB : (totalMemory * limit_percentage) / 100;
  const spike = limit_mib > 0 ? spike_limit_mib * MIB : (totalMemory * spike_limit_percentage) / 100;
  return { hard, soft: hard - (spike || hard / 5) };
}
