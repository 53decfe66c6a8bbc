import { z } from 'zod';
import { readText } from './read.ts';

/** What the container runtime's own files tell of a container; what they do not tell is missing. */
export interface ContainerDescription {
  readonly name: string | undefined;
  /** As it was asked for: `nginx:1.27`, `registry.example/shop/web@sha256:…`. */
  readonly image: string | undefined;
  readonly podName: string | undefined;
  readonly podNamespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

const LIMIT = 4 * 1024 * 1024;

const strings = z.record(z.string(), z.string());

const dockerFile = z.object({
  Name: z.string().optional(),
  Config: z.object({ Image: z.string().optional(), Labels: strings.nullish() }).optional(),
});

/** `config.json` of a bundle (OCI runtime specification, "Configuration"). */
const ociFile = z.object({ annotations: strings.nullish() });

/** Where runtimes keep what describes a container of this id. */
const FILES: readonly (readonly [
  path: (id: string) => string,
  read: (json: unknown) => ContainerDescription | undefined,
])[] = [
  [(id) => `var/lib/docker/containers/${id}/config.v2.json`, describeDocker],
  [(id) => `run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/config.json`, describeBundle],
  [(id) => `run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/config.json`, describeBundle],
  [(id) => `run/containers/storage/overlay-containers/${id}/userdata/config.json`, describeBundle],
  [(id) => `var/lib/containers/storage/overlay-containers/${id}/userdata/config.json`, describeBundle],
];

/** Undefined where no file of a known runtime can be read, or none of them describes the container. */
export function readContainerDescription(hostRoot: string, id: string): ContainerDescription | undefined {
  // The id becomes a part of a path.
  if (!/^[0-9a-f-]+$/.test(id)) return undefined;
  for (const [path, read] of FILES) {
    const description = read(parsed(readText(`${hostRoot}/${path(id)}`, LIMIT)));
    if (description) return description;
  }
  return undefined;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Docker; under Kubernetes the kubelet's labels are on the container. */
function describeDocker(json: unknown): ContainerDescription | undefined {
  const { data } = dockerFile.safeParse(json);
  if (!data) return undefined;
  const labels = data.Config?.Labels ?? {};
  return {
    name: labels['io.kubernetes.container.name'] ?? data.Name?.replace(/^\//, ''),
    image: data.Config?.Image,
    podName: labels['io.kubernetes.pod.name'],
    podNamespace: labels['io.kubernetes.pod.namespace'],
    labels,
  };
}

/** containerd's CRI plugin (`io.kubernetes.cri.*`) and CRI-O (`io.kubernetes.cri-o.*`) write annotations of their own. */
function describeBundle(json: unknown): ContainerDescription | undefined {
  const annotations = ociFile.safeParse(json).data?.annotations;
  if (!annotations) return undefined;
  const description = {
    name: annotations['io.kubernetes.cri.container-name'] ?? annotations['io.kubernetes.container.name'],
    image: annotations['io.kubernetes.cri.image-name'] ?? annotations['io.kubernetes.cri-o.ImageName'],
    podName: annotations['io.kubernetes.cri.sandbox-name'] ?? annotations['io.kubernetes.pod.name'],
    podNamespace:
      annotations['io.kubernetes.cri.sandbox-namespace'] ?? annotations['io.kubernetes.pod.namespace'],
  };
  if (Object.values(description).every((value) => value === undefined)) return undefined;
  return {
    ...description,
    labels: strings.safeParse(parsed(annotations['io.kubernetes.cri-o.Labels'])).data ?? {},
  };
}
