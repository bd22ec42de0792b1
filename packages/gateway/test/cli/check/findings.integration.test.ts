import type { GraphRequest, Transport } from '@teams-operations/core'
import { createSimulator, refuse } from '@teams-operations/simulator'
import { listen } from '@teams-operations/simulator/node'
import { describe, expect, test } from 'vitest'
import { checkGraph } from '../../../src/cli/check/check-graph.ts'
import { checkSigningKeys } from '../../../src/cli/check/check-signing-keys.ts'

test.each([
  ['the application, which has to be allowed to read', 'application', false],
  ['the users, who have permissions of their own', 'user', true],
] as const)(
  'a Graph that lets the application read nothing is judged for %s',
  async (_, graphIdentity, isGood) => {
    await using simulator = createSimulator({ time: 'real' })
    simulator.use(refuse(403, 'Forbidden', 'Missing role permissions.'))
    await using listening = await listen(simulator)
    const token = { token: 'token', expiresOnTimestamp: Infinity }
    const configuration = { cloud: 'global', graphOrigin: listening.origin, graphIdentity } as const
    expect(await checkGraph(token, configuration, listening.origin)).toMatchObject({ isGood })
  },
)

describe('the keys that tokens are signed with', () => {
  const configuration = { cloud: 'usgov', entraTenantId: '11111111-2222-4333-8444-555555555555' } as const

  function answering(status: number, requests: GraphRequest[] = []): Transport {
    return {
      async send(request) {
        requests.push(request)
        return { status, headers: new Headers(), body: '{}' }
      },
    }
  }

  test('are those of the tenant, in its cloud, and are asked for without a token', async () => {
    const requests: GraphRequest[] = []
    expect(await checkSigningKeys(configuration, answering(200, requests))).toMatchObject({ isGood: true })
    expect(requests).toEqual([
      {
        method: 'GET',
        url: 'https://login.microsoftonline.us/11111111-2222-4333-8444-555555555555/discovery/v2.0/keys',
        headers: {},
      },
    ])
  })

  test('are missing where there is no such tenant, and where nobody answers', async () => {
    expect(await checkSigningKeys(configuration, answering(400))).toMatchObject({
      isGood: false,
      lines: [expect.stringContaining('there is no such tenant in this cloud') as string],
    })
    const cause = new Error('getaddrinfo ENOTFOUND')
    const transport = { send: () => Promise.reject(new TypeError('fetch failed', { cause })) }
    expect(await checkSigningKeys(configuration, transport)).toMatchObject({
      isGood: false,
      lines: [
        expect.stringContaining('cannot be reached') as string,
        'fetch failed',
        'getaddrinfo ENOTFOUND.',
      ],
    })
  })
})
