import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const imports = 'eslint(no-restricted-imports)'
const globals = 'eslint(no-restricted-globals)'
const members = 'eslint(no-restricted-properties)'

/** Where the code stands, what it says, and the rule that it breaks, or keeps. */
type Case = readonly [file: string, code: string, rule: string]

const core = 'packages/core/src'
const simulator = 'packages/simulator/src'
const gateway = 'packages/gateway/src'

const rooms = [
  'clock.ts',
  'operation/x.ts',
  'graph/x.ts',
  'polling/x.ts',
  'streams/x.ts',
  'operators/x.ts',
  'client.ts',
]

/** An import of one file below `src` in another. */
function importOf(target: string, from: string): string {
  const relative = path.posix.relative(path.posix.dirname(from), target)
  return `import ${JSON.stringify(relative.startsWith('.') ? relative : `./${relative}`)}`
}

/** All pairs of rooms: what may not know the other, and the other way round. */
const pairs = rooms.flatMap((early, index) => rooms.slice(index + 1).map((late) => [early, late] as const))

const forbidden: readonly Case[] = [
  ...pairs.map(([early, late]): Case => [`${core}/${early}`, importOf(late, early), imports]),
  ...rooms.map((room): Case => [`${core}/${room}`, importOf('testing/index.ts', room), imports]),
  ...rooms.map((room): Case => [`${core}/${room}`, `import 'node:fs'`, imports]),
  ...rooms
    .slice(0, 4)
    .map((room): Case => [`${core}/${room}`, `import type { Observable } from 'rxjs'`, imports]),
  [`${core}/streams/deep/x.ts`, `import '../../client.ts'`, imports],
  [`${core}/streams/x.ts`, `export * from '../operators/x.ts'`, imports],
  [`${core}/streams/x.ts`, `import type { Client } from '../client.ts'`, imports],
  [`${core}/streams/x.ts`, `import { timer } from 'rxjs'`, imports],
  [`${core}/operators/x.ts`, `import { delay } from 'rxjs'`, imports],
  [`${core}/operators/x.ts`, `import { debounceTime } from 'rxjs/operators'`, imports],
  [`${core}/operators/x.ts`, `import '@azure/identity'`, imports],
  [`${core}/testing/x.ts`, `import '../operation/x.ts'`, imports],
  [`${core}/testing/x.ts`, `import 'vitest'`, imports],
  [`${core}/graph/graph-client-transport.ts`, `import '../polling/x.ts'`, imports],
  [`${core}/graph/graph-client-transport.ts`, `import 'rxjs'`, imports],
  [`${core}/graph/x.ts`, `import '@microsoft/microsoft-graph-client'`, imports],
  [`${core}/polling/x.ts`, `import '@teams-operations/simulator'`, imports],

  [`${core}/polling/x.ts`, 'setTimeout(() => {}, 1)', globals],
  [`${core}/polling/x.ts`, 'setInterval(() => {}, 1)', globals],
  [`${core}/polling/x.ts`, 'performance.now()', globals],
  [`${core}/polling/x.ts`, 'Date.now()', members],
  [`${core}/polling/x.ts`, 'AbortSignal.timeout(1)', members],
  [`${core}/polling/x.ts`, 'globalThis.setTimeout(() => {}, 1)', members],
  [`${core}/graph/x.ts`, `void fetch('https://localhost')`, globals],
  [`${core}/graph/x.ts`, `void globalThis.fetch('https://localhost')`, members],
  [`${core}/graph/fetch-transport.ts`, 'setTimeout(() => {}, 1)', globals],
  [`${core}/client.ts`, `console.log('')`, globals],
  [`${core}/client.ts`, 'process.exit()', globals],

  [`${simulator}/model/x.ts`, `import 'node:http'`, imports],
  [`${simulator}/index.ts`, `import './node/index.ts'`, imports],
  [`${simulator}/routes/x.ts`, `import '../cli/main.ts'`, imports],
  [`${simulator}/node/x.ts`, `import '../cli/main.ts'`, imports],
  [`${simulator}/x.ts`, `import { createOperationsClient } from '@teams-operations/core'`, imports],
  [`${simulator}/x.ts`, `import '@teams-operations/core/graph-client'`, imports],
  [`${simulator}/x.ts`, `import '@teams-operations/gateway'`, imports],
  [`${simulator}/x.ts`, `import '../../core/src/graph/batch.ts'`, imports],
  [`${simulator}/x.ts`, `import 'express'`, imports],
  [`${simulator}/x.ts`, 'Math.random()', members],
  [`${simulator}/x.ts`, 'Date.now()', members],
  [`${simulator}/x.ts`, 'globalThis.setTimeout(() => {}, 1)', members],
  [`${simulator}/node/x.ts`, 'setTimeout(() => {}, 1)', globals],
  [`${simulator}/node/x.ts`, 'process.exit()', globals],
  [`${simulator}/cli/main.ts`, 'setTimeout(() => {}, 1)', globals],

  ...['transports/x.ts', 'access/x.ts', 'server/x.ts', 'gateway.ts', 'cli/main.ts'].map((target): Case => [
    `${gateway}/resolvers/x.ts`,
    importOf(target, 'resolvers/x.ts'),
    imports,
  ]),
  ...['graphql-yoga', 'graphql-ws', 'ws', '@azure/identity', 'node:http'].map((name): Case => [
    `${gateway}/resolvers/x.ts`,
    `import '${name}'`,
    imports,
  ]),
  ...['transports/x.ts', 'server/x.ts', 'cli/main.ts'].map((target): Case => [
    `${gateway}/access/x.ts`,
    importOf(target, 'access/x.ts'),
    imports,
  ]),
  [`${gateway}/gateway.ts`, `import './server/x.ts'`, imports],
  [`${gateway}/index.ts`, `import './cli/main.ts'`, imports],
  [`${gateway}/elsewhere/x.ts`, `import '../cli/main.ts'`, imports],
  [`${gateway}/server/x.ts`, `import '../../../core/src/clock.ts'`, imports],
  [`${gateway}/transports/x.ts`, 'setInterval(() => {}, 1)', globals],
  [`${gateway}/server/x.ts`, 'process.exit()', globals],
  [`${gateway}/server/x.ts`, `console.log('')`, globals],

  ['packages/core/test/x.test.ts', 'setTimeout(() => {}, 1)', globals],
  ['packages/core/test/x.test.ts', `import 'node:timers/promises'`, imports],
  [`${core}/x.ts`, 'void ((value: any) => value)', 'typescript(no-explicit-any)'],
  [`${core}/x.ts`, 'Promise.resolve()', 'typescript(no-floating-promises)'],
  [`${core}/x.ts`, '[1].forEach(async () => {})', 'typescript(no-misused-promises)'],
  [
    `${core}/x.ts`,
    `import { Clock } from './clock.ts'; export type C = Clock`,
    'typescript(consistent-type-imports)',
  ],
  [
    `${core}/x.ts`,
    'export const last = (list: number[]) => list.at(-1)!',
    'typescript(no-non-null-assertion)',
  ],
  [
    `${core}/x.ts`,
    `export const f = (way: 'in' | 'out') => { switch (way) { case 'in': return 1 } }`,
    'typescript(switch-exhaustiveness-check)',
  ],
  [`${core}/chicken.ts`, `import { egg } from './egg.ts'; export const chicken = egg`, 'import(no-cycle)'],
  [
    `${core}/egg.ts`,
    `import { chicken } from './chicken.ts'; export const egg = chicken`,
    'import(no-cycle)',
  ],
  [`${core}/x.ts`, 'export default 1', 'import(no-default-export)'],
  [`${core}/camelCase.ts`, 'export const one = 1', 'unicorn(filename-case)'],
  [`${core}/long.ts`, 'void 0\n'.repeat(301).trim(), 'eslint(max-lines)'],
]

