import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/cli/configuration-error.ts'
import { readConfiguration } from '../../src/cli/configuration.ts'
import { helpText } from '../../src/cli/help-text.ts'
import type { Environment } from '../../src/cli/read-settings.ts'
import { settingGroups, settings } from '../../src/cli/settings.ts'

const noFile = (path: string): string => {
  throw new Error(`Expected no file to be read, got ${path}`)
}

async function mistakesOf(
  args: readonly string[],
  environment: Environment = {},
  readFile: (path: string) => string = noFile,
): Promise<readonly string[]> {
  try {
    await readConfiguration(args, environment, readFile)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes
    throw error
  }
  return []
}

describe('the configuration', () => {
  test('has defaults for everything', async () => {
    expect(await readConfiguration([], {}, noFile)).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      cloud: 'global',
      graphOrigin: undefined,
      pollIntervalMs: undefined,
      quotaShare: undefined,
      simulate: false,
      graphToken: undefined,
      adminPort: undefined,
      adminHost: '127.0.0.1',
      logLevel: 'info',
      drainMs: 10_000,
      drainDelayMs: 2_000,
      keepAliveMs: 25_000,
    })
  })

  test('takes every setting from a flag', async () => {
    const args = '--port 0 --host=::1 --cloud usgov --poll-interval-ms 60000 --quota-share .25'
    expect(await readConfiguration(args.split(' '), {})).toMatchObject({
      port: 0,
      host: '::1',
      cloud: 'usgov',
      pollIntervalMs: 60_000,
      quotaShare: 0.25,
    })
  })

  test('takes every setting from a variable', async () => {
    expect(
      await readConfiguration([], {
        PORT: '8080',
        HOST: '[::1]',
        GRAPH_ORIGIN: 'http://127.0.0.1:4100',
        GRAPH_TOKEN: 'token',
        POLL_INTERVAL_MS: '500',
        QUOTA_SHARE: '1',
      }),
    ).toMatchObject({
      port: 8080,
      host: '::1',
      graphOrigin: 'http://127.0.0.1:4100',
      graphToken: 'token',
      pollIntervalMs: 500,
      quotaShare: 1,
    })
  })

  test('prefers a flag to a variable, and takes an empty variable for none', async () => {
    const environment = { PORT: '1', SIMULATE: 'yes', HOST: '', GRAPH_TOKEN: '' }
    expect(await readConfiguration(['--port', '2', '--no-simulate'], environment)).toMatchObject({
      port: 2,
      simulate: false,
      host: '127.0.0.1',
      graphToken: undefined,
    })
  })

  test.each([
    ['1', true],
    ['TRUE', true],
    ['on', true],
    ['0', false],
    ['no', false],
  ])('reads the switch %s', async (text, simulate) => {
    expect((await readConfiguration([], { SIMULATE: text })).simulate).toBe(simulate)
  })

  test.each([
    [['--port', '65536'], '--port: expected a port from 0 to 65535, got "65536".'],
    [['--port', '0x50'], '--port: expected a port from 0 to 65535, got "0x50".'],
    [['--port', '80.5'], '--port: expected a port from 0 to 65535, got "80.5".'],
    [['--port'], '--port: expected a port from 0 to 65535, got nothing.'],
    [['--cloud', 'mars'], '--cloud: expected one of global, usgov, usgov-dod, china, got "mars".'],
    [['--quota-share', 'half'], '--quota-share: expected a number, got "half".'],
    [['--simulate=maybe'], '--simulate: expected true or false, got "maybe".'],
    [['--verbose'], '--verbose: there is no such flag.'],
    [['--prot', '80'], '--prot: there is no such flag. Did you mean --port?'],
    [['--Poll-Interval'], '--Poll-Interval: there is no such flag. Did you mean --poll-interval-ms?'],
    [['--no-simulat'], '--no-simulat: there is no such flag. Did you mean --simulate?'],
    [['here'], 'Expected a flag, got "here".'],
    [['--admin-port', '-1'], '--admin-port: expected a port from 0 to 65535, got "-1".'],
    [['--log-level', 'loud'], '--log-level: expected one of error, warn, info, debug, got "loud".'],
    [['--drain-ms', '0'], '--drain-ms: expected a number of milliseconds above 0, at most 600000, got "0".'],
    [
      ['--drain-delay-ms', '10000'],
      '--drain-delay-ms: expected less than the 10000 of --drain-ms, got 10000.',
    ],
    [
      ['--keep-alive-ms', '25'],
      '--keep-alive-ms: expected a number of milliseconds from 1000 to 300000, got "25".',
    ],
  ])('refuses %s and says what was expected', async (args, mistake) => {
    expect(await mistakesOf(args)).toEqual([mistake])
  })

  test('leaves the rules of polling to the core, and names where the mistake is', async () => {
    expect(await mistakesOf(['--poll-interval-ms', '29999'])).toEqual([
      expect.stringMatching(
        /^--poll-interval-ms: Expected pollIntervalMs to be at least 30000 for https:\/\/graph\.microsoft\.com, got 29999\./,
      ),
    ])
    expect(
      await mistakesOf(['--poll-interval-ms', '29999', '--graph-origin', 'http://127.0.0.1:4100']),
    ).toEqual([])
    expect(
      await mistakesOf(['--poll-interval-ms', '100', '--graph-origin', 'https://graph.microsoft.us']),
    ).toEqual([expect.stringContaining('https://graph.microsoft.us')])
    expect(await mistakesOf([], { QUOTA_SHARE: '2' })).toEqual([
      expect.stringMatching(/^QUOTA_SHARE: Expected quotaShare to be more than 0 and at most 1, got 2/),
    ])
    expect(await mistakesOf(['--graph-origin', 'http://graph.example'])).toEqual([
      expect.stringMatching(/^--graph-origin: .*unencrypted/),
    ])
  })

  test('reports all mistakes at once', async () => {
    const args = [
      '--port',
      'x',
      '--quota-share',
      '7',
      '--poll-interval-ms',
      '1',
      '--host',
      '0.0.0.0',
      '--nope',
    ]
    expect(await mistakesOf(args, { GRAPH_TOKEN: 'two words', LOG_LEVEL: '?' })).toHaveLength(7)
  })

  test('never quotes a token', async () => {
    expect((await mistakesOf([], { GRAPH_TOKEN: 'secret token' })).join()).not.toContain('secret')
  })

  test('takes either a simulated Graph or another, not both', async () => {
    expect(await mistakesOf(['--simulate', '--cloud', 'china'])).toEqual([expect.stringContaining('--cloud')])
    expect(await mistakesOf(['--simulate'], { GRAPH_ORIGIN: 'http://127.0.0.1:4100' })).toEqual([
      expect.stringContaining('GRAPH_ORIGIN'),
    ])
    expect(await mistakesOf(['--simulate', '--poll-interval-ms', '100'])).toEqual([])
  })
})

