import { once } from 'node:events'
import { WebSocket, type ClientOptions } from 'ws'

export interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

/** A WebSocket without a client library: sends what no library would, and shows every message. */
export interface RawSocket {
  readonly socket: WebSocket
  readonly messages: Message[]
  send(message: object | string): void
  /** The next message, or one that came already, that the predicate holds for. */
  receive(isWanted: (message: Message) => boolean): Promise<Message>
  /** The code and reason it was closed with. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>
}

/** Connects, and has the connection acknowledged. */
export async function openRawSocket(
  url: string,
  options?: ClientOptions,
  connectionParams?: object,
): Promise<RawSocket> {
  const raw = connectRawSocket(url, options)
  await once(raw.socket, 'open')
  raw.send({ type: 'connection_init', payload: connectionParams })
  await raw.receive(({ type }) => type === 'connection_ack')
  return raw
}

export function connectRawSocket(url: string, options?: ClientOptions): RawSocket {
  const socket = new WebSocket(url, 'graphql-transport-ws', options)
  const messages: Message[] = []
  const looking = new Set<() => void>()
  const closed = once(socket, 'close').then(([code, reason]: unknown[]) => ({
    code: Number(code),
    reason: String(reason),
  }))
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as Message)
    for (const look of looking) look()
  })
  return {
    socket,
    messages,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    closed: () => closed,
    async receive(isWanted) {
      const found = messages.find(isWanted)
      if (found) return found
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const message = messages.find(isWanted)
          if (!message) return
          looking.delete(look)
          resolve(message)
        }
        looking.add(look)
        void closed.then(({ code }) => reject(new Error(`Closed with ${code} before the message came`)))
      })
    },
  }
}
