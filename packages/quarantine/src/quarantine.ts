// The entry of this package: what other rooms may use.
export {
  readCauses,
  readSummaries,
  type CausesOptions,
  type QuarantineCounts,
} from './read-quarantine.ts'
export * from './breakers.ts'
export { causeOf } from './cause.ts'
export { quarantineTables } from './quarantine-tables.ts'
export { previewHealing } from './preview-healing.ts'
export {
  replayQuarantine,
  type ReplayDeps,
  type ReplayInput,
  type ReplayResult,
  type ReplayStep,
} from './replay-quarantine.ts'