describe('the file of settings', () => {
  const file = (content: unknown) => (): string => JSON.stringify(content)

  test.each([
    [['--config', 'gateway.json'], {}],
    [[], { CONFIG_FILE: 'gateway.json' }],
  ])('is named by %j or %j', async (args, environment) => {
    const asked: string[] = []
    const readFile = (path: string): string => {
      asked.push(path)
      return '{ "port": 1, "host": "::1", "simulate": true }'
    }
    expect(await readConfiguration(args, environment, readFile)).toMatchObject({
      port: 1,
      host: '::1',
      simulate: true,
    })
    expect(asked).toEqual(['gateway.json'])
  })

  test('gives way to a variable, which gives way to a flag', async () => {
    const args = ['--config', 'x.json', '--port', '3']
    const environment = { PORT: '2', HOST: 'localhost' }
    const readFile = file({ port: 1, host: '::1', quotaShare: 0.25 })
    expect(await readConfiguration(args, environment, readFile)).toMatchObject({
      port: 3,
      host: 'localhost',
      quotaShare: 0.25,
    })
  })

  test('is read for each of its mistakes, though a flag wins', async () => {
    const readFile = file({ prot: 1, toString: 1, simulate: 'yes', host: ['a'], port: 'high' })
    expect(await mistakesOf(['--config', 'x.json', '--log-level', 'loud'], {}, readFile)).toEqual([
      'prot in x.json: there is no such setting. Did you mean port?',
      'toString in x.json: there is no such setting.',
      'simulate in x.json: expected true or false, got "yes".',
      'host in x.json: expected a name or an address of this machine, got ["a"].',
      'port in x.json: expected a port from 0 to 65535, got "high".',
      '--log-level: expected one of error, warn, info, debug, got "loud".',
    ])
  })

  test.each([
    ['[]', 'x.json: expected an object of settings, got [].'],
    ['null', 'x.json: expected an object of settings, got null.'],
    ['', 'x.json: expected JSON, which it is not.'],
    ['{\n  "port": 1,\n}', 'x.json: expected JSON, which it is not at line 3 column 1.'],
    ['-----BEGIN PRIVATE KEY-----', 'x.json: expected JSON, which it is not.'],
  ])('that is %j is refused, and not quoted', async (content, mistake) => {
    expect(await mistakesOf(['--config', 'x.json'], {}, () => content)).toEqual([
      expect.stringContaining(mistake.replace(/\.$/, '')),
    ])
    expect((await mistakesOf(['--config', 'x.json'], {}, () => content)).join()).not.toContain('PRIVATE')
  })

  test('that is not there is a mistake', async () => {
    await expect(readConfiguration(['--config', '/nowhere/x.json'], {})).rejects.toThrow(
      '/nowhere/x.json: there is no such file.',
    )
  })
})