const allowed: readonly Case[] = [
  ...pairs.map(([early, late]): Case => [`${core}/${late}`, importOf(early, late), imports]),
  ...rooms.slice(4).map((room): Case => [`${core}/${room}`, `import { Observable } from 'rxjs'`, imports]),
  [`${core}/testing/x.ts`, `import '../clock.ts'`, imports],
  [`${core}/graph/graph-client-transport.ts`, `import '@microsoft/microsoft-graph-client'`, imports],
  [`${core}/clock.ts`, 'setTimeout(() => {}, performance.now())', globals],
  [`${core}/clock.ts`, 'Date.now()', members],
  [`${core}/graph/fetch-transport.ts`, `void fetch('https://localhost')`, globals],
  [
    `${simulator}/x.ts`,
    `import { systemClock, type Clock } from '@teams-operations/core'; void systemClock`,
    imports,
  ],
  [`${simulator}/x.ts`, `import type { OperationState } from '@teams-operations/core'`, imports],
  [`${simulator}/x.ts`, `import '@teams-operations/core/testing'`, imports],
  [`${simulator}/node/x.ts`, `import 'node:http'`, imports],
  [`${simulator}/cli/main.ts`, `import '../node/index.ts'`, imports],
  [`${simulator}/cli/main.ts`, `console.log(process.argv)`, globals],
  [
    `${gateway}/resolvers/x.ts`,
    `import '../errors/x.ts'; import '@teams-operations/core'; import 'rxjs'`,
    imports,
  ],
  [`${gateway}/transports/x.ts`, `import '../access/x.ts'; import 'graphql-ws'; import 'ws'`, imports],
  [`${gateway}/cli/main.ts`, `import '../gateway.ts'; import '@azure/identity'`, imports],
  [`${gateway}/cli/main.ts`, `console.log(process.argv)`, globals],
  ['packages/gateway/test/x.integration.test.ts', 'setTimeout(() => {}, 1)', globals],
]

