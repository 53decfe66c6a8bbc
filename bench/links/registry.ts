import type { LinkCase } from './case.ts';
import { apacheCases } from './cases/apache/case.ts';
import { asyncioCases } from './cases/asyncio/case.ts';
import { cppCases } from './cases/cpp/case.ts';
import { databases } from './cases/databases/case.ts';
import { goCases } from './cases/go/case.ts';
import { haproxyCases } from './cases/haproxy/case.ts';
import { hostsCase } from './cases/hosts/case.ts';
import { javaCases } from './cases/java/case.ts';
import { lighttpdCase } from './cases/lighttpd/case.ts';
import { mixedCases } from './cases/mixed/case.ts';
import { nginxCases } from './cases/nginx/case.ts';
import { nodeCase } from './cases/node/case.ts';
import { preforkCases } from './cases/prefork/case.ts';
import { puma } from './cases/puma/case.ts';
import { pythonCases } from './cases/python/case.ts';
import { rustCases } from './cases/rust/case.ts';
import { squidCase } from './cases/squid/case.ts';
import { varnishCases } from './cases/varnish/case.ts';

/** All cases, in the order of the page. */
export const CASES: readonly LinkCase[] = [
  ...pythonCases,
  databases,
  ...asyncioCases,
  ...preforkCases,
  puma,
  ...javaCases,
  ...cppCases,
  ...rustCases,
  ...nginxCases,
  ...haproxyCases,
  ...apacheCases,
  ...varnishCases,
  lighttpdCase,
  squidCase,
  nodeCase,
  ...goCases,
  hostsCase,
  ...mixedCases,
];
