// Many clients of one server, in a process of their own: they count what they get, and little else.
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { locationOf } from '../graph-stub.ts'
import { serve, type Child } from '../child-process.ts'
import { subscriptionTo } from './subscription.ts'

interface ConnectOptions {
  readonly port: number
  readonly clients: number
  /** How many operations there are. */
  readonly operations: number
  /** How many of them each client watches, with one subscription: the first client the first ones, and so on. */
  readonly watches: number
}

/** What all clients together got so far. */
export interface Received {
  readonly results: number
  /** Those of them that say that an operation has ended. */
  readonly ends: number
  readonly completes: number
}

/** How many connect at the same time. */
const AT_ONCE = 100
const PATIENCE_MS = 60_000

const sockets: WebSocket[] = []
const received = { results: 0, ends: 0, completes: 0 }
let expected: Partial<Received> = {}
let reach = (): void => {}

function connect(port: number, subscribe: string): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  sockets.push(socket)
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code, reason) => reject(new Error(`Closed with ${code} ${reason.toString()}`)))
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data: Buffer) => {
      // Results are told by their length: to look into each would take longer than all else.
      if (data.length > 100) {
        received.results += 1
        if (data.includes('"SUCCEEDED"')) received.ends += 1
      } else if (data.includes('connection_ack')) {
        socket.send(subscribe)
        resolve()
      } else {
        received.completes += 1
      }
      if (isThere()) reach()
    })
  })
}

function isThere(): boolean {
  const { results = 0, ends = 0, completes = 0 } = expected
  return received.results >= results && received.ends >= ends && received.completes >= completes
}

/** With an id as clients choose it. */
function subscribeMessage(payload: object): string {
  return JSON.stringify({ id: randomUUID(), type: 'subscribe', payload })
}

const commands = {
  async connect({ port, clients, operations, watches }: ConnectOptions): Promise<void> {
    const payloads = Array.from({ length: operations / watches }, (_, group) =>
      subscriptionTo(Array.from({ length: watches }, (__, index) => locationOf(group * watches + index))),
    )
    for (let count = 0; count < clients; count += AT_ONCE) {
      const messages = Array.from({ length: Math.min(AT_ONCE, clients - count) }, (_, index) =>
        subscribeMessage(payloads[(count + index) % payloads.length] ?? {}),
      )
      await Promise.all(messages.map((message) => connect(port, message)))
    }
  },
  /** Waits until they have got as much. */
  async receive(atLeast: Partial<Received>): Promise<Received> {
    expected = atLeast
    await new Promise<void>((resolve, reject) => {
      reach = resolve
      const giveUp = (): void =>
        reject(new Error(`Expected ${JSON.stringify(atLeast)}, got ${JSON.stringify(received)}`))
      setTimeout(giveUp, PATIENCE_MS).unref()
      if (isThere()) resolve()
    })
    return received
  },
  leave(): void {
    for (const socket of sockets.splice(0)) socket.terminate()
  },
}

export type ClientsProcess = Child<typeof commands>

serve(commands)
