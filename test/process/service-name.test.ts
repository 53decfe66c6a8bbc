import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programName } from '../../src/receiver/ebpf/process/service-name.ts';

describe('the name of a process without one of its own', () => {
  it.each([
    ['nginx', ['nginx: master process /usr/sbin/nginx'], 'nginx'],
    ['python3.11', ['python3', 'app.py'], 'app'],
    ['python3.11', ['/usr/bin/python3', '-u', '/srv/shop/stock.py', '--port', '80'], 'stock'],
    ['python3.11', ['python3', '-m', 'pkg.mod', 'x'], 'pkg.mod'],
    ['python3.11', ['python3', '-um', 'http.server'], 'http.server'],
    ['python3.11', ['python3', '-W', 'ignore', '-X', 'dev', '-Wonce', 'app.py'], 'app'],
    ['python3.11', ['python3', '-c', 'import app'], 'python3.11'],
    ['python3.11', ['python3', '-'], 'python3.11'],
    ['python3.11', ['python3', '/usr/local/bin/gunicorn', 'app:app'], 'gunicorn'],
    ['python3.11', ['gunicorn: master [app]'], 'gunicorn'],
    ['node', ['node', 'server.js'], 'server'],
    ['node', ['node', '--inspect=9229', '-r', './tracing.js', '/srv/web.mjs'], 'web'],
    ['node', ['node', '--import', 'tsx', '--', 'main.ts'], 'main'],
    ['node', ['node', '-e', 'code()'], 'node'],
    ['java', ['java', '-Xmx1g', '-jar', '/opt/price.jar', 'x'], 'price'],
    ['java', ['java', '-cp', 'a.jar:b.jar', 'com.example.Main'], 'com.example.Main'],
    ['java', ['java', '--module=shop/com.example.Shop'], 'com.example.Shop'],
    ['ruby3.1', ['ruby', '-Ilib', '-r', 'json', 'api.rb'], 'api'],
    ['ruby3.1', ['puma 6.4.0 (tcp://0.0.0.0:9292) [shop]'], 'puma'],
    ['dotnet', ['dotnet', 'Shop.Api.dll'], 'Shop.Api'],
    ['dotnet', ['dotnet', 'exec', '/app/Shop.dll'], 'Shop'],
    ['node', ['node'], 'node'],
    ['node', [], 'node'],
    ['java', ['java', '-jar'], 'java'],
  ])('%s %j is %s', (executable, args, name) => {
    expect(programName(executable, args)).toBe(name);
  });

  it('is never empty, whatever the arguments', () => {
    const argument = fc.oneof(fc.string(), fc.constantFrom('-m', '-jar', '--', '-', '-c', '--module=', '/'));
    fc.assert(
      fc.property(
        fc.constantFrom('python3', 'node', 'java', 'ruby', 'dotnet', 'x'),
        fc.array(argument, { maxLength: 6 }),
        (executable, args) => {
          expect(programName(executable, args)).not.toBe('');
        },
      ),
    );
  });
});
