// How the engine and the writer are started: from their bundles in production, from their sources under tests and in development.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface NodeProgram {
  readonly args: readonly string[]
  /** What its user has to be able to read. */
  readonly paths: readonly string[]
}

/** @param service folder in services/. */
export function nodeProgram(service: 'engine' | 'writer'): NodeProgram {
  // This file is services/sandpiper/src/*.ts, or part of services/sandpiper/dist/main.mjs.
  if (!import.meta.url.endsWith('.ts')) {
    const main = fileURLToPath(new URL(`../../${service}/dist/main.mjs`, import.meta.url))
    // Short-lived objects are most of what they make: room for them saves a third of the collector's work.
    return {
      args: ['--max-semi-space-size=32', '--enable-source-maps', main],
      paths: [main, ...native(service, main)],
    }
  }
  const main = fileURLToPath(new URL(`../../${service}/src/main.ts`, import.meta.url))
  const root = createRequire(new URL('../../../package.json', import.meta.url))
  const tsx = root.resolve('tsx')
  return {
    args: ['--import', pathToFileURL(tsx).href, main],
    paths: [main, tsx, ...native(service, main)],
  }
}

function native(service: string, main: string): string[] {
  if (service !== 'engine' || !existsSync(main)) return []
  return [createRequire(main).resolve('chdb')]
}
