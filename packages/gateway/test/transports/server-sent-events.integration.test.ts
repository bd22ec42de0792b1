import { createVirtualClock } from '@teams-operations/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const location = locationOf(1)
const query = `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { status } }`
const asEvents = { Accept: 'text/event-stream' }

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client })
  operations.find(location)
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

describe('over server-sent events', () => {
  test('a graphql-sse client gets the current state, every change, and completion', async () => {
    const results: unknown[] = []
    for await (const result of served.sseClient().iterate({ query })) {
      results.push(result)
      if (results.length === 1) operations.find(location, { status: 'failed' })
    }
    expect(results).toEqual(
      ['IN_PROGRESS', 'FAILED'].map((status) => ({ data: { teamsAsyncOperation: { status } } })),
    )
  })

  test('a query is answered as well', async () => {
    for await (const result of served.sseClient().iterate({ query: '{ followedOperations { status } }' })) {
      expect(result).toEqual({ data: { followedOperations: [{ status: 'IN_PROGRESS' }] } })
    }
  })

  test('a subscriber that leaves a quiet operation is gone at once', async () => {
    const leaving = new AbortController()
    const response = await fetch(served.url, {
      method: 'POST',
      headers: { ...asEvents, 'Content-Type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: leaving.signal,
    })
    expect(response.status).toBe(200)
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    leaving.abort()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(0))
    expect(served.gateway.openConnections).toBe(0)
  })

  test('a reader that cancels what `fetch` of the library gave is gone at once', async () => {
    const response = await served.gateway.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { ...asEvents, 'Content-Type': 'application/json' },
        body: JSON.stringify({ query }),
      }),
    )
    expect(response).toBeInstanceOf(Response)
    expect(operations.watchers(location)).toBe(1)
    await response.body?.cancel()
    expect(operations.watchers(location)).toBe(0)
    expect(served.gateway.openConnections).toBe(0)
  })

  test('a client that does not accept them is told so, and nothing is followed', async () => {
    const response = await served.post({ query }, { Accept: 'application/json' })
    expect(response.status).toBe(406)
    expect(operations.watchers(location)).toBe(0)
  })

  test('a gateway that stops ends streams without `complete`, so that clients come back', async () => {
    const response = await served.post({ query }, asEvents)
    const text = response.text()
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    await served.stop()
    expect(await text).toContain('IN_PROGRESS')
    expect(await text).not.toContain('complete')
    expect(operations.watchers(location)).toBe(0)
  })

  test('comments keep a quiet stream alive', async () => {
    const clock = createVirtualClock()
    const quiet = await serveGateway({ operations: operations.client, clock, keepAliveMs: 10_000 })
    const response = await quiet.post({ query }, asEvents)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const read = async (): Promise<string> => (await reader?.read())?.value ?? ''
    let text = await read()
    while (!text.includes('IN_PROGRESS')) text += await read()
    expect(text).toMatch(/^:\n\nevent: next\n/)
    await clock.advance(10_000)
    expect(await read()).toBe(':\n\n')
    await clock.advance(10_000)
    expect(await read()).toBe(':\n\n')
    await reader?.cancel()
    await vi.waitFor(() => expect(clock.pendingTimers).toBe(0))
    await quiet[Symbol.asyncDispose]()
  })
})