describe('settings of several values', () => {
  test('come from a flag that is repeated, a variable with commas, and a list in the file', async () => {
    const origins = ['https://a.example', 'https://b.example:8443']
    const args = origins.flatMap((origin) => ['--allowed-origin', origin])
    const file = (): string => JSON.stringify({ allowedOrigins: origins })
    expect(await readConfiguration(args, {})).toMatchObject({ allowedOrigins: origins })
    expect(await readConfiguration([], { ALLOWED_ORIGINS: ` ${origins.join(' , ')},` })).toMatchObject({
      allowedOrigins: origins,
    })
    expect(await readConfiguration(['--config', 'x.json'], {}, file)).toMatchObject({
      allowedOrigins: origins,
    })
  })

  test('are told which of them is wrong', async () => {
    const args = ['--allowed-origin', 'https://a.example', '--allowed-origin', 'https://b.example/']
    expect(await mistakesOf(args)).toEqual([
      '--allowed-origin: expected an origin of the web, such as https://app.example.com, got "https://b.example/".',
    ])
    expect(await mistakesOf([], { ALLOWED_HOSTS: 'gateway.example.com:4000' })).toEqual([
      'ALLOWED_HOSTS: expected the whole name of a host, without a port or a *, got "gateway.example.com:4000".',
    ])
  })
})

describe('the limits', () => {
  const limits = { maxDepth: 20, maxConnections: Infinity, messageRate: { burst: 1_000, perSecond: 0.5 } }
  const texts = ['maxDepth=20', 'maxConnections=Infinity', 'messageRate=1000/.5']

  test.each<[string, readonly string[], Environment, unknown]>([
    ['flags', texts.flatMap((text) => ['--limit', text]), {}, {}],
    ['a variable', [], { LIMITS: texts.join(',') }, {}],
    ['a list in the file', ['--config', 'x.json'], {}, { limits: texts }],
    [
      'an object in the file',
      ['--config', 'x.json'],
      {},
      { limits: { maxDepth: 20, maxConnections: 'Infinity', messageRate: '1000/.5' } },
    ],
  ])('come from %s', async (_, args, environment, content) => {
    expect((await readConfiguration(args, environment, () => JSON.stringify(content))).limits).toEqual(limits)
  })

  test.each([
    ['maxDepht=3', '--limit: there is no limit called maxDepht. Did you mean maxDepth?'],
    ['__proto__=3', '--limit: there is no limit called __proto__.'],
    ['maxDepth', '--limit: expected a limit, such as'],
    ['maxDepth=', '--limit: expected a limit, such as'],
    ['messageRate=10/', '--limit: expected a limit, such as'],
    ['maxDepth=0', '--limit: Expected `limits.maxDepth` to be a whole number above 0, or Infinity, got 0.'],
    ['messageRate=3', '--limit: Expected `limits.messageRate` to be { burst, perSecond }'],
    ['maxBodyBytes=Infinity', '--limit: Expected `limits.maxBodyBytes` to be a whole number above 0'],
  ])('refuse %s', async (text, mistake) => {
    expect(await mistakesOf(['--limit', text])).toEqual([expect.stringContaining(mistake)])
  })
})

