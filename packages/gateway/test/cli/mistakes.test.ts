import { describe, expect, test } from 'vitest'
import type { LookupAll } from '../../src/access/listen-address.ts'
import { ConfigurationError } from '../../src/cli/configuration-error.ts'
import { readConfiguration } from '../../src/cli/configuration.ts'
import type { Environment } from '../../src/cli/read-settings.ts'

const tenantId = 'aaaaaaaa-1111-4111-8111-111111111111'

/** A name server for two names; addresses are their own. */
const lookup: LookupAll = async (host) => {
  if (host === 'laptop.example') return [{ address: '192.168.1.20' }]
  if (host === 'localhost') return [{ address: '127.0.0.1' }]
  if (/^[\d.:]+$/.test(host)) return [{ address: host }]
  throw Object.assign(new Error(`getaddrinfo ${host}`), {
    code: host === 'slow.example' ? 'EAI_AGAIN' : 'ENOTFOUND',
  })
}

async function mistakesOf(
  args: readonly string[],
  environment: Environment = {},
  readFile: () => string = () => '{}',
): Promise<readonly string[]> {
  try {
    await readConfiguration(args, environment, readFile, lookup)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes
    throw error
  }
  return []
}

const failsWith = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code })
}

describe('where it listens', () => {
  test('is judged with everything else, so that all mistakes are told at once', async () => {
    expect(await mistakesOf(['--host', '0.0.0.0', '--port', 'abc'])).toEqual([
      '--port: expected a port from 0 to 65535, got "abc".',
      expect.stringMatching(/^--host: Expected an address that only this machine can reach, got 0\.0\.0\.0/),
    ])
    expect(await mistakesOf([], { HOST: 'laptop.example', SIMULATE: '1' })).toEqual([
      expect.stringMatching(/^HOST: .*got laptop\.example, which is 192\.168\.1\.20/),
    ])
  })

  test.each([
    [['--host', 'nosuchhost.invalid'], /^--host: .*got nosuchhost\.invalid, which has no address/],
    [['--host', 'slow.example'], /^--host: .*no name server answers at the moment/],
    [['--admin-port', '1', '--admin-host', 'nosuchhost.invalid'], /^--admin-host: .*which has no address/],
    [['--host', ''], /^--host: expected a name or an address of this machine, got ""\.$/],
    [['--host', ' '], /^--host: expected a name or an address of this machine, got " "\.$/],
  ])('is no place for %j, with the reason', async (args, mistake) => {
    expect(await mistakesOf(args)).toEqual([expect.stringMatching(mistake)])
  })

  test('may be everywhere for the operator, who is not asked who it is', async () => {
    expect(await mistakesOf(['--admin-port', '1', '--admin-host', '0.0.0.0'])).toEqual([])
  })

  test.each([
    [['--port', '4005', '--admin-port', '4005'], 1],
    [['--port', '4005', '--admin-port', '4005', '--admin-host', 'localhost'], 1],
    [['--port', '4005', '--admin-port', '4005', '--admin-host', '0.0.0.0'], 1],
    [['--port', '4005', '--admin-port', '4005', '--admin-host', '127.0.0.2'], 0],
    [['--port', '0', '--admin-port', '0'], 0],
    [['--port', '4005', '--admin-port', '4006'], 0],
  ])('has a port of its own for the operator: %j', async (args, count) => {
    const mistakes = await mistakesOf(args)
    expect(mistakes).toHaveLength(count)
    for (const mistake of mistakes) expect(mistake).toContain('--admin-port: expected another port')
  })
})

