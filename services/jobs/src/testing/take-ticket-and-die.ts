import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Ticket, TicketQueueOptions } from '@sandpiper/queue'

/** Another process adds a ticket, is brought it, and is killed before it looks at the job. */
export async function takeTicketAndDie(
  postgres: TicketQueueOptions['postgres'],
  ticket: Ticket,
): Promise<void> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const code = `
    import { openTicketQueue } from '@sandpiper/queue'
    const run = () => new Promise(() => { console.log('taken'); setInterval(() => {}, 1000) })
    const options = { postgres: ${JSON.stringify(postgres)}, concurrency: 1 }
    const queue = await openTicketQueue(options, { run, done() {}, failed() {} })
    await queue.add(${JSON.stringify(ticket)}, 0)`
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}
