import { parse, subscribe, type ExecutionArgs, type ExecutionResult } from 'graphql'
import { type WebSocket, WebSocketServer } from 'ws'
import { contextOf, listen, schema, type Contender } from './contender.ts'

interface ClientMessage {
  readonly id: string
  readonly type: string
  readonly payload: { readonly query: string; readonly variables: Record<string, unknown> }
}

/**
 * No server of GraphQL, but what is left of one: makes each result and its text once, and sends that to
 * everybody who is connected, with `ws.send` and nothing else. Every client has to ask for the same.
 */
export const bareBroadcast: Contender = async (operations) => {
  const server = await listen()
  const sockets = new Set<WebSocket>()
  /** What somebody who comes later begins with, by what it is about. */
  const newest = new Map<string, string>()

  async function broadcast(args: ExecutionArgs, id: string): Promise<void> {
    const results = await subscribe(args)
    if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results))
    for await (const payload of results) {
      const text = JSON.stringify({ id, type: 'next', payload })
      newest.set(locationIn(payload), text)
      for (const socket of sockets) socket.send(text)
    }
  }

  new WebSocketServer({ server, path: '/graphql' }).on('connection', (socket) => {
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (data: Buffer) => {
      const { type, id, payload } = JSON.parse(data.toString()) as ClientMessage
      if (type === 'connection_init') return socket.send('{"type":"connection_ack"}')
      if (sockets.size === 0) {
        const { query, variables } = payload
        const contextValue = contextOf(operations)
        void broadcast({ schema, document: parse(query), variableValues: variables, contextValue }, id)
      }
      sockets.add(socket)
      for (const text of newest.values()) socket.send(text)
    })
  })
  return server
}

function locationIn({ data }: ExecutionResult): string {
  const [operation] = Object.values(data ?? {}) as { readonly location: string }[]
  return operation?.location ?? ''
}