describe('persisted documents', () => {
  const args = ['--documents', 'documents.json', '--only-persisted']
  const valid = { followed: '{ followedOperations { id } }' }

  test('come from a file of their own', async () => {
    expect(await readConfiguration(args, {}, () => JSON.stringify(valid))).toMatchObject({
      documentsById: valid,
      onlyPersisted: true,
    })
  })

  test.each([
    ['{', 'documents.json: expected JSON, which it is not'],
    ['["{ followedOperations { id } }"]', 'documents.json: expected an object of documents by their ids'],
    ['{ "a": 1 }', 'documents.json: expected an object of documents by their ids'],
    [
      '{ "a": "{ nothing }" }',
      'documents.json: Expected the document a to be valid, got: Cannot query field',
    ],
    [
      '{ "a": "mutation { archiveTeam(teamId: \\"1\\") { location } }" }',
      'documents.json: Expected the document a to be valid',
    ],
  ])('that are %s are refused before anything starts', async (content, mistake) => {
    expect(await mistakesOf(args, {}, () => content)).toEqual([expect.stringContaining(mistake)])
  })

  test('are needed where nothing else is executed', async () => {
    expect(await mistakesOf([], { ONLY_PERSISTED: '1' })).toEqual([
      'ONLY_PERSISTED: expected --documents as well.',
    ])
  })
})

test('a drain delay that was not asked for leaves a short drain its time', async () => {
  expect(await readConfiguration(['--drain-ms', '1000'], {})).toMatchObject({
    drainMs: 1_000,
    drainDelayMs: 200,
  })
})

test('every setting is in one group of the help', async () => {
  const grouped = settingGroups.flatMap((group) => Object.keys(group.settings))
  expect(grouped.toSorted()).toEqual(Object.keys(settings).toSorted())
})

test('the help names every flag, variable and default, and fits a terminal', async () => {
  const help = helpText()
  for (const { flag, variable, shownDefault } of Object.values(settings)) {
    expect(help).toContain(`--${flag}`)
    expect(help).toContain(`${variable}, default ${shownDefault}`)
  }
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})

