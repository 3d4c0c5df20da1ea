import { pino, type Logger as PinoLogger } from 'pino'
import { logLines } from './log-lines.ts'

/** Structured log. Tokens and secrets are redacted by path and never passed in messages. */
export type Logger = PinoLogger

/**
 * Makes the log of one service: JSON lines on stderr.
 * @param options.level default `info`.
 */
export function createLogger(options: {
  readonly service: string
  readonly level?: string
}): Logger {
  return pino(
    {
      base: { service: options.service },
      level: options.level ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['token', 'authorization', '*.token', '*.authorization'],
    },
    logLines(2),
  )
}
export * from './brief-error.ts'
export * from './ops-buffer.ts'
export * from './ops-notes.ts'
export { createOpsRows, type OpsRow, type OpsTable } from './ops-rows.ts'
export { seconds } from './row-values.ts'
export {
  NO_OPS,
  type BlockOp,
  type DataSourceOp,
  type JobOp,
  type OpsLog,
  type RequestOp,
} from './ops-log.ts'
export * from './exposition.ts'
export * from './histogram.ts'
export * from './metric-families.ts'
export * from './process-usage.ts'
