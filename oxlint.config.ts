import { defineConfig, type OxlintConfig } from 'oxlint'

type Rules = NonNullable<OxlintConfig['rules']>

/** Imports whose specifier matches are refused. The regular expressions of oxlint have no look-ahead. */
interface ForbiddenImport {
  readonly regex: string
  readonly message: string
}

interface ForbiddenMember {
  readonly object: string
  readonly property: string
  readonly message: string
}

// An override replaces the options of a rule, it does not add to them: each one states its whole list.

function forbidImports(...patterns: readonly ForbiddenImport[]): Rules {
  return { 'no-restricted-imports': ['error', { patterns: [...patterns] }] }
}

/** Refuses globals, by their own name and as a member of `globalThis`, and what reads the time in passing. */
function forbidGlobals(
  names: readonly (keyof typeof globals)[],
  ...members: readonly ForbiddenMember[]
): Rules {
  return {
    'no-restricted-globals': ['error', ...names.map((name) => ({ name, message: globals[name] }))],
    'no-restricted-properties': [
      'error',
      ...names.map((name) => ({ object: 'globalThis', property: name, message: globals[name] })),
      { object: 'Date', property: 'now', message: globals.performance },
      { object: 'AbortSignal', property: 'timeout', message: globals.setTimeout },
      ...members,
    ],
  }
}

/** Refuses folders and files of the own `src`, from whatever depth. */
function ownModules(names: readonly string[], message: string): ForbiddenImport {
  return { regex: String.raw`^(\./|(\.\./)+)(${names.join('|')})(/|\.ts$)`, message }
}

/** Refuses every neighbour that comes later in a list that is ordered by who may know whom. */
function laterThan(name: string, order: readonly string[]): ForbiddenImport {
  return ownModules(
    order.slice(order.indexOf(name) + 1),
    `Each knows only those before it: ${order.join(' < ')}.`,
  )
}

const globals = {
  setTimeout: 'Timers come from a Clock, so that time can be virtual.',
  setInterval: 'Timers come from a Clock, so that time can be virtual.',
  setImmediate: 'Timers come from a Clock, so that time can be virtual.',
  performance: 'The time comes from a Clock, so that it can be virtual.',
  fetch: 'Requests go through a Transport.',
  process: 'Only cli/ knows the process it runs in.',
  console: 'Only cli/ knows the terminal.',
}
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'performance'] as const
const terminal = ['process', 'console'] as const

const sourcesOfOthers = {
  regex: '/src/',
  message: 'Import a package by its name: its sources are its own business.',
}
const commandLine = ownModules(['cli'], 'Nobody imports cli/.')

/** The rooms of core in the order in which they may know each other, and the tools beside them. */
const rooms = ['clock', 'operation', 'graph', 'polling', 'streams', 'operators', 'client', 'index', 'testing']
const roomsWithRxjs = new Set(['streams', 'operators', 'client', 'index'])

const anyPackage = { regex: '^[^.]', message: 'This is plain TypeScript: it needs no package.' }
const anyPackageButRxjs = { regex: '^([^.r]|r[^x]|rxjs/)', message: 'Core needs no package but RxJS.' }

/** What RxJS times with a `setTimeout` and a `Date.now` of its own. */
const timeOfRxjs = [
  'animationFrames',
  'animationFrameScheduler',
  'asapScheduler',
  'asyncScheduler',
  'auditTime',
  'bufferTime',
  'debounceTime',
  'delay',
  'interval',
  'sampleTime',
  'throttleTime',
  'timeInterval',
  'timeout',
  'timeoutWith',
  'timer',
  'timestamp',
  'windowTime',
]

/** The folders of the gateway in the order in which they may know each other, and what wires them. */
const gatewayFolders = [
  'errors',
  'observability',
  'subscriptions',
  'resolvers',
  'schema',
  'access',
  'execution',
  'transports',
  'gateway',
  'server',
  'index',
  'cli',
]
const protocols = {
  regex: '^(ws|graphql-ws|graphql-yoga|@graphql-yoga/.*|@azure/.*|node:.*)$',
  message: 'This sees only what the context gives it: protocols, credentials and Node belong elsewhere.',
}

