// Which life of the engine a reading of block numbers is from: in another one they may begin anew. The embedded engine tells its own, and
// refuses a statement that names another. A server has no such name: a table in its memory holds one that we write, and is empty again when
// the server was started anew.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { literal } from './statements.ts'
import { ensureStaging, LIFE_TABLE } from './staging.ts'

export interface EngineLife {
  /** Two expressions: the life, empty when it has no name yet; and milliseconds of processors used since the start of the engine. */
  readonly life: string
  readonly cpuMs: string
  /** Settings of a statement that asks by them. */
  readonly settings: Readonly<Record<string, string | number>>
  /** Settings of a statement that is meant for one life only; empty where a statement cannot say so by settings. */
  guard(life: string): Readonly<Record<string, string>>
  /** A condition that throws in another life, for statements that can have one; null where settings do. */
  condition(life: string): string | null
  /** Called when the life has no name, or the table that holds it is gone. */
  renew(): Promise<void>
}

/** As the embedded engine tells it. */
export const EMBEDDED_LIFE: EngineLife = {
  life: '{engine_life:String}',
  cpuMs: '{engine_cpu_ms:UInt64}',
  settings: { engine_life: '' },
  guard: (life) => ({ engine_life: life }),
  condition: () => null,
  renew: () => Promise.resolve(),
}

/** @param newId unlike any other. */
export function lifeOfServer(clickhouse: ClickHouse, newId: () => string): EngineLife {
  return {
    // Of several writers that name it at the same moment one wins, for all of them.
    life: `(SELECT min(id) FROM ${LIFE_TABLE})`,
    cpuMs: `(SELECT intDiv(sum(value), 1000) FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds'))`,
    settings: {},
    guard: () => ({}),
    condition: (life) =>
      `throwIf((SELECT min(id) FROM ${LIFE_TABLE}) != ${literal(life)}, 'The server was started anew') = 0`,
    async renew() {
      await ensureStaging(clickhouse)
      await clickhouse.command({ sql: `INSERT INTO ${LIFE_TABLE} SELECT ${literal(newId())}` })
    },
  }
}
