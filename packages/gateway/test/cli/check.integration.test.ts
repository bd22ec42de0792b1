import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createSimulator,
  dropConnection,
  refuse,
  serverError,
  throttle,
  type Behavior,
} from '@teams-operations/simulator'
import { listen } from '@teams-operations/simulator/node'
import { printSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createSchema } from '../../src/schema/create-schema.ts'
import { runCli } from './run-cli.ts'

/** A token as Entra ID gives it, as far as it can be read. */
function tokenWith(claims: object): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${'s'.repeat(86)}`
}

const inAnHour = Math.floor(Date.now() / 1000) + 3_600
const goodToken = tokenWith({
  aud: '00000003-0000-0000-c000-000000000000',
  appid: 'app-1',
  tid: 'tenant-1',
  roles: ['TeamSettings.ReadWrite.All', 'Team.Create'],
  exp: inAnHour,
})

interface Tried {
  readonly code: number | null
  readonly output: string
  readonly requests: number
}

/** What `check` finds of a Graph that behaves like this. */
async function tried(token: string, behaviors: readonly Behavior[] = []): Promise<Tried> {
  await using simulator = createSimulator({ time: 'real', tokens: { accept: [goodToken] } })
  for (const behavior of behaviors) simulator.use(behavior)
  await using listening = await listen(simulator)
  await using cli = runCli(['check', '--graph-origin', listening.origin], { GRAPH_TOKEN: token })
  const code = await cli.ended
  expect(simulator.journal.violations()).toEqual([])
  return { code, output: cli.output(), requests: simulator.journal.requests.length }
}

describe('check', () => {
  test('says whose token it is and what is granted, asks Graph once, and ends with 0', async () => {
    const { code, output, requests } = await tried(goodToken)
    expect(output).toMatch(/^ok {7}A token for http/)
    expect(output).toContain('Of the app app-1 in the tenant tenant-1.')
    expect(output).toContain('Granted: Team.Create, TeamSettings.ReadWrite.All.')
    expect(output).toMatch(/^ok {7}http:\S+ takes it/m)
    expect(output).toContain('Ready to serve.')
    expect(requests).toBe(1)
    expect(code).toBe(0)
  })

  test.each<[string, readonly Behavior[], string, number]>([
    ['a refusal', [refuse(403, 'Forbidden', 'Missing role permissions.')], 'may not read teams (403)', 1],
    ['a dropped connection', [dropConnection()], 'cannot be reached', 1],
    ['a failure', [serverError(502)], 'health of Microsoft 365', 1],
    ['throttling', [throttle({ retryAfter: '1' })], 'too many requests of this app', 0],
    ['a failure that is to be waited for', [serverError(503, { retryAfter: '5' })], 'Microsoft 365', 1],
  ])('explains %s', async (_, behaviors, explanation, expected) => {
    const { code, output } = await tried(goodToken, behaviors)
    expect(output).toContain(explanation)
    expect(code).toBe(expected)
  })

  test.each([
    [404, 'Not found'],
    [404, '{"error":{"code":"NotFound","message":"No such page."}}'],
    [200, '{"value":[]}'],
    [200, '<html></html>'],
    [302, ''],
  ])('is not taken in by another program that answers %i %s', async (status, body) => {
    const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const graphOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await using cli = runCli(['check', '--graph-origin', graphOrigin], { GRAPH_TOKEN: goodToken })
    expect(await cli.ended).toBe(1)
    expect(cli.output()).toContain(`What answers there (${status}) is not Microsoft Graph`)
    expect(cli.output()).toContain('Not ready to serve.')
    server.close()
  })

  test('explains a token that Graph does not take', async () => {
    const foreign = tokenWith({ aud: 'api://another', scp: 'Team.ReadBasic.All', upn: 'ada@example.com' })
    const { code, output } = await tried(foreign)
    expect(output).toMatch(/^missing {2}A token for http/m)
    expect(output).toContain('It is for api://another, not for http')
    expect(output).toContain('for ada@example.com')
    expect(output).toContain('The token is not good for this Graph (401)')
    expect(output).toContain('Not ready to serve.')
    expect(code).toBe(1)
  })

  test('does not bother Graph with a token that has expired, or that grants nothing without saying so', async () => {
    const expired = await tried(tokenWith({ exp: 1 }))
    expect(expired).toMatchObject({ code: 1, requests: 0 })
    expect(expired.output).toContain('It has expired')
    expect(expired.output).toContain('Granted: nothing.')
  })

  test('never shows the token', async () => {
    for (const token of [goodToken, 'opaque-token-of-somebody', tokenWith({ exp: 1 })]) {
      const { output } = await tried(token, [refuse(403, 'Forbidden', `Not with Bearer ${token}`)])
      expect(output).not.toContain(token)
      expect(output).not.toContain(token.slice(-40))
    }
  })

  test('says how to sign in where nobody is', async () => {
    // The credentials of the Azure SDKs but one, which finds nothing in this environment.
    await using cli = runCli(['check'], { AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' })
    expect(await cli.ended).toBe(1)
    expect(cli.output()).toContain('DefaultAzureCredential gives none')
    expect(cli.output()).toContain('AZURE_CLIENT_ID')
  })

  test('has nothing to try where Graph is simulated', async () => {
    await using cli = runCli(['check', '--simulate'])
    expect(await cli.ended).toBe(0)
    expect(cli.output()).toContain('needs no credential')
  })

  test('refuses what serve would refuse', async () => {
    for (const args of [
      ['--quota-share', '2'],
      ['--simulate', '--host', '0.0.0.0'],
    ]) {
      await using cli = runCli(['check', ...args])
      expect(await cli.ended).toBe(2)
    }
  })
})

test.each([
  ['what everybody may do', false],
  ['what starts operations as well', true],
])('schema prints %s', async (_, allowStart) => {
  await using cli = runCli(['schema', ...(allowStart ? ['--allow-start'] : [])])
  expect(await cli.ended).toBe(0)
  expect(cli.output()).toBe(`${printSchema(createSchema({ allowStart }))}\n`)
})
