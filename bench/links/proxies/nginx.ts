import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { ANSWERED_LOCALLY, type ProxyPlace, startProxy } from './proxy.ts';

export interface NginxOptions {
  /** Idle connections to the upstream kept for later requests. */
  readonly keepAlive?: boolean;
  /** Asks `/auth` of the upstream before each request. */
  readonly authRequest?: boolean;
  /** Sends a copy of each request to `/mirror` of the upstream. */
  readonly mirror?: boolean;
  /** An upstream that is asked first for every second request and never answers well. */
  readonly failingPort?: number;
  /** Answers from its cache unless told to go round it. */
  readonly cache?: boolean;
  /** A certificate and its key in one file: the server speaks TLS. */
  readonly certificate?: string;
}

/** nginx with one worker. */
export function startNginx(place: ProxyPlace, options: NginxOptions = {}): Promise<ManagedProcess> {
  const file = join(place.directory, 'nginx.conf');
  writeFileSync(file, configuration(place, options));
  return startProxy(place, 'nginx', '/usr/sbin/nginx', [
    '-c',
    file,
    '-e',
    join(place.directory, 'errors.log'),
  ]);
}

function configuration(place: ProxyPlace, options: NginxOptions): string {
  const { directory, port, upstreamPort } = place;
  const { keepAlive = true, authRequest, mirror, failingPort, cache, certificate } = options;
  return `daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  ${cache ? `proxy_cache_path ${directory}/cache keys_zone=cache:1m;` : ''}
  upstream service {
    server 127.0.0.1:${upstreamPort} max_fails=0;
    ${failingPort === undefined ? '' : `server 127.0.0.1:${failingPort} max_fails=0;`}
    ${keepAlive ? 'keepalive 64; keepalive_requests 1000000000;' : ''}
  }
  server {
    listen 127.0.0.1:${port} ${certificate ? 'ssl' : ''};
    ${certificate ? `ssl_certificate ${certificate}; ssl_certificate_key ${certificate};` : ''}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_next_upstream error timeout http_502 non_idempotent;
    location / {
      ${authRequest ? 'auth_request /auth;' : ''}
      ${mirror ? 'mirror /mirror; mirror_request_body off;' : ''}
      ${cache ? `proxy_cache cache; proxy_cache_key all; proxy_cache_valid 200 1h; proxy_cache_bypass $remote;` : ''}
      proxy_pass http://service;
    }
    location = /auth { internal; proxy_pass http://service; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
    location = /mirror { internal; proxy_pass http://service; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
  }
  map $http_${ANSWERED_LOCALLY.replace('-', '_')} $remote { "" 1; default 0; }
}
`;
}
