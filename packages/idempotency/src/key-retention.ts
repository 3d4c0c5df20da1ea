/** How long and how many keys are remembered. */
export interface KeyRetention {
  /** Milliseconds from the arrival of the first request. */
  readonly ageMsMax: number
  /** Keys of one workspace; the oldest is forgotten first. */
  readonly keysMax: number
}

/** 7 days, 10 million keys per workspace. */
export const KEY_RETENTION: KeyRetention = { ageMsMax: 7 * 24 * 3_600_000, keysMax: 10_000_000 }
