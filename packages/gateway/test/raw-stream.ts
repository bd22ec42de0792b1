import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** A response that may stay open, on a bare socket: one that can be paused, where `fetch` reads ahead. */
export interface RawStream {
  readonly socket: Socket
  /** The status of the response, once it has come. */
  status(): number | undefined
  /** The headers of the response. */
  head(): string
  /** What came of the body so far. */
  text(): string
  /** Whether the body has ended, as the server wanted it to. */
  hasEnded(): boolean
}

export async function openRawStream(url: string, { method, headers, body }: RawRequest): Promise<RawStream> {
  const { hostname, port, host, pathname, search } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const lines = [
    `${method} ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`)

  function received(): { head: string; body: Buffer } {
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    return end === -1
      ? { head: '', body: Buffer.alloc(0) }
      : { head: all.toString('latin1', 0, end), body: all.subarray(end + 4) }
  }

  function decoded(): Decoded {
    const { head, body: raw } = received()
    const [, length] = /^content-length: (\d+)/im.exec(head) ?? []
    if (length === undefined) return decodeChunks(raw)
    return { text: raw.toString(), hasEnded: raw.length === Number(length) }
  }

  return {
    socket,
    status() {
      const [, status] = /^HTTP\/1\.1 (\d+)/.exec(received().head) ?? []
      return status === undefined ? undefined : Number(status)
    },
    head: () => received().head,
    text: () => decoded().text,
    hasEnded: () => decoded().hasEnded,
  }
}

interface Decoded {
  readonly text: string
  readonly hasEnded: boolean
}

/** Takes the chunks of HTTP out, at whose borders an event may be split. */
function decodeChunks(body: Buffer): Decoded {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at)
    if (lineEnd === -1) return { text: Buffer.concat(parts).toString(), hasEnded: false }
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16)
    if (size === 0) return { text: Buffer.concat(parts).toString(), hasEnded: true }
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
