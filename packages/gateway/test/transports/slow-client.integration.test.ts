import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openRawSocket, type Message, type RawSocket } from '../raw-socket.ts'
import { openRawStream } from '../raw-stream.ts'
import { locationOf, scriptedOperations, type ScriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

const EVENTS = 10_000
const query = `subscription ($refs: [TeamsAsyncOperationRef!]!) {
  teamsAsyncOperations(refs: $refs) { location status error { message } polling { revision } }
}`
const variables = { refs: [1, 2, 3].map((n) => ({ location: locationOf(n) })) }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let operations: ScriptedOperations
let served: ServedGateway

beforeEach(async () => {
  operations = scriptedOperations()
  served = await serveGateway({ operations: operations.client })
})

afterEach(async () => {
  await served[Symbol.asyncDispose]()
})

/** Thousands of events of 2 kB about three operations, then the end of each. */
async function letMuchHappen(): Promise<void> {
  for (let i = 0; i < EVENTS; i++) {
    const error = { code: 'Busy', message: `${i} `.padEnd(2_000, 'x') }
    operations.find(locationOf(1 + (i % 3)), { error })
    // The gateway gets to write, as it does between checks.
    if (i % 50 === 0) await new Promise(setImmediate)
  }
  for (const n of [1, 2, 3]) operations.find(locationOf(n), { status: 'succeeded', error: null })
}

interface Seen {
  readonly location: string
  readonly status: string
  readonly polling: { readonly revision: number }
}

/** What must hold of whatever a slow client got: nothing out of order, and the end of each operation. */
function expectOrderAndEnd(seen: readonly Seen[]): void {
  expect(seen.length).toBeLessThan(EVENTS)
  for (const n of [1, 2, 3]) {
    const ofOperation = seen.filter(({ location }) => location === locationOf(n))
    const revisions = ofOperation.map(({ polling }) => polling.revision)
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b))
    expect(new Set(revisions).size).toBe(revisions.length)
    expect(ofOperation.at(-1)?.status).toBe('SUCCEEDED')
  }
}

