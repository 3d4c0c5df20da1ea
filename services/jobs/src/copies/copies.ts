// What the process that hosts copies uses of them.
export { createCopies, type Copies } from './create-copies.ts'
export { populationKind } from './population-kind.ts'
export { createCopyCounters, type CopyCounters } from './copy-deps.ts'
export { createSchedules, type Schedules } from './schedules.ts'
