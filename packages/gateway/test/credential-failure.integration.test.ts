import {
  createOperationsClient,
  fetchTransport,
  type OperationsClient,
  type TokenCredential,
} from '@teams-operations/core'
import { createSimulator } from '@teams-operations/simulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { everyTransport } from './every-transport.ts'
import { locationOf, scriptedOperations, teamId } from './scripted-operations.ts'
import { serveGateway, type ServedGateway } from './serve-gateway.ts'

const secret = 'AADSTS7000222 secretId=hunter2 /var/run/secrets/azure/tokens'
const ref = `ref: { location: "${locationOf(1)}" }`

let operations: OperationsClient
let served: ServedGateway
const simulator = createSimulator({ time: 'real' })

const credential: TokenCredential = {
  getToken: () => Promise.reject(new Error(secret)),
}

beforeEach(async () => {
  operations = createOperationsClient({
    credential,
    transport: fetchTransport({ fetch: simulator.fetch }),
    graphOrigin: simulator.origin,
  })
  served = await serveGateway({ operations, allowStart: true })
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
  await operations[Symbol.asyncDispose]()
})

describe.each(everyTransport)('over %s', (_, { ask }) => {
  test.each([
    ['one operation', `{ teamsAsyncOperation(${ref}) { status } }`],
    ['those of a team', `{ teamsAsyncOperations(of: { teamId: "${teamId}" }) { pageInfo { hasNextPage } } }`],
  ])('what a credential says is not told to who asks for %s', async (_of, query) => {
    const answer = await ask(served, { query })
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|AADSTS|secrets/)
  })
})

test('nor to who looks at how an operation is followed', async () => {
  const scripted = scriptedOperations()
  scripted.find(locationOf(1))
  const problem = { code: 'no-token', message: secret, sinceAt: 0, requestId: undefined } as const
  const client: OperationsClient = {
    ...scripted.client,
    get: async (input) => ({ ...(await scripted.client.get(input)), problem }),
  }
  await using other = await serveGateway({ operations: client })
  const query = `{ teamsAsyncOperation(${ref}) { polling { problem { code message } } } }`
  expect(await (await other.post({ query })).json()).toEqual({
    data: {
      teamsAsyncOperation: {
        polling: {
          problem: { code: 'NO_TOKEN', message: 'The gateway has no access token for Microsoft Graph.' },
        },
      },
    },
  })
})

test('nor to who starts something', async () => {
  const response = await served.post({ query: `mutation { archiveTeam(teamId: "${teamId}") { location } }` })
  const text = await response.text()
  expect(text).toContain('so nothing was sent')
  expect(text).not.toMatch(/hunter2|AADSTS|secrets/)
})
