import { OperationLostError } from '@teams-operations/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { everyStream } from '../every-transport.ts'
import type { AskedRequest, Exchange, Result } from '../exchange.ts'
import { locationOf, scriptedOperations, teamId, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const location = locationOf(1)
const query = `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { status error { code } } }`

let operations: ScriptedOperations
let served: ServedGateway
let subscriptions: Exchange[]

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client, allowStart: true })
  operations.find(location)
  subscriptions = []
})

afterEach(async () => {
  for (const { leave } of subscriptions) leave()
  await served[Symbol.asyncDispose]()
})

interface Watched {
  readonly teamsAsyncOperation: { readonly status: string }
}

function statusOf({ data }: Result): string | undefined {
  return (data as Watched | undefined)?.teamsAsyncOperation.status
}

describe.each(everyStream)('over %s', (_, transport) => {
  const start = async (request: AskedRequest): Promise<Exchange> => {
    const subscription = await transport.start(served, request)
    subscriptions.push(subscription)
    return subscription
  }
  /** Waits for the current state. */
  const follow = async (): Promise<Exchange> => {
    const subscription = await start({ query })
    await vi.waitFor(() => expect(subscription.results()).toHaveLength(1))
    expect(operations.watchers(location)).toBe(1)
    return subscription
  }

  async function expectToGoOn(subscription: Exchange): Promise<void> {
    expect(await subscription.askAnother({ query: '{ __typename }' })).toEqual({
      data: { __typename: 'Query' },
    })
    operations.find(location, { status: 'succeeded' })
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true))
    expect(subscription.results().map(statusOf)).toEqual(['IN_PROGRESS', 'SUCCEEDED'])
  }

  test('the current state comes at once, then every change, then completion', async () => {
    const subscription = await follow()
    operations.find(location, { status: 'paused' })
    await vi.waitFor(() => expect(subscription.results()).toHaveLength(2))
    expect(subscription.isComplete()).toBe(false)
    operations.find(location, { status: 'succeeded' })
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true))
    expect(subscription.results()).toEqual(
      ['IN_PROGRESS', 'UNKNOWN_FUTURE_VALUE', 'SUCCEEDED'].map((status) => ({
        data: { teamsAsyncOperation: { status, error: null } },
      })),
    )
    expect(operations.watchers(location)).toBe(0)
  })

  test('an operation that failed is data', async () => {
    const subscription = await follow()
    operations.find(location, { status: 'failed', error: { code: 'Locked', message: null } })
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true))
    expect(subscription.results().at(-1)).toEqual({
      data: { teamsAsyncOperation: { status: 'FAILED', error: { code: 'Locked' } } },
    })
  })

  test('one that can no longer be followed is an error with a code, and the last result', async () => {
    const subscription = await follow()
    operations.fail(location, new OperationLostError('It is gone.', { requestId: 'r' }))
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true))
    expect(subscription.results().at(-1)).toEqual({
      errors: [
        expect.objectContaining({
          message: 'It is gone.',
          extensions: { code: 'OPERATION_LOST', requestId: 'r' },
        }),
      ],
    })
  })

  test('one that can not be followed at all is as well, and nothing else', async () => {
    const elsewhere = query.replace(location, `https://evil.example${location}`)
    const subscription = await start({ query: elsewhere })
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true))
    expect(subscription.results()).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }])
  })

  test('what nobody foresaw is masked, with an id that the log has', async () => {
    const subscription = await follow()
    operations.fail(location, new Error('password=hunter2'))
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true))
    const last = subscription.results().at(-1)
    expect(JSON.stringify(last)).not.toMatch(/hunter2|\.ts/)
    expect(last?.errors?.[0]?.extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      id: served.unexpected[0]?.id,
    })
  })

  test.each([
    ['a syntax error', '{'],
    ['an unknown field', 'subscription { nothing }'],
    ['a mutation without its arguments', 'mutation { archiveTeam { location } }'],
  ])('%s in another request harms nobody', async (_name, mistake) => {
    const subscription = await follow()
    expect(await subscription.askAnother({ query: mistake })).toHaveProperty('errors')
    await expectToGoOn(subscription)
  })

  test('a mutation in another request is refused where a client would send it again, and harms nobody', async () => {
    const submit = vi.spyOn(operations.client, 'submit').mockResolvedValue(operations.client.ref(location))
    const subscription = await follow()
    const mutation = `mutation { archiveTeam(teamId: "${teamId}") { location } }`
    const { data, errors } = await subscription.askAnother({ query: mutation })
    // What asks for multipart takes JSON as well, and gets that: it is a POST like any other.
    const isTaken = transport.connection === 'multipart'
    expect(submit).toHaveBeenCalledTimes(isTaken ? 1 : 0)
    expect(data).toEqual(isTaken ? { archiveTeam: { location } } : undefined)
    if (!isTaken) {
      expect(errors).toEqual([
        {
          message:
            'Mutations are taken over HTTP only, where nothing sends them again by itself. ' +
            'Expected a POST that accepts application/json. Nothing was started.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ])
    }
    await expectToGoOn(subscription)
  })

  test('who leaves is gone at once, also from an operation where nothing happens', async () => {
    const { leave } = await follow()
    leave()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(served.gateway.openConnections).toBe(0)
  })

  test('a gateway that stops does not say that the subscription is complete', async () => {
    const subscription = await follow()
    await served.stop()
    await vi.waitFor(() => expect(subscription.hasEnded()).toBe(true))
    expect(subscription.isComplete()).toBe(false)
    expect(operations.watchers(location)).toBe(0)
  })

  test('who does not read misses states, but neither their order nor the end', async () => {
    const subscription = await start({
      query: `subscription { teamsAsyncOperation(ref: { location: "${location}" }) {
        status error { message } polling { revision }
      } }`,
    })
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    subscription.pause()
    const changes = 2_000
    for (let i = 0; i < changes; i++) {
      operations.find(location, { error: { code: 'Busy', message: `${i} `.padEnd(8_000, 'x') } })
      // The gateway gets to write, as it does between checks.
      if (i % 20 === 0) await new Promise(setImmediate)
    }
    operations.find(location, { status: 'succeeded', error: null })
    subscription.resume()
    await vi.waitFor(() => expect(subscription.isComplete()).toBe(true), { timeout: 10_000, interval: 200 })
    const revisions = subscription
      .results()
      .map(
        ({ data }) =>
          (data as { teamsAsyncOperation: { polling: { revision: number } } }).teamsAsyncOperation,
      )
      .map(({ polling }) => polling.revision)
    expect(revisions.length).toBeLessThan(changes)
    expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b))
    expect(revisions.at(-1)).toBe(changes + 2)
  })
})
