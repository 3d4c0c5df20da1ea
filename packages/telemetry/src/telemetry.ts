import { pino, type Logger as PinoLogger } from 'pino'
import { logLines } from './log-lines.ts'
import { redactTokens } from './redact-tokens.ts'

/** Structured log. No token is in any line, wherever it was put; other secrets are never passed. */
export type Logger = PinoLogger

/**
 * Makes the log of one service: JSON lines on stderr.
 * @param options.level default `info`. @param lines where they go, for tests.
 */
export function createLogger(
  options: { readonly service: string; readonly level?: string },
  lines: { write(line: string): void } = logLines(2),
): Logger {
  return pino(
    {
      base: { service: options.service },
      level: options.level ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['token', 'authorization', '*.token', '*.authorization'],
      hooks: { streamWrite: redactTokens },
    },
    lines,
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
  type KafkaOp,
  type OpsLog,
  type RequestOp,
} from './ops-log.ts'
export * from './exposition.ts'
export * from './histogram.ts'
export * from './metric-families.ts'
export * from './process-usage.ts'