describe('a value that is none', () => {
  test.each<[readonly string[], Environment]>([
    [[], { AUTH: 'oidc', ENTRA_TENANT_ID: tenantId }],
    [['--auth'], { ENTRA_TENANT_ID: tenantId }],
    [['--auth', 'oidc', '--host', '0.0.0.0'], {}],
    [['--auth', 'entra', '--entra-audience', 'a b'], { ENTRA_TENANT_ID: tenantId }],
    [['--simulate=maybe', '--poll-interval-ms', '3000'], {}],
    [['--cloud', 'mars', '--poll-interval-ms', '3000'], {}],
    [['--drain-ms', 'x', '--drain-delay-ms', '15000'], {}],
    [['--documents', '', '--only-persisted'], {}],
    [['--config', 'x.json', '--only-persisted'], { CONFIG_FILE: '' }],
  ])('is one mistake, and not the reason of others: %j %j', async (args, environment) => {
    expect(await mistakesOf(args, environment, failsWith('ENOENT'))).toHaveLength(1)
  })

  test.each([
    ['--config', '--config: expected the path of a file, got "".'],
    ['--documents', '--documents: expected the path of a file, got "".'],
    ['--graph-origin', '--graph-origin: expected an origin, such as http://127.0.0.1:4100, got "".'],
  ])('is told of also where it is nothing at all: %s=', async (flag, mistake) => {
    expect(await mistakesOf([`${flag}=`])).toEqual([mistake])
  })

  test('of a list is told by itself, and the others are judged nevertheless', async () => {
    const args = ['maxDepth=0', 'maxDepht=3', 'foo'].flatMap((limit) => ['--limit', limit])
    expect(await mistakesOf(args)).toEqual([
      expect.stringMatching(/^--limit: expected a limit.*got "foo"/),
      expect.stringMatching(/^--limit: Expected `limits\.maxDepth`/),
      expect.stringMatching(/^--limit: there is no limit called maxDepht/),
    ])
  })

  test('is a list with commas, where the flag is to be repeated', async () => {
    const origins = 'https://a.example,https://b.example'
    expect(await mistakesOf(['--allowed-origin', origins])).toEqual([
      `--allowed-origin: expected an origin of the web, such as https://app.example.com, got "${origins}". Repeat the flag for each of them.`,
    ])
    expect(await mistakesOf(['--config', 'x'], {}, () => `{ "allowedOrigins": "${origins}" }`)).toEqual([
      expect.stringMatching(/^allowedOrigins in x: .* Write a list\.$/),
    ])
    expect(await mistakesOf([], { ALLOWED_ORIGINS: origins })).toEqual([])
    const entra = ['--auth', 'entra', '--entra-tenant-id', tenantId, '--entra-audience', 'api://a,api://b']
    expect(await mistakesOf(entra)).toEqual([expect.stringContaining('Repeat the flag for each of them.')])
  })

  test('stands behind a switch, which takes none', async () => {
    expect(await mistakesOf(['--simulate', 'false'])).toEqual([
      'Expected a flag, got "false". --simulate takes no value: it is on with --simulate, and off with --no-simulate.',
    ])
  })

  test('is a name of hosts with a *, which would stand for itself', async () => {
    expect(await mistakesOf(['--allowed-host', '*.example.com'])).toEqual([
      '--allowed-host: expected the whole name of a host, without a port or a *, got "*.example.com".',
    ])
  })
})

describe('a file', () => {
  test.each([
    ['ENOENT', 'x.json: there is no such file. Give its path'],
    ['EACCES', 'x.json: it may not be read by the user'],
    ['EISDIR', 'x.json: expected a file, got a folder. Name the file in it.'],
    ['EIO', 'x.json: expected a file, got EIO.'],
  ])('that cannot be read (%s) is a mistake, with what to do', async (code, mistake) => {
    expect(await mistakesOf(['--config', 'x.json'], {}, failsWith(code))).toEqual([
      expect.stringContaining(mistake),
    ])
  })

  test('may begin with a byte order mark', async () => {
    const readFile = (): string => '\uFEFF{ "port": 1 }'
    expect(await readConfiguration(['--config', 'x.json'], {}, readFile, lookup)).toMatchObject({ port: 1 })
  })

  test.each([
    ['{ "port": 1, "host": "::1", "port" : 2 }', '"port"'],
    ['{ "limits": { "maxDepth": 1, "maxDepth": 2 } }', '"maxDepth"'],
  ])('says each thing once: %s', async (text, key) => {
    expect(await mistakesOf(['--config', 'x.json'], {}, () => text)).toEqual([
      `x.json: expected each key once, got ${key} twice. Take one of them out.`,
    ])
  })

  test('may say the same in two places, and quote what looks like a key', async () => {
    const text =
      '{ "limits": { "maxDepth": 1 }, "allowedHosts": ["limits", "limits"], "documents": "{\\"limits\\":" }'
    expect(await mistakesOf(['--config', 'x.json', '--documents', 'x'], {}, () => text)).toEqual([
      expect.stringContaining('x: expected an object of documents'),
    ])
  })
})
