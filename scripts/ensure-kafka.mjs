// Prints the folder that holds Apache Kafka's jars, brought from Maven Central when they are not there; tests and infra/local run them.
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureSystemPackage } from './lib/ensure-system-package.mjs'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

const root = fileURLToPath(new URL('..', import.meta.url))
try {
  ensureSystemPackage(['java'], 'default-jre-headless')
  ensureSystemPackage(['openssl'], 'openssl')
  console.log(ensureJars())
} catch (err) {
  console.error(err instanceof Error ? err.message : String(err))
  process.exit(1)
}

/** A folder named after what it was made from: another version is another folder, and one that is there is whole. */
function ensureJars() {
  const pom = join(root, 'infra/local/kafka/pom.xml')
  const made = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16)
  const folder = join(root, 'node_modules/.cache/kafka', made)
  if (existsSync(folder)) return folder
  const mvn = ensureSystemPackage(['mvn'], 'maven')
  const making = `${folder}.making-${process.pid}`
  mkdirSync(making, { recursive: true })
  const args = [
    '-B',
    '-q',
    '-f',
    pom,
    COPY,
    `-DoutputDirectory=${making}`,
    '-DincludeScope=runtime',
  ]
  // What Maven says is for people: standard output belongs to whoever runs us.
  const { status } = spawnSync(mvn, args, { stdio: ['ignore', 2, 2], timeout: 600_000 })
  if (status !== 0) {
    rmSync(making, { recursive: true, force: true })
    throw new Error(`Kafka could not be brought. Run: mvn ${args.slice(0, 5).join(' ')}`)
  }
  try {
    renameSync(making, folder)
  } catch (err) {
    // Another process was faster: what it made is as good.
    rmSync(making, { recursive: true, force: true })
    if (!existsSync(folder)) throw err
  }
  return folder
}
