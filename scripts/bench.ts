import { spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const folder = path.join(root, 'benchmarks')
const suffix = '.bench.ts'

async function benchmarks(): Promise<string[]> {
  const names: string[] = []
  for await (const file of glob(`*${suffix}`, { cwd: folder })) names.push(file.slice(0, -suffix.length))
  return names.toSorted()
}

/** With the garbage collector at hand, so that a benchmark can tell what is kept from what is waste. */
function run(name: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const file = path.join(folder, name + suffix)
    spawn(process.execPath, ['--expose-gc', file, ...args], { cwd: root, stdio: 'inherit' })
      .on('error', reject)
      .on('exit', (code) => resolve(code ?? 1))
  })
}

const [wanted, ...args] = process.argv.slice(2)
const names = await benchmarks()
if (wanted !== undefined && names.includes(wanted)) {
  process.exitCode = await run(wanted, args)
} else {
  console.log(
    `Runs a benchmark.\n\n  npm run bench -- <name> [<argument> …]\n\n${names.map((name) => `  ${name}`).join('\n')}`,
  )
  process.exitCode = wanted === undefined || wanted === '--help' ? 0 : 2
}
