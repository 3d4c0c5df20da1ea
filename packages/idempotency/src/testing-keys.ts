// A process that keeps keys, for keys.process.test.ts: `<folder>`. Says how far it wrote, each write that was refused, and each wrong
// answer.
import { openKeyIndex } from './key-index.ts'
import { NOW, numberedEntry, testRetention } from './testing-index.ts'

const [dir = ''] = process.argv.slice(2)
const index = await openKeyIndex({ dir, runKeys: 64, retention: testRetention, now: () => NOW })
let last = index.seenUpTo()

for (let turn = 0; ; turn += 1) {
  if (last < 20_000) for (let keys = 0; keys < 10; keys += 1) index.add(numberedEntry((last += 1)))
  const said = await index.flush(last).then(
    () => `flushed ${index.upTo()}`,
    () => 'refused',
  )
  process.stdout.write(`${said}\n`)
  const asked = 1 + ((turn * 7_919) % last)
  if ((await index.find(numberedEntry(asked).id))?.sequence !== asked)
    process.stdout.write(`forgot ${asked}\n`)
}
