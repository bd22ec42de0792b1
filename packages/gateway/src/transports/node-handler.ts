import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ResponseWriter, type ResponseWriterOptions } from './response-writer.ts'

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

export interface NodeHandlerOptions extends ResponseWriterOptions {
  /**
   * Answers a request. The response is for it to watch, not to write. Throws, instead of rejecting, for what is
   * no request of the web: by its `Host`, its path or its method.
   */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Response | Promise<Response>
  readonly onUnexpectedError: (error: unknown) => void
}

/** Answers the event `request` of a Node server. */
export function createNodeHandler(options: NodeHandlerOptions): NodeHandler {
  const { answer, onUnexpectedError } = options

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const writer = new ResponseWriter(response, options)
    let answered: Response | Promise<Response>
    try {
      answered = answer(request, response)
    } catch {
      return void response.writeHead(400).end()
    }
    try {
      await writer.send(await answered)
    } catch (error) {
      onUnexpectedError(error)
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    }
  }

  return closingWithSocket((request, response) => void handle(request, response))
}

/**
 * Makes sure that every response learns of the end of its connection. Node 22 tells only the one that is being
 * written: others, of requests that came behind it on the same connection, would go on for ever.
 */
function closingWithSocket(handle: NodeHandler): NodeHandler {
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
