// The figures of the console, in a real Chromium.
//   npx tsx bench/console.ts [--only first-screen]
import { bigGrid } from './console/big-grid.ts'
import { firstScreen } from './console/first-screen.ts'
import { manyPipes } from './console/many-pipes.ts'
import type { Ladder } from './ingest/ladder.ts'
import { runLadders } from './run-ladders.ts'

const LADDERS: Readonly<Record<string, Ladder>> = {
  'first-screen': firstScreen,
  'many-pipes': manyPipes,
  'big-grid': bigGrid,
}

await runLadders('Console', LADDERS, 0)
