import type { WebSocket as GraphQLSocket } from 'graphql-ws'
import { CloseCode } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { INTERNAL_ERROR } from './close-code.ts'
import type { Outbox } from './outbox.ts'
import { Reading, type ReadingOptions } from './reading.ts'

export interface SocketAdapterOptions extends ReadingOptions {
  /** @returns what to put into the `pong` */
  readonly answerPing: (payload: PingPayload) => Promise<PingPayload>
  /** Told of what went wrong for no fault of the client. */
  readonly onUnexpectedError: (error: unknown) => void
}

export type PingPayload = Readonly<Record<string, unknown>> | undefined

/**
 * A socket as graphql-ws wants it. Sending waits until the operating system has taken the message, so that
 * each subscription has one message under way and its source conflates meanwhile; who does not read what
 * is sent is not read from either. Nothing here throws or rejects.
 */
export function adaptSocket(socket: WebSocket, outbox: Outbox, options: SocketAdapterOptions): GraphQLSocket {
  const { answerPing, onUnexpectedError } = options
  const reading = new Reading(socket, options)

  function send(data: string): Promise<void> {
    return new Promise((resolve) => {
      // A failure to send is followed by the socket's closing, which ends everything on it.
      socket.send(data, () => {
        reading.sent()
        resolve()
      })
    })
  }

  return {
    protocol: socket.protocol,
    send,
    // With this, graphql-ws leaves the answer to us.
    onPing: async (ping: PingPayload) => {
      const payload = await answerPing(ping)
      await send(JSON.stringify(payload ? { type: 'pong', payload } : { type: 'pong' }))
    },
    close: (code, reason) => socket.close(code, shortened(reason)),
    onMessage: (handle) => {
      socket.on('message', (data: Buffer) => {
        handle(data.toString()).catch((error: unknown) => {
          if (isUnexpectedType(error)) return socket.close(CloseCode.BadRequest, 'Invalid message received')
          onUnexpectedError(error)
          socket.close(INTERNAL_ERROR, 'Internal error')
        })
        reading.received()
        // What subscriptions send is not waited for by anybody else.
        if (socket.isPaused) outbox.whenDrained(() => reading.sent())
      })
    },
  }
}

/** A close frame has room for 123 bytes, and ws throws for more; an id in it may be long. */
export function shortened(reason = ''): string {
  return Buffer.byteLength(reason) <= 123 ? reason : `${reason.slice(0, 40)}…`
}

/** A message of the protocol that only servers send: graphql-ws throws where it closes for other rubbish. */
function isUnexpectedType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type')
}
