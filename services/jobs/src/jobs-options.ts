import type { PrunerOptions } from './pruner.ts'

/** Bounds of running jobs. */
export interface JobsOptions extends PrunerOptions {
  /** Jobs of one workspace that may wait at once; default 100. */
  readonly waitingMax?: number
  /** Other processes enqueue or run jobs of this catalog too; default: this one is alone. */
  readonly beside?: BesideOptions
}

/** What processes that run jobs beside each other agree on; all of one catalog have the same. */
export interface BesideOptions {
  /**
   * Milliseconds of silence after which the jobs of a process are given to others. It stops its jobs itself a third of that after it could
   * last say that it lives, so there are two thirds for them to end. At least three times the 30 s that a job may take to stop would be safest;
   * default 90,000.
   */
  readonly silentMs?: number
  /** How often a process says that it lives, and looks for what was enqueued elsewhere or lost its ticket. Milliseconds, default 1,000. */
  readonly lookMs?: number
}