/** Every file with the cases that it holds, one below the other. */
const files = Map.groupBy([...forbidden, ...allowed], ([file]) => file)

let folder: string
let breaches: ReadonlySet<string>

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lint-rules-')))
  await copyFile(path.join(root, 'oxlint.config.ts'), path.join(folder, 'oxlint.config.ts'))
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: path.join(root, 'tsconfig.base.json'), compilerOptions: { noEmit: true } }),
  )
  for (const [file, cases] of files) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true })
    await writeFile(path.join(folder, file), cases.map(([, code]) => code).join(';\n'))
  }
  breaches = new Set(await lint())
})

afterAll(() => rm(folder, { recursive: true, force: true }))

for (const [file, code, rule] of forbidden) {
  test(`${rule} in ${file} refuses ${title(code)}`, () => {
    expect(breaches).toContain(JSON.stringify([file, code, rule]))
  })
}

for (const [file, code, rule] of allowed) {
  test(`${rule} in ${file} accepts ${title(code)}`, () => {
    expect(breaches).not.toContain(JSON.stringify([file, code, rule]))
  })
}

function title(code: string): string {
  return code.includes('\n') ? `${code.slice(0, code.indexOf('\n'))} …` : code
}

interface Report {
  readonly diagnostics: readonly {
    readonly filename: string
    /** The rule. Missing where the file could not be read as TypeScript. */
    readonly code?: string
    readonly message: string
    readonly labels: readonly { readonly span: { readonly line: number } }[]
  }[]
}

/** Lints all files at once. @returns a case for each diagnostic: the code it was found in, the rule it names */
async function lint(): Promise<string[]> {
  const { diagnostics } = await new Promise<Report>((resolve, reject) => {
    execFile(
      process.execPath,
      [path.join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json', 'packages'],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        // It ends with 1 where it found something, which is what it is here for.
        if (error?.code !== 1) reject(new Error(`Expected oxlint to find something: ${stderr}${stdout}`))
        else resolve(JSON.parse(stdout) as Report)
      },
    )
  })
  return diagnostics.map(({ filename, code, message, labels }) => {
    if (!code) throw new Error(`Expected ${filename} to be TypeScript: ${message}`)
    const line = labels[0]?.span.line ?? 1
    return JSON.stringify([filename, codeAt(filename, line), code])
  })
}

function codeAt(file: string, line: number): string | undefined {
  let end = 0
  for (const [, code] of files.get(file) ?? []) {
    end += code.split('\n').length
    if (line <= end) return code
  }
  return undefined
}
