// The process around the command.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCli } from './cli.ts'
import { readConfig } from './config.ts'
import { openCredentials } from './credentials.ts'

// Who reads our output may go away early (`| head`): that is no failure of ours.
process.stdout.on('error', () => process.exit(0))

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    stop.abort()
    // Whoever asks twice does not want to wait for the cleaning up.
    process.once(name, () => process.exit(130))
  })
}

const config = readConfig()
process.exitCode = await runCli(process.argv.slice(2), {
  config,
  credentials: openCredentials(config.credentialsPath),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
  isOutTerminal: process.stdout.isTTY && !config.isPlain,
  sleep: (ms) => sleep(ms, undefined, { signal: stop.signal }),
  now: () => Date.now(),
  ask,
  signal: stop.signal,
})

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null
  process.stderr.write(question)
  // What is typed is a secret: it is not shown.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await reader.question('', { signal: stop.signal })
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}
