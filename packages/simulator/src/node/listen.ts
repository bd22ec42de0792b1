import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Simulator } from '../simulator.ts'
import { crossOriginHeaders, preflightHeaders } from './cross-origin.ts'

export interface ListenOptions {
  /** `0` takes any that is free. @default 0 */
  readonly port?: number | undefined
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
}

/** A simulator on a port. */
export interface Listening extends AsyncDisposable {
  /** What to give a client as the origin of Graph. */
  readonly origin: string
  readonly port: number
  /** Breaks the connections that are open and frees the port. The simulator itself goes on. */
  close(): Promise<void>
}

/** Names of this machine that a client may use for the same port. */
const loopbackNames = ['127.0.0.1', 'localhost', '[::1]']

/** Lets a simulator answer on a port, for clients in other processes and for browsers. */
export async function listen(
  simulator: Simulator,
  { port = 0, host = '127.0.0.1' }: ListenOptions = {},
): Promise<Listening> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: boundPort } = server.address() as AddressInfo
  const ownName = host.includes(':') ? `[${host}]` : host
  const origins = new Set([ownName, ...loopbackNames].map((name) => `http://${name}:${boundPort}`))
  const [origin = ''] = origins
  const removals = [...origins].map((each) => simulator.addOrigin(each))

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, preflightHeaders(request.headers['access-control-request-headers'])).end()
      return
    }
    // Links in answers have the origin that the client asked at, or it would take them for foreign.
    const asked = `http://${request.headers.host}`
    void answer(simulator, origins.has(asked) ? asked : origin, request, response)
  })

  const close = async (): Promise<void> => {
    for (const remove of removals) remove()
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return { origin, port: boundPort, close, [Symbol.asyncDispose]: close }
}

async function answer(
  simulator: Simulator,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  try {
    const body = await readBody(request)
    const reply = await simulator.fetch(origin + (request.url ?? '/'), {
      method: request.method ?? 'GET',
      headers: headersOf(request),
      redirect: 'manual',
      signal: gone.signal,
      ...(body === '' ? {} : { body }),
    })
    response.writeHead(reply.status, { ...Object.fromEntries(reply.headers), ...crossOriginHeaders })
    // Before the body, which may take its time.
    response.flushHeaders()
    for await (const chunk of reply.body ?? []) response.write(chunk)
    response.end()
  } catch {
    // What `fetch` rejects for, a client on a port sees as a connection that breaks.
    response.destroy()
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let body = ''
  for await (const chunk of request as AsyncIterable<string>) body += chunk
  return body
}

function headersOf({ headers }: IncomingMessage): Headers {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) all.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return all
}
