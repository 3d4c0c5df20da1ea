// A user's project in a git repository of its own, with the unmodified SDK from npm in its node_modules.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, start, type Finished, type Running } from './run.ts'

const INSTALLED = fileURLToPath(new URL('../node_modules', import.meta.url))
const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url))

export interface SdkProject {
  readonly folder: string
  write(path: string, text: string): void
  read(path: string): string
  git(...args: readonly string[]): Promise<void>
  /** Runs `npx tinybird ...`. */
  tinybird(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>
  /** Starts `npx tinybird ...` and leaves it running. */
  startTinybird(args: readonly string[]): Running
  /** Runs a TypeScript file of the project. */
  script(path: string, env?: Readonly<Record<string, string>>): Promise<Finished>
  remove(): void
}

/** Makes the project with one commit on `main`. */
export async function createSdkProject(
  files: Readonly<Record<string, string>>,
): Promise<SdkProject> {
  const folder = mkdtempSync(join(tmpdir(), 'sdk-project-'))
  const tinybird = join(folder, 'node_modules/@tinybirdco/sdk/bin/tinybird.js')
  const node = (args: readonly string[], env?: Readonly<Record<string, string>>) => ({
    command: process.execPath,
    args,
    cwd: folder,
    ...(env && { env }),
  })
  const project: SdkProject = {
    folder,
    write: (path, text) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    git: async (...args) => {
      const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
      const { code, output } = await run({ command: 'git', args: [...who, ...args], cwd: folder })
      if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`)
    },
    tinybird: (args, env) => run(node([tinybird, ...args], env)),
    startTinybird: (args) => start(node([tinybird, ...args])),
    script: (path, env) => run(node([TSX, path], env)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
  symlinkSync(INSTALLED, join(folder, 'node_modules'))
  project.write('.gitignore', 'node_modules\n.env.local\n')
  project.write('package.json', '{"name":"project","private":true,"type":"module"}\n')
  for (const [path, text] of Object.entries(files)) project.write(path, text)
  await project.git('init', '-q', '-b', 'main')
  await project.git('add', '.')
  await project.git('commit', '-qm', 'First')
  return project
}
