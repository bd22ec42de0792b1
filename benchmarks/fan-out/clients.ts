// Many clients of one server, in a process of their own: they count what they get, and little else.
import { WebSocket } from 'ws'
import { locationOf } from '../graph-stub.ts'
import { serve, type Child } from '../child-process.ts'
import { subscriptionTo } from './subscription.ts'

interface ConnectOptions {
  readonly port: number
  readonly clients: number
  /** How many operations each watches. */
  readonly operations: number
}

/** How many connect at the same time. */
const AT_ONCE = 100
const PATIENCE_MS = 30_000

const sockets: WebSocket[] = []
let received = 0
let expected = Infinity
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
      // By its length: to look into each would take longer than all else.
      if (data.length < 100) {
        socket.send(subscribe)
        return resolve()
      }
      received += 1
      if (received >= expected) reach()
    })
  })
}

const commands = {
  async connect({ port, clients, operations }: ConnectOptions): Promise<void> {
    const locations = Array.from({ length: operations }, (_, index) => locationOf(index))
    const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: subscriptionTo(locations) })
    for (let count = 0; count < clients; count += AT_ONCE) {
      const length = Math.min(AT_ONCE, clients - count)
      await Promise.all(Array.from({ length }, () => connect(port, subscribe)))
    }
  },
  /** How many results have come so far, when there are as many. */
  async receive(count: number): Promise<number> {
    expected = count
    await new Promise<void>((resolve, reject) => {
      reach = resolve
      setTimeout(() => reject(new Error(`Expected ${count} results, got ${received}`)), PATIENCE_MS).unref()
      if (received >= expected) resolve()
    })
    return received
  },
  received: () => received,
  leave(): void {
    for (const socket of sockets.splice(0)) socket.terminate()
  },
}

export type ClientsProcess = Child<typeof commands>

serve(commands)