describe('how clients prove who they are', () => {
  const tenantId = 'aaaaaaaa-1111-4111-8111-111111111111'
  const entra = [
    '--auth',
    'entra',
    '--entra-tenant-id',
    tenantId,
    '--entra-audience',
    'api://teams-operations',
  ]

  test('is not asked for by default', async () => {
    expect(await readConfiguration([], {}, noFile)).toMatchObject({
      auth: 'none',
      entraTenantId: undefined,
      entraAudience: [],
      requiredScopes: [],
      requiredRoles: [],
      startScopes: [],
      startRoles: [],
      graphIdentity: 'application',
      applicationProof: undefined,
      allowedOrigins: [],
      allowedHosts: [],
    })
  })

  test('is taken from flags, and from variables', async () => {
    const expected = {
      auth: 'entra',
      entraTenantId: tenantId,
      entraAudience: ['api://teams-operations', 'bbbbbbbb-2222-4222-8222-222222222222'],
      requiredScopes: ['Operations.Read', 'Operations.Write'],
      requiredRoles: ['Operations.Read.All'],
      allowStart: true,
      startScopes: ['Operations.Start', 'Operations.Write'],
      startRoles: ['Operations.Start.All'],
      allowedOrigins: ['https://app.example.com', 'https://other.example.com'],
      allowedHosts: ['gateway.example.com'],
    }
    const args =
      '--entra-audience bbbbbbbb-2222-4222-8222-222222222222 --required-scope Operations.Read ' +
      '--required-scope Operations.Write --required-role Operations.Read.All ' +
      '--allow-start --start-scope Operations.Start --start-scope Operations.Write ' +
      '--start-role Operations.Start.All ' +
      '--allowed-origin https://app.example.com --allowed-origin https://other.example.com ' +
      '--allowed-host gateway.example.com'
    expect(await readConfiguration([...entra, ...args.split(' ')], {}, noFile)).toMatchObject(expected)
    const environment = {
      AUTH: 'entra',
      ENTRA_TENANT_ID: tenantId,
      ENTRA_AUDIENCE: 'api://teams-operations,bbbbbbbb-2222-4222-8222-222222222222',
      REQUIRED_SCOPES: 'Operations.Read, Operations.Write',
      REQUIRED_ROLES: 'Operations.Read.All',
      ALLOW_START: 'true',
      START_SCOPES: 'Operations.Start,Operations.Write',
      START_ROLES: 'Operations.Start.All',
      ALLOWED_ORIGINS: 'https://app.example.com,https://other.example.com',
      ALLOWED_HOSTS: 'gateway.example.com',
    }
    expect(await readConfiguration([], environment, noFile)).toMatchObject(expected)
  })

  test.each<[readonly string[], string]>([
    [['--auth', 'basic'], '--auth: expected one of none, entra, got "basic".'],
    [['--auth', 'entra'], '--auth: expected ENTRA_TENANT_ID and ENTRA_AUDIENCE as well.'],
    [entra.slice(0, 4), '--auth: expected ENTRA_AUDIENCE as well.'],
    [
      ['--auth', 'entra', '--entra-audience', 'x', '--entra-tenant-id', 'common'],
      '--entra-tenant-id: Expected `tenantId` to be the id of a directory, a GUID, got "common".',
    ],
    [
      ['--required-role', 'Operations.Read.All'],
      '--required-role: expected --auth entra as well, without which nobody is told apart.',
    ],
    [
      ['--allow-start', '--start-scope', 'Operations.Start'],
      '--start-scope: expected --auth entra as well, without which nobody is told apart.',
    ],
    [
      [...entra, '--start-role', 'Operations.Start.All'],
      '--start-role: expected --allow-start as well, without which nobody can start anything.',
    ],
    [
      [...entra, '--allow-start', '--start-scope', 'api://teams-operations/Operations.Start'],
      '--start-scope: expected the name of a scope, without the URI before it, got "api://teams-operations/Operations.Start".',
    ],
    [
      ['--graph-identity', 'user'],
      '--graph-identity: expected --auth entra as well, without which nobody is told apart.',
    ],
    [
      [...entra, '--required-scope', 'api://teams-operations/Operations.Read'],
      '--required-scope: expected the name of a scope, without the URI before it, got "api://teams-operations/Operations.Read".',
    ],
    [
      ['--allowed-origin', 'app.example.com'],
      '--allowed-origin: expected an origin of the web, such as https://app.example.com, got "app.example.com".',
    ],
    [
      ['--allowed-host', 'gateway.example.com:443'],
      '--allowed-host: expected the whole name of a host, without a port or a *, got "gateway.example.com:443".',
    ],
  ])('refuses %j and says what was expected', async (args, mistake) => {
    expect(await mistakesOf(args)).toContain(mistake)
  })

  describe('on behalf of users', () => {
    const asUser = [...entra, '--graph-identity', 'user']
    const clientId = 'bbbbbbbb-2222-4222-8222-222222222222'

    test('needs what the application proves itself with', async () => {
      expect(await mistakesOf(asUser)).toEqual([
        expect.stringMatching(/^--graph-identity: expected AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or/),
      ])
      expect(await mistakesOf(asUser, { AZURE_CLIENT_ID: clientId })).toHaveLength(1)
      const proofWith = async (environment: Environment): Promise<unknown> =>
        (await readConfiguration(asUser, { AZURE_CLIENT_ID: clientId, ...environment }, noFile))
          .applicationProof
      expect(
        await proofWith({ AZURE_CLIENT_SECRET: 'secret', AZURE_CLIENT_CERTIFICATE_PATH: 'a.pem' }),
      ).toEqual({
        clientId,
        clientSecret: 'secret',
        certificatePath: undefined,
      })
      expect(await proofWith({ AZURE_CLIENT_CERTIFICATE_PATH: 'a.pem' })).toEqual({
        clientId,
        clientSecret: undefined,
        certificatePath: 'a.pem',
      })
    })

    test('needs a Graph that knows users, and no token of one', async () => {
      const proof = { AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: 'secret' }
      expect(await mistakesOf([...asUser, '--simulate'], proof)).toEqual([
        '--graph-identity: expected it or --simulate, got both: what is simulated knows no users.',
      ])
      expect(await mistakesOf(asUser, { ...proof, GRAPH_TOKEN: 'a-token-of-somebody' })).toEqual([
        '--graph-identity: expected it or GRAPH_TOKEN, got both: that token is of one user.',
      ])
    })
  })
})
