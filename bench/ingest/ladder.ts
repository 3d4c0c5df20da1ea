/** One figure, or a few of one run: starts what it needs, measures, prints. */
export type Ladder = (options: LadderOptions) => Promise<void>

interface LadderOptions {
  /** How long the load lasts. */
  readonly seconds: number
}
