import type { WebSocket as GraphQLSocket } from 'graphql-ws'
import { CloseCode } from 'graphql-ws'
import type { WebSocket } from 'ws'

export interface SocketAdapterOptions {
  /** What may wait to be sent before nothing more is read, in bytes. */
  readonly maxUnsentBytes: number
  /** Told of what went wrong for no fault of the client. */
  readonly onUnexpectedError: (error: unknown) => void
}

/**
 * A socket as graphql-ws wants it. Sending waits until the operating system has taken the message, so that
 * each subscription has one message under way and its source conflates meanwhile; who does not read what
 * is sent is not read from either. Nothing here throws or rejects.
 */
export function adaptSocket(
  socket: WebSocket,
  { maxUnsentBytes, onUnexpectedError }: SocketAdapterOptions,
): GraphQLSocket {
  return {
    protocol: socket.protocol,
    send: (data) =>
      new Promise((resolve) => {
        // A failure to send is followed by the socket's closing, which ends everything on it.
        socket.send(data, () => {
          if (socket.isPaused && socket.bufferedAmount <= maxUnsentBytes / 2) socket.resume()
          resolve()
        })
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (handle) => {
      socket.on('message', (data: Buffer) => {
        handle(data.toString()).catch((error: unknown) => {
          if (isUnexpectedType(error)) return socket.close(CloseCode.BadRequest, 'Invalid message received')
          onUnexpectedError(error)
          socket.close(INTERNAL_ERROR, 'Internal error')
        })
        if (socket.bufferedAmount > maxUnsentBytes) socket.pause()
      })
    },
  }
}

/** Of RFC 6455. The 4500 of graphql-ws would keep clients from coming back. */
const INTERNAL_ERROR = 1011

/** A message of the protocol that only servers send: graphql-ws throws where it closes for other rubbish. */
function isUnexpectedType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type')
}
