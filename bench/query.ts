// The figures of queries, one command. Each ladder starts a product of its own, as its users do.
//   npx tsx bench/query.ts [--only endpoint] [--seconds 60]
import type { Ladder } from './ingest/ladder.ts'
import { compile } from './query/compile.ts'
import { endpoint } from './query/endpoint.ts'
import { heavy } from './query/heavy.ts'
import { underIngest } from './query/under-ingest.ts'
import { runLadders } from './run-ladders.ts'

const LADDERS: Readonly<Record<string, Ladder>> = {
  endpoint,
  'under-ingest': underIngest,
  compile,
  heavy,
}

await runLadders('Queries', LADDERS, 20)
