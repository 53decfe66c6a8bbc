import type { CorrelateOptions } from '../../src/correlate/options.ts';
import { Doctor } from '../../src/doctor/doctor.ts';
import type { Finding, Report } from '../../src/doctor/report.ts';
import { Scene } from '../correlate/scene.ts';

/** A scene that a doctor watches. */
export class Examined {
  readonly scene: Scene;
  #doctor: Doctor | undefined;

  constructor(options: Partial<CorrelateOptions> = {}) {
    this.scene = new Scene(options, (watched) => {
      this.#doctor = new Doctor(watched);
      return this.#doctor;
    });
  }

  /** What the doctor says when everything that was played has left. */
  report(): Report {
    this.scene.settle();
    return this.#doctor!.report(null);
  }

  findings(): readonly Finding[] {
    return this.report().findings;
  }

  /** Code, service and, after an arrow that points at who is called, the peer of each finding. */
  named(): string[] {
    return this.findings().map(named);
  }
}

export function named({ code, service, peer, peer_role }: Finding): string {
  if (peer === null) return `${code} ${service}`;
  return peer_role === 'caller' ? `${code} ${peer} -> ${service}` : `${code} ${service} -> ${peer}`;
}
