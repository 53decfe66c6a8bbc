import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../src/collector/clock.ts';
import { readContainerDescription } from '../../src/receiver/ebpf/process/proc/container-files.ts';
import { Selection, selectionShape } from '../../src/receiver/ebpf/process/selection.ts';
import { ProcessSelector } from '../../src/receiver/ebpf/process/selector.ts';
import { ProcTree } from './proc-tree.ts';

const ID = '8f7d3a5b2c91'.padEnd(64, '0');
const OTHER_ID = '1'.repeat(64);

const DOCKER = `var/lib/docker/containers/${ID}/config.v2.json`;
const CONTAINERD = `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`;
const K3S = `run/k3s/${CONTAINERD.slice('run/'.length)}`;
const CRIO = `run/containers/storage/overlay-containers/${ID}/userdata/config.json`;

let tree: ProcTree;
let hostRoot: string;

beforeEach(() => {
  tree = new ProcTree();
  hostRoot = join(tree.root, '1/root');
});
afterEach(() => tree[Symbol.dispose]());

function put(path: string, content: unknown): void {
  const file = join(hostRoot, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

const containerd = {
  ociVersion: '1.1.0',
  annotations: {
    'io.kubernetes.cri.container-name': 'stock',
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.image-name': 'registry.example/shop/stock:1.4',
    'io.kubernetes.cri.sandbox-name': 'stock-6d4b75cb6d-w4b72',
    'io.kubernetes.cri.sandbox-namespace': 'shop',
  },
};
const described = {
  name: 'stock',
  image: 'registry.example/shop/stock:1.4',
  podName: 'stock-6d4b75cb6d-w4b72',
  podNamespace: 'shop',
};

describe('a container is described by', () => {
  it("Docker's config.v2.json", () => {
    put(DOCKER, {
      ID,
      Name: '/stock',
      Image: 'sha256:5f70bf18a086',
      Config: { Image: 'shop/stock:1.4', Labels: { 'com.docker.compose.service': 'stock' } },
    });
    expect(readContainerDescription(hostRoot, ID)).toEqual({
      name: 'stock',
      image: 'shop/stock:1.4',
      podName: undefined,
      podNamespace: undefined,
      labels: { 'com.docker.compose.service': 'stock' },
    });
  });

  it("Docker's config.v2.json with the labels of Kubernetes", () => {
    const labels = {
      'io.kubernetes.container.name': 'stock',
      'io.kubernetes.pod.name': 'stock-6d4b75cb6d-w4b72',
      'io.kubernetes.pod.namespace': 'shop',
    };
    put(DOCKER, { Name: '/k8s_stock_stock_shop_0', Config: { Image: described.image, Labels: labels } });
    expect(readContainerDescription(hostRoot, ID)).toEqual({ ...described, labels });
  });

  it.each([
    ['containerd', CONTAINERD],
    ["k3s's containerd", K3S],
  ])('the bundle of %s', (_, path) => {
    put(path, containerd);
    expect(readContainerDescription(hostRoot, ID)).toEqual({ ...described, labels: {} });
  });

  it("CRI-O's bundle", () => {
    put(CRIO, {
      annotations: {
        'io.container.manager': 'cri-o',
        'io.kubernetes.container.name': 'stock',
        'io.kubernetes.cri-o.ImageName': 'registry.example/shop/stock:1.4',
        'io.kubernetes.cri-o.Labels': '{"app":"stock"}',
        'io.kubernetes.pod.name': 'stock-6d4b75cb6d-w4b72',
        'io.kubernetes.pod.namespace': 'shop',
      },
    });
    expect(readContainerDescription(hostRoot, ID)).toEqual({ ...described, labels: { app: 'stock' } });
  });

  it('nothing, where files are missing, say nothing, or are damaged', () => {
    expect(readContainerDescription(hostRoot, ID)).toBeUndefined();
    put(CONTAINERD, { annotations: { 'org.example': 'x' } });
    expect(readContainerDescription(hostRoot, ID)).toBeUndefined();
    put(DOCKER, '{"Name":');
    put(K3S, '[]');
    put(CRIO, { annotations: { 'io.kubernetes.container.name': 5 } });
    expect(readContainerDescription(hostRoot, ID)).toBeUndefined();
  });

  it('no file outside of the folders of runtimes', () => {
    put('var/lib/docker/config.v2.json', { Name: '/other', Config: {} });
    expect(readContainerDescription(hostRoot, '../x')).toBeUndefined();
    expect(readContainerDescription(hostRoot, '..')).toBeUndefined();
  });

  it('whatever JSON a file holds, without throwing', () => {
    fc.assert(
      fc.property(fc.constantFrom(DOCKER, CONTAINERD, CRIO), fc.json(), (path, json) => {
        put(path, json);
        readContainerDescription(hostRoot, ID);
      }),
      { numRuns: 200 },
    );
  });
});

describe('processes are chosen', () => {
  function choose(...rules: unknown[]): { chosen: number[]; warnings: string[] } {
    const chosen: number[] = [];
    const warnings: string[] = [];
    const selector = new ProcessSelector({
      selection: new Selection(z.strictObject(selectionShape).parse({ instrument: rules })),
      read: tree.options(),
      clock: new ManualClock(0n),
      selected: ({ pid }) => chosen.push(pid),
      deselected: () => {},
      warn: (message) => warnings.push(message),
    });
    selector.scan();
    selector.stop();
    return { chosen: chosen.sort(), warnings };
  }

  beforeEach(() => {
    const slice = '0::/kubepods.slice/kubepods-pod1.slice';
    tree.put({ pid: 10, cgroup: `${slice}/cri-containerd-${ID}.scope\n` });
    tree.put({ pid: 11, cgroup: `${slice}/cri-containerd-${OTHER_ID}.scope\n` });
    tree.put({ pid: 12, cgroup: '0::/system.slice/stock.service\n' });
    put(CONTAINERD, containerd);
  });

  it.each([
    [{ container_id: ID.slice(0, 12) }, [10]],
    [{ container_id: '*' }, [10, 11]],
    [{ cgroup: '/kubepods.slice/*' }, [10, 11]],
    [{ cgroup: '*/stock.service' }, [12]],
    [{ container_image: 'stock:1.*' }, [10]],
    [{ container_name: 'stock', pod_namespace: 'shop' }, [10]],
    [{ pod_name: 'stock-*' }, [10]],
    [{ pod_name: 'web-*' }, []],
  ])('by %j', (rule, pids) => {
    expect(choose(rule).chosen).toEqual(pids);
  });

  it('not where no file tells, which is said once and only if a rule asked', () => {
    tree.put({ pid: 13, cgroup: `0::/docker/${'2'.repeat(64)}\n` });
    const { chosen, warnings } = choose({ container_image: '*' });
    expect(chosen).toEqual([10]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('rules that name an image, a name, labels or a pod do not match it');
    expect(choose({ container_id: '*' }).warnings).toEqual([]);
  });
});
