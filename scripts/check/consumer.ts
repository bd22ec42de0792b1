import { copyFile, glob, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readMarkdown } from './markdown.ts'
import { readManifest, type PublishedPackage } from './published-package.ts'
import { inSequence, root, runCommand, type CommandOptions, type CommandResult } from './run-command.ts'

const programsFolder = path.join(import.meta.dirname, 'consumer')

/** Installs the tarballs into an empty project, with the peers that the workspace works with. */
export async function installTarballs(
  folder: string,
  packages: readonly PublishedPackage[],
  signal: AbortSignal,
): Promise<CommandResult> {
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]))
  for (const { folder: home, peers } of packages) {
    for (const peer of Object.keys(peers)) {
      dependencies[peer] ??= (await readManifest(path.join(home, 'node_modules', peer))).version
    }
  }
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest))
  return install([], { cwd: folder, signal })
}

function install(packages: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...packages]
  return runCommand('npm', args, options)
}

/** Makes sure that each package holds what it should, and nothing that it should not. */
export async function lookInside(
  folder: string,
  packages: readonly PublishedPackage[],
): Promise<CommandResult> {
  const problems: string[] = []
  for (const { name } of packages) {
    const home = path.join(folder, 'node_modules', name)
    const files = new Set<string>()
    for await (const file of glob('**', { cwd: home, exclude: ['node_modules'] })) {
      files.add(file.split(path.sep).join('/'))
    }
    const manifest = await readFile(path.join(home, 'package.json'), 'utf8')
    const readme = await readFile(path.join(home, 'README.md'), 'utf8').catch(() => '')
    problems.push(...problemsOf(files, manifest, readme).map((problem) => `${name}: ${problem}`))
  }
  return { ok: problems.length === 0, output: problems.join('\n') }
}

/**
 * @param files of an unpacked tarball
 * @param manifest its package.json
 * @param readme its README.md, which may link to others in the repository, but not to files that it lacks
 */
export function problemsOf(files: ReadonlySet<string>, manifest: string, readme: string): string[] {
  const all = [...files]
  const sources = all.filter((file) => file.startsWith('src/') && file.endsWith('.ts'))
  const built = sources.flatMap((file) => {
    const module = file.slice('src/'.length, -'.ts'.length)
    return [`dist/${module}.js`, `dist/${module}.d.ts`]
  })
  const expected = new Set([...built, ...built.map((file) => `${file}.map`)])
  return [
    ...['README.md', 'LICENSE', ...expected]
      .filter((file) => !files.has(file))
      .map((file) => `there is no ${file}`),
    ...all
      .filter((file) => /^dist\/.*\.\w+$/.test(file) && !expected.has(file))
      .map((file) => `${file} is built from nothing in src/`),
    ...all
      .filter((file) => /(^|\/)tests?(\/|$)|\.test\.|\.types\.ts$|\.tsbuildinfo$/.test(file))
      .map((file) => `${file} is of no use to users`),
    ...readMarkdown(readme)
      .links.map(({ target }) => target.split('#', 1)[0] ?? '')
      .filter((target) => /^[\w-][^:]*$/.test(target) && !files.has(target))
      .map((target) => `README.md promises ${target}, which is not in it`),
    ...['workspace:', 'catalog:']
      .filter((protocol) => manifest.includes(`"${protocol}`))
      .map((protocol) => `its package.json still says "${protocol}", which only this workspace understands`),
  ]
}

/** Compiles and runs what a user writes, and asks every command for help. */
export async function useInstalled(
  folder: string,
  packages: readonly PublishedPackage[],
  signal: AbortSignal,
): Promise<CommandResult> {
  for (const program of ['quick-start.ts', 'every-entry.ts', 'serve-graphql.ts']) {
    await copyFile(path.join(programsFolder, program), path.join(folder, program))
  }
  return inSequence([
    // Without the types of Node, which a browser does not have.
    () => compile(folder, ['quick-start.ts'], [], signal),
    () => compile(folder, ['every-entry.ts', 'serve-graphql.ts'], ['node'], signal),
    () => says('It works with graphql', 'node', ['serve-graphql.ts'], { cwd: folder, signal }),
    () => says('succeeded', 'node', ['quick-start.ts'], { cwd: folder, signal }),
    ...packages
      .flatMap(({ commands }) => commands)
      .map((name) => () => {
        return says(name, path.join('node_modules/.bin', name), ['--help'], { cwd: folder, signal })
      }),
  ])
}

/** Does the same with the oldest version of graphql that is allowed of each that the workspace has not. */
export async function useOtherGraphql(
  folder: string,
  packages: readonly PublishedPackage[],
  signal: AbortSignal,
): Promise<CommandResult> {
  const options = { cwd: folder, signal }
  const { version: installed } = await readManifest(path.join(folder, 'node_modules/graphql'))
  const allowed = packages.flatMap(({ peers }) => oldestOfEach(peers['graphql'] ?? ''))
  const others = allowed.filter((version) => majorOf(version) !== majorOf(installed))
  if (others.length === 0) {
    return {
      ok: false,
      output: `Expected another graphql than ${installed} to be allowed, got ${allowed.join()}.`,
    }
  }
  return inSequence(
    others.flatMap((version) => [
      () => install([`graphql@${version}`], options),
      () => compile(folder, ['every-entry.ts', 'serve-graphql.ts'], ['node'], signal),
      () => says(`It works with graphql ${version}`, 'node', ['serve-graphql.ts'], options),
    ]),
  )
}

/** @param range such as `^16.11.0 || ^17.0.0` */
export function oldestOfEach(range: string): readonly string[] {
  return Array.from(range.matchAll(/\^(\d+\.\d+\.\d+)/g), ([, version = '']) => version)
}

function majorOf(version: string): string | undefined {
  return version.split('.', 1)[0]
}

/** As a user whose compiler checks declarations as well. */
async function compile(
  folder: string,
  programs: readonly string[],
  types: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  const config = {
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      module: 'NodeNext',
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types,
      typeRoots: [path.join(root, 'node_modules/@types')],
    },
    files: programs,
  }
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { output } = await runCommand('tsc', ['--pretty', 'false'], { cwd: folder, signal })
  // Packages of others have their own mistakes: what counts is the program and the declarations it relies on.
  const ours = output
    .split('\n')
    .filter(
      (line) => programs.some((program) => line.startsWith(program)) || line.includes('@teams-operations/'),
    )
  return { ok: ours.length === 0, output: ours.join('\n') }
}

async function says(
  expected: string,
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { ok, output } = await runCommand(command, args, options)
  if (ok && output.includes(expected)) return { ok, output }
  const line = [command, ...args].join(' ')
  return { ok: false, output: `Expected "${line}" to say "${expected}". It said:\n${output}` }
}
