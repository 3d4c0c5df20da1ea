import { LimitReached, TemplateError } from './template-error.ts'

/** Characters of text that cost one step. */
const CHARACTERS_PER_STEP = 64

/** Parts of a value that cost one step when they are compared, hashed or printed. */
const PARTS_PER_STEP = 2

/** Values within values that one walk follows. */
const DEPTH_MAX = 64

/**
 * What one rendering may use. Every evaluated expression, loop turn, made item, 2 parts of a value that is looked through and
 * 64 characters made or read cost a step: the time a rendering takes is proportional to its steps.
 */
export class Budget {
  readonly #stepsMax: number
  #steps = 0

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax
  }

  /** Steps used so far. */
  get steps(): number {
    return this.#steps
  }

  /** @throws LimitReached when more steps than allowed are used. */
  spend(steps: number): void {
    this.#steps += steps
    // Written this way round so that a NaN, which no later sum would leave, ends the rendering too.
    if (!(this.#steps <= this.#stepsMax))
      throw new LimitReached(
        `the template does too much work (more than ${String(this.#stepsMax)} steps)`,
      )
  }

  /** Asked before text of this many characters is made or read. */
  spendText(characters: number): void {
    this.spend(1 + characters / CHARACTERS_PER_STEP)
  }

  /**
   * Counts one part of a value that is compared, hashed or printed.
   * @throws RecursionError for values nested (or looped) more than 64 deep.
   */
  visit(depth: number): void {
    if (depth > DEPTH_MAX) throw new TemplateError('RecursionError', 'the value is nested too deep')
    this.spend(1 / PARTS_PER_STEP)
  }

  /** Counts text that is compared or hashed. */
  visitText(characters: number): void {
    this.spend(characters / CHARACTERS_PER_STEP)
  }
}
