import { LimitReached } from './template-error.ts'

/** Characters of text that cost one step. */
const CHARACTERS_PER_STEP = 64

/** What one rendering may use. Every evaluated expression, loop turn, made item and 64 made characters cost a step. */
export class Budget {
  readonly #stepsMax: number
  #steps = 0

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax
  }

  /** @throws LimitReached when more steps than allowed are used. */
  spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#stepsMax)
      throw new LimitReached(
        `the template does too much work (more than ${String(this.#stepsMax)} steps)`,
      )
  }

  /** Asked before text of this many characters is made. */
  spendText(characters: number): void {
    this.spend(1 + characters / CHARACTERS_PER_STEP)
  }
}
