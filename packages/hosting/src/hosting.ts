// The entry of this package: what other rooms may use.
export { createClosing, type Closing } from './closing.ts'
export { DOOR_LIMITS, openDoor, type Door, type DoorCounters, type DoorLimits } from './door.ts'
export { answerHealth, type Health } from './health.ts'
export { StartError, systemCode } from './start-error.ts'