/** What is alive in this process, garbage not counted. */
function bytesInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('a client that does not read', () => {
  test('over WebSocket costs no memory, disturbs nobody, and gets the end of each operation', async () => {
    const slow = await openRawSocket(served.webSocketUrl)
    const other = await openRawSocket(served.webSocketUrl)
    const last = keepLast(other)
    for (const { send } of [slow, other]) send({ id: '1', type: 'subscribe', payload: { query, variables } })
    for (const { send } of [slow, other]) send({ type: 'ping' })
    for (const { receive } of [slow, other]) await receive(({ type }) => type === 'pong')
    slow.socket.pause()
    const before = bytesInUse()
    await letMuchHappen()
    await vi.waitFor(() => expect(last()?.type).toBe('complete'))
    // 20 MB went by.
    await vi.waitFor(() => expect(bytesInUse() - before).toBeLessThan(5_000_000))
    expect(served.gateway.openConnections).toBe(2)

    slow.socket.resume()
    await slow.receive(({ type }) => type === 'complete')
    expectOrderAndEnd(statesIn(slow.messages))
    expect(slow.messages.at(-1)).toEqual({ id: '1', type: 'complete' })
    for (const { socket } of [slow, other]) socket.terminate()
  })

  test('over server-sent events as well', async () => {
    const { socket, text } = await openRawStream(served.url, {
      method: 'POST',
      headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    await vi.waitFor(() => expect(operations.watchers(locationOf(3))).toBe(1))
    socket.pause()
    await letMuchHappen()
    socket.resume()
    await vi.waitFor(() => expect(text()).toContain('event: complete'), { timeout: 10_000 })
    const events = [...text().matchAll(/^data: (.+)$/gm)]
    expectOrderAndEnd(events.map(([, data = '']) => (JSON.parse(data) as Payload).data.teamsAsyncOperations))
    socket.destroy()
  })

  test('is not read from either, so that what it asks for can not fill the memory', async () => {
    const slow = await openRawSocket(served.webSocketUrl)
    slow.socket.pause()
    const payload = { data: 'x'.repeat(50_000) }
    // 100 MB of pings, each to be answered with as much.
    for (let i = 0; i < 2_000; i++) slow.send({ type: 'ping', payload })
    await new Promise((resolve) => setTimeout(resolve, 500))
    // What the gateway did not read is still here.
    expect(slow.socket.bufferedAmount).toBeGreaterThan(50_000_000)
    slow.socket.resume()
    await vi.waitFor(() => expect(slow.messages).toHaveLength(2_001), { timeout: 20_000 })
    slow.socket.terminate()
  })

  test('has none of its queries answered, however short they are, and however long the answers', async () => {
    for (let n = 0; n < 200; n++)
      operations.find(locationOf(n), { error: { code: 'Busy', message: 'x'.repeat(5_000) } })
    const slow = await openRawSocket(served.webSocketUrl)
    slow.socket.pause()
    const before = bytesInUse()
    const overview = '{ followedOperations { error { message } } }'
    // A few kB of questions, which are read in one piece, with 400 MB of answers.
    for (let i = 0; i < 400; i++) slow.send({ id: `${i}`, type: 'subscribe', payload: { query: overview } })
    const others = await openRawSocket(served.webSocketUrl)
    for (let i = 0; i < 50; i++) {
      others.send({ type: 'ping', payload: { i } })
      await others.receive(({ type, payload }) => type === 'pong' && (payload as { i: number }).i === i)
    }
    expect(bytesInUse() - before).toBeLessThan(30_000_000)
    keepLast(slow)
    let answers = 0
    slow.socket.on('message', () => (answers += 1))
    slow.socket.resume()
    // Each with its `complete`.
    await vi.waitFor(() => expect(answers).toBe(2 * 400), { timeout: 20_000 })
    for (const { socket } of [slow, others]) socket.terminate()
  })
})

describe('a client that reads', () => {
  const location = locationOf(1)
  const subscribe = {
    id: '1',
    type: 'subscribe',
    payload: {
      query: `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { error { message } } }`,
    },
  }
  /** More than may wait, in one piece. */
  const message = 'x'.repeat(5_000_000)

  test('is not too slow, however large what it has read was', async () => {
    await using patient = await serveGateway({ operations: operations.client, limits: { slowClientMs: 300 } })
    const client = await openRawSocket(patient.webSocketUrl)
    keepLast(client)
    let results = 0
    client.socket.on('message', () => (results += 1))
    client.send(subscribe)
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    const startedAt = Date.now()
    for (let pairs = 1; Date.now() - startedAt < 1_000; pairs++) {
      for (const sign of ['+', '-'])
        operations.find(location, { error: { code: 'Busy', message: sign + pairs + message } })
      await vi.waitFor(() => expect(results).toBe(2 * pairs), { timeout: 10_000 })
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    client.socket.terminate()
  })

  test('is read from again, however much came after what it had left unread', async () => {
    const client = await openRawSocket(served.webSocketUrl)
    client.send(subscribe)
    await vi.waitFor(() => expect(operations.watchers(location)).toBe(1))
    client.socket.pause()
    for (const sign of ['+', '-']) {
      operations.find(location, { error: { code: 'Busy', message: sign + message } })
      await new Promise(setImmediate)
    }
    const answered = (n: number): Promise<Message> =>
      client.receive(({ type, payload }) => type === 'pong' && (payload as { n: number }).n === n)
    client.send({ type: 'ping', payload: { n: 1 } })
    // Whatever the gateway does with it, it does while nothing is read.
    const other = await openRawSocket(served.webSocketUrl)
    client.socket.resume()
    await answered(1)
    await client.receive(({ type, payload }) => type === 'next' && JSON.stringify(payload).includes('-xxx'))
    client.send({ type: 'ping', payload: { n: 2 } })
    await answered(2)
    other.socket.terminate()
    client.socket.terminate()
  })
})

/** Keeps of what comes only the last message: what a client keeps is in this process as well. */
function keepLast({ messages, socket }: RawSocket): () => Message | undefined {
  socket.on('message', () => messages.splice(0, messages.length - 1))
  return () => messages[0]
}

interface Payload {
  readonly data: { readonly teamsAsyncOperations: Seen }
}

function statesIn(messages: readonly Message[]): readonly Seen[] {
  return messages
    .filter(({ type }) => type === 'next')
    .map(({ payload }) => (payload as Payload).data.teamsAsyncOperations)
}
