import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { installTarballs, lookInside, useInstalled, useOtherGraphql } from './consumer.ts'
import { fingerprint } from './fingerprint.ts'
import { publishedPackages, readManifest, type PublishedPackage } from './published-package.ts'
import { inSequence, root, runCommand, type CommandResult } from './run-command.ts'
import type { StepResult } from './step.ts'

/** What the outcome depends on: with the same contents as last time, there is nothing new to be found. */
const inputs = [
  'packages/*/src/**',
  'packages/*/{package.json,tsconfig.json,README.md,LICENSE}',
  'packages/*/*.graphql',
  'scripts/check/**',
  '{LICENSE,package.json,pnpm-lock.yaml,tsconfig.base.json}',
]
const stampFile = path.join(root, 'node_modules/.cache/packages-checked')

/** Packs the packages, looks into the tarballs, and uses them as somebody would who has installed them. */
export async function checkPackages(signal: AbortSignal): Promise<StepResult> {
  const wanted = await fingerprint(root, inputs)
  const checked = await readFile(stampFile, 'utf8').catch(() => undefined)
  if (!process.env['CI'] && checked === wanted) {
    return { ok: true, output: '', note: 'nothing has changed since they were checked' }
  }
  // Outside the workspace, where nothing of it is found by accident.
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'packed-')))
  try {
    const packages = await publishedPackages(folder)
    const result = await inSequence([
      () => build(packages, signal),
      () => pack(folder, signal),
      () => judge(packages, signal),
      () => installTarballs(folder, packages, signal),
      () => lookInside(folder, packages),
      () => useInstalled(folder, packages, signal),
      () => useOtherGraphql(folder, packages, signal),
    ])
    if (!result.ok) return result
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  await mkdir(path.dirname(stampFile), { recursive: true })
  await writeFile(stampFile, wanted)
  return { ok: true, output: '' }
}

/** From nothing, so that no file of yesterday gets into a tarball. */
async function build(packages: readonly PublishedPackage[], signal: AbortSignal): Promise<CommandResult> {
  for (const { folder } of packages) await rm(path.join(folder, 'dist'), { recursive: true, force: true })
  return runCommand('tsc', ['--build', '--force', ...packages.map(({ folder }) => folder)], { signal })
}

/** With pnpm, which puts what gets published in the place of what the workspace uses: `exports`, versions. */
async function pack(destination: string, signal: AbortSignal): Promise<CommandResult> {
  const { packageManager = 'pnpm' } = await readManifest(root)
  const args = [
    '--yes',
    packageManager,
    '--filter',
    './packages/*',
    'pack',
    '--pack-destination',
    destination,
  ]
  return runCommand('npx', args, { signal })
}

async function judge(packages: readonly PublishedPackage[], signal: AbortSignal): Promise<CommandResult> {
  const results = await Promise.all(
    packages.flatMap(({ tarball }) => [
      runCommand('publint', ['--strict', tarball], { signal }),
      runCommand('attw', ['--profile', 'esm-only', tarball], { signal }),
    ]),
  )
  const failed = results.filter(({ ok }) => !ok)
  return { ok: failed.length === 0, output: failed.map(({ output }) => output).join('\n') }
}