const config: OxlintConfig = defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['**/dist/**'],
  rules: {
    // What the categories leave out.
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    'max-params': ['error', { max: 4 }],
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'no-param-reassign': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/only-throw-error': 'error',
    // The reason of an abort is passed on as it came.
    'typescript/prefer-promise-reject-errors': [
      'error',
      { allowThrowingUnknown: true, allowThrowingAny: true },
    ],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/switch-exhaustiveness-check': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/prefer-node-protocol': 'error',

    // Requests and checks follow one another: waiting in a loop is the point.
    'no-await-in-loop': 'off',
    // TypeScript checks it (`noImplicitReturns`) and understands an exhaustive switch, which this does not.
    'typescript/consistent-return': 'off',
    // `noUncheckedIndexedAccess` asks for assertions where a loop has proved the index.
    'typescript/no-unsafe-type-assertion': 'off',
    // A changed copy is what `map` is for; the hot paths are measured.
    'oxc/no-map-spread': 'off',
    // A copy is taken before a loop whose body changes the original.
    'unicorn/no-useless-spread': 'off',
    // `fc.integer()`, `fc.record()`: how fast-check is written everywhere.
    'import/no-named-as-default-member': 'off',
    // Most interfaces here are kept by closures, whose methods can be taken out of them.
    'typescript/unbound-method': 'off',
    // A `then` for its effect returns nothing; forgotten promises are caught by type.
    'promise/always-return': 'off',
    // A closure stands next to its use, even where it captures nothing.
    'unicorn/consistent-function-scoping': 'off',
    // Setting `onmessage` also starts a port, which adding a listener does not.
    'unicorn/prefer-add-event-listener': 'off',
  },
  overrides: [
    {
      files: ['packages/*/src/**'],
      rules: {
        ...forbidImports(sourcesOfOthers, commandLine),
        ...forbidGlobals([...timers, 'fetch', ...terminal]),
      },
    },

    ...rooms.map((room) => ({
      files: [`packages/core/src/${room}.ts`, `packages/core/src/${room}/**`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [laterThan(room, rooms), roomsWithRxjs.has(room) ? anyPackageButRxjs : anyPackage],
            paths: [{ name: 'rxjs', importNames: timeOfRxjs, message: globals.setTimeout }],
          },
        ],
      } satisfies Rules,
    })),
    {
      files: ['packages/core/src/testing/**'],
      rules: forbidImports(anyPackage, ownModules(rooms.slice(1, -1), 'Testing tools know the clock only.')),
    },
    {
      // The adapter names the types of the client that it adapts.
      files: ['packages/core/src/graph/graph-client-transport.ts'],
      rules: forbidImports(laterThan('graph', rooms), {
        regex: '^([^.@]|@[^m])',
        message: 'The adapter needs no package but the client that it adapts.',
      }),
    },
    {
      files: ['packages/core/src/clock.ts'],
      rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
    },
    {
      files: ['packages/core/src/graph/fetch-transport.ts'],
      rules: forbidGlobals([...timers, ...terminal]),
    },

    {
      files: ['packages/simulator/src/**'],
      rules: {
        ...forbidGlobals([...timers, 'fetch', ...terminal], {
          object: 'Math',
          property: 'random',
          message: 'Chance comes from the seed, so that a run can be repeated.',
        }),
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              ownModules(['node', 'cli'], 'The simulator needs no socket: node/ and cli/ are built on it.'),
              {
                regex: '^([^.@]|@[^t])',
                message: 'The simulator needs no package but core, and runs anywhere.',
              },
              {
                regex: '^@teams-operations/(gateway|core/graph-client)',
                message: 'The simulator stands alone.',
              },
              sourcesOfOthers,
            ],
            paths: [
              {
                name: '@teams-operations/core',
                allowImportNames: ['MAX_TIMER_DELAY_MS', 'boundedDelayMs', 'systemClock'],
                allowTypeImports: true,
                message: 'It judges what core does, so it shares nothing with it but types and the clock.',
              },
            ],
          },
        ],
      },
    },
    {
      files: ['packages/simulator/src/node/**'],
      rules: forbidImports(sourcesOfOthers, commandLine),
    },

    ...gatewayFolders.map((folder, index) => ({
      files: [`packages/gateway/src/${folder}.ts`, `packages/gateway/src/${folder}/**`],
      rules: forbidImports(
        laterThan(folder, gatewayFolders),
        sourcesOfOthers,
        ...(index <= gatewayFolders.indexOf('schema') ? [protocols] : []),
      ),
    })),

    {
      // The command lines: the one place that knows the process, its terminal and what is built on what.
      files: ['packages/*/src/cli/**'],
      rules: { ...forbidImports(sourcesOfOthers), ...forbidGlobals([...timers, 'fetch']) },
    },

    {
      files: ['**/test/**', '**/*.test.ts', 'benchmarks/**', 'examples/**', 'scripts/**'],
      rules: {
        // Tables of cases are long.
        'max-lines': 'off',
      },
    },
    {
      files: ['**/*.test.ts'],
      plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
      rules: {
        'no-restricted-globals': [
          'error',
          ...['setTimeout', 'setInterval'].map((name) => ({
            name,
            message: 'A test never sleeps: advance a virtual clock.',
          })),
        ],
        'no-restricted-imports': [
          'error',
          { patterns: [{ regex: '^node:timers', message: 'A test never sleeps: advance a virtual clock.' }] },
        ],
      },
    },
    {
      // Real sockets and browsers have no virtual time.
      files: ['**/*.integration.test.ts', '**/*.browser.test.ts'],
      rules: { 'no-restricted-globals': 'off', 'no-restricted-imports': 'off' },
    },
    {
      files: ['*.config.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
})

export default config
