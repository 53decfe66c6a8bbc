import { EVIDENCE, type Evidence } from '../../correlate/link/rule.ts';
import { SILENCE } from '../../correlate/link/silence.ts';
import type { ExchangeNode } from '../../correlate/node.ts';
import type { LinkOutcome } from '../../correlate/observer.ts';
import type { ServiceNames } from '../../observe/service-names.ts';
import { meaningOf } from '../evidence-text.ts';
import type { Fact, Topic } from '../explanation.ts';
import { refOf, shownFor, titleOf } from './describe.ts';
import type { Word } from './words.ts';

const OUTCOME: Readonly<Record<LinkOutcome, string>> = {
  linked: 'This linked the call.',
  confirmed: 'It agrees with what had linked the call before.',
  contradicted: 'The call had been linked to another request before, which stands.',
  not_among: 'Stronger evidence had left other requests to choose from: it was not followed.',
  too_late: 'The call had left the pipeline by then: it was not followed.',
  cause_discarded: 'That turned out to be no request: it was not followed.',
  different_traces: 'The headers of the two name different traces: it was not followed.',
  both_left: 'Both had left in different traces by then: a span link joins them.',
};

const CANDIDATES = 8;

/** These are decided where SDK spans meet exchanges. */
const NO_RULES: ReadonlySet<Evidence> = new Set(['wire_context', 'sdk_span']);

/** What each kind of evidence said of which request made the process make this call, strongest first. */
export function evidenceTopic(
  call: ExchangeNode,
  words: readonly Word[],
  enabled: ReadonlySet<Evidence>,
  names: ServiceNames,
): Topic {
  const facts: Fact[] = [];
  for (const evidence of EVIDENCE) {
    if (NO_RULES.has(evidence)) continue;
    const own = words.filter((word) => word.evidence === evidence);
    if (!enabled.has(evidence))
      facts.push({ code: 'switched_off', evidence, text: `${evidence}: switched off by the configuration` });
    else if (own.length > 0) for (const word of own) facts.push(wordFact(word, call, names));
    else
      facts.push({
        code: 'not_asked',
        evidence,
        text: `${evidence}: not asked, stronger evidence had spoken`,
      });
  }
  return { topic: 'evidence', facts };
}

function wordFact({ evidence, verdict, why, outcome }: Word, call: ExchangeNode, names: ServiceNames): Fact {
  if (verdict === undefined)
    return {
      code: `silent_${why ?? 'nothing_seen'}`,
      evidence,
      text: `${evidence}: silent, because ${SILENCE[why ?? 'nothing_seen']}`,
    };
  if ('cause' in verdict) {
    const { cause } = verdict;
    return {
      code: outcome ?? 'named',
      evidence,
      text: `${evidence}: named the ${titleOf(cause, names)}, because ${meaningOf(evidence)}. ${outcome ? OUTCOME[outcome] : ''}`.trimEnd(),
      spans: [refOf(shownFor(cause))],
    };
  }
  const candidates = verdict.ambiguous;
  const listed = candidates.slice(0, CANDIDATES).map((node) => titleOf(node, names));
  const more = candidates.length > CANDIDATES ? `, and ${candidates.length - CANDIDATES} more` : '';
  const settled = call.cause !== undefined ? ' Other evidence settled it.' : '';
  return {
    code: `ambiguous_${why ?? 'several_candidates'}`,
    evidence,
    text: `${evidence}: not believed, because ${SILENCE[why ?? 'several_candidates']}. Candidates: ${listed.join('; ')}${more}.${settled}`,
    spans: candidates.slice(0, CANDIDATES).map((node) => refOf(shownFor(node))),
  };
}
