import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Makes sure that every response learns of the end of its connection. Node 22 tells only the one that is being
 * written: others, of requests that came behind it on the same connection, would go on for ever.
 */
export function closingWithSocket(handle: NodeHandler): NodeHandler {
  const unfinished = new WeakMap<Socket, Set<ServerResponse>>()

  function responsesOn(socket: Socket): Set<ServerResponse> {
    const known = unfinished.get(socket)
    if (known) return known
    const responses = new Set<ServerResponse>()
    unfinished.set(socket, responses)
    socket.once('close', () => {
      for (const response of responses) response.emit('close')
    })
    return responses
  }

  return (request, response) => {
    const responses = responsesOn(request.socket)
    responses.add(response)
    response.once('close', () => responses.delete(response))
    handle(request, response)
    // Where a server takes its time before it hands a request on, the client may be gone.
    if (request.socket.destroyed) response.emit('close')
  }
}
