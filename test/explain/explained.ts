import type { CorrelateOptions } from '../../src/correlate/options.ts';
import type { Explanation, Topic } from '../../src/explain/explanation.ts';
import { Explainer } from '../../src/explain/recording/explainer.ts';
import { Scene } from '../correlate/scene.ts';

/** Plays a scene that says at its end which span is asked about. */
export type Play = (scene: Scene) => string;

/** What is told of the span that the scene names; it is played twice, as ids are known only after the first time. */
export function explained(play: Play, options: Partial<CorrelateOptions> = {}): Explanation {
  const spanId = play(new Scene(options));
  let explainer: Explainer | undefined;
  const scene = new Scene(options, (watched) => {
    explainer = new Explainer(watched, { spanId, traceId: undefined });
    return explainer;
  });
  play(scene);
  scene.settle();
  const { explanations } = explainer!;
  if (explanations.length !== 1) throw new Error(`${explanations.length} explanations of ${spanId}`);
  return explanations[0]!;
}

/** Codes of one topic's facts, with the kind of evidence before those that are about one. */
export function codes(explanation: Explanation, topic: Topic['topic']): string[] {
  return factsOf(explanation, topic).map(({ code, evidence }) =>
    topic === 'evidence' ? `${evidence} ${code}` : code,
  );
}

export function texts(explanation: Explanation, topic: Topic['topic']): string {
  return factsOf(explanation, topic)
    .map(({ text }) => text)
    .join('\n');
}

function factsOf(explanation: Explanation, topic: Topic['topic']) {
  return explanation.topics.find((candidate) => candidate.topic === topic)?.facts ?? [];
}
