import { Jobs } from './jobs.ts';
import { Tally } from './tally.ts';

/** What the wakes of one process were like: how often they misled, or could have. */
export class WakeReasons {
  /** How many requests' threads were woken after a call. */
  readonly tally = new Tally<'one' | 'several' | 'none'>();
  readonly jobs = new Jobs();
  /** Jobs that began with a wake of the thread that waits for them. */
  begun = 0;

  /** Workers wake whoever waits for a job when they begin it as well. */
  get tellOfBegin(): boolean {
    return this.begun > this.tally.count('several');
  }

  get strayed(): boolean {
    return this.tally.count('several') > 0;
  }

  /**
   * How likely a wake is taken for the one that counts: a stray one; or that with which the next job begins, if its result
   * is not seen either. The latter stands where the one that counts would have, so that no number of calls shows it.
   *
   * @param unseen how likely it is that the wake that counts was not seen
   */
  mislead(unseen: number): number {
    const stray = this.tally.likelihood('several', 'one');
    return this.tellOfBegin ? (stray + this.unseen) * Math.max(unseen, this.unseen) : stray * unseen;
  }

  get unseen(): number {
    return this.tally.likelihood('none', 'one', 'several');
  }
}
