import type { LinkCase } from '../../case.ts';
import { type ProxyCase, proxyCase, versionOf } from '../common/proxy.ts';
import { varnish } from './program.ts';

const VARNISH = '/usr/sbin/varnishd';

function varnishCase(name: string, shows: string, more: Partial<ProxyCase> = {}): LinkCase {
  return proxyCase({
    name,
    shows: `Varnish: one thread reads the request and answers, another makes the call and writes it in many pieces; ${shows}`,
    needs: [
      { program: VARNISH, from: 'Debian package varnish' },
      { program: 'gcc', from: 'Debian package gcc' },
    ],
    versions: () => versionOf(VARNISH, ['-V'], /varnish-[\d.]+/),
    program: varnish,
    ...more,
  });
}

export const varnishCases: readonly LinkCase[] = [
  varnishCase('varnish', 'nothing is cached.'),
  varnishCase('varnish-cache', 'half of the requests answered from its cache.', {
    callsPerRequest: 0.5,
    halfLocal: true,
  }),
];
