// The entry of this package: what other rooms may use.
export * from './frame.ts'
export * from './event-log.ts'
export { type EventLogOptions, openEventLog } from './open-event-log.ts'
export { type LogReaderOptions, openLogReader } from './open-log-reader.ts'
export { connectLink } from './connect-link.ts'
export { LOG_KEEPING, type LogKeeping, type LogSpace } from './log-space.ts'
export { diskFiles, type LogFile, type LogFiles } from './log-files.ts'
export { decodeFrame, encodeFrame } from './frame-record.ts'
