// Resident memory of the whole process tree: idle after the start, and after the demo's 100,000 events and queries.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printMachine } from './machine.ts'
import { startProduct } from './started-product.ts'

const IDLE_MS = 5_000

interface Process {
  readonly pid: number
  readonly parent: number
  readonly kib: number
  readonly name: string
}

printMachine('Resident memory')
const dataDir = mkdtempSync(join(tmpdir(), 'sandpiper-rss-'))
try {
  const product = await startProduct(dataDir)
  try {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    print('idle', tree(product.pid))
    const root = fileURLToPath(new URL('..', import.meta.url))
    execFileSync(
      process.execPath,
      ['scripts/with-deps.mjs', 'tsx', 'examples/web-analytics/demo.ts'],
      {
        cwd: root,
        env: { ...process.env, SANDPIPER_URL: product.url },
        stdio: 'ignore',
      },
    )
    print('after the demo', tree(product.pid))
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    print('5 s later', tree(product.pid))
  } finally {
    await product.stop()
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}

/** A process and everything it started. Pages shared between processes count in each. */
function tree(root: number): Process[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' })
  const all = table.split('\n').flatMap((line): Process[] => {
    const [, pid, parent, kib, args] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (args === undefined) return []
    return [{ pid: Number(pid), parent: Number(parent), kib: Number(kib), name: nameOf(args) }]
  })
  const members = new Set([root])
  for (let size = 0; size !== members.size;) {
    size = members.size
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid)
  }
  return all.filter(({ pid }) => members.has(pid))
}

function nameOf(args: string): string {
  const service = /services[/](\w+)[/]/.exec(args)?.[1]
  if (service !== undefined) return service
  const words = args.split(' ').map((word) => word.split('/').at(-1) ?? word)
  return words.slice(0, 3).join(' ').slice(0, 50)
}

function print(when: string, processes: readonly Process[]): void {
  const mib = (kib: number): string => `${Math.round(kib / 1024)} MiB`
  console.log(`\n${when}: ${mib(processes.reduce((sum, { kib }) => sum + kib, 0))} in all`)
  for (const { kib, name } of [...processes].sort((a, b) => b.kib - a.kib)) {
    console.log(`  ${mib(kib).padStart(9)}  ${name}`)
  }
}
