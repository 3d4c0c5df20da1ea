// The process around the command.
import { readConfig } from './config.ts'
import { runCli } from './cli.ts'

// Who reads our output may go away early (`| head`): that is no failure of ours.
process.stdout.on('error', () => process.exit(0))

process.exitCode = await runCli(process.argv.slice(2), {
  config: readConfig(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
})
