import { WebSocket } from 'ws'
import { createClient as createSseClient, type Client as SseClient } from 'graphql-sse'
import { createClient as createWebSocketClient, type Client as WebSocketClient } from 'graphql-ws'
import { createGateway, type Gateway, type GatewayOptions } from '../src/gateway.ts'
import { listen } from '../src/server/listen.ts'

export interface UnexpectedError {
  readonly error: unknown
  readonly id: string
}

export interface ServedGateway extends AsyncDisposable {
  readonly gateway: Gateway
  readonly origin: string
  readonly url: string
  readonly webSocketUrl: string
  /** What the gateway told nobody else. */
  readonly unexpected: UnexpectedError[]
  webSocketClient(): WebSocketClient
  sseClient(): SseClient
  /** The same, with one stream for everything. */
  singleConnectionClient(): SseClient<true>
  /** Posts a query or a subscription. */
  post(body: object, headers?: Record<string, string>): Promise<Response>
  stop(withinMs?: number): Promise<void>
}

/** A gateway on a free port of this machine, with the clients that users have. */
export async function serveGateway(options: GatewayOptions): Promise<ServedGateway> {
  const unexpected: UnexpectedError[] = []
  const gateway = createGateway({
    onUnexpectedError: (error, id) => unexpected.push({ error, id }),
    ...options,
  })
  const server = await listen(gateway, { host: '127.0.0.1', port: 0 })
  const clients: { dispose(): void | Promise<void> }[] = []
  const url = `${server.origin}/graphql`
  const webSocketUrl = url.replace('http', 'ws')
  let stopping: Promise<void> | undefined

  return {
    gateway,
    origin: server.origin,
    url,
    webSocketUrl,
    unexpected,
    webSocketClient() {
      const client = createWebSocketClient({ url: webSocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 })
      clients.push(client)
      return client
    },
    sseClient() {
      const client = createSseClient({ url, retryAttempts: 0 })
      clients.push(client)
      return client
    },
    singleConnectionClient() {
      const client = createSseClient({ url, singleConnection: true, retryAttempts: 0 })
      clients.push(client)
      return client
    },
    post: (body, headers) =>
      fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    stop: (withinMs = 1_000) => (stopping ??= server.stop(withinMs)),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.dispose()
      await (stopping ??= server.stop(1_000))
    },
  }
}
