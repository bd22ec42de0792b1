import type { GraphRequest, GraphResponse, Transport } from '../../src/graph/transport.ts'

/** What the next request gets: a response, an error, nothing ever, or whatever a function makes of it. */
export type Scripted = ScriptedResponse | Error | 'never' | Respond

export interface ScriptedResponse {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is, anything else as JSON. @default an empty body */
  readonly body?: unknown
}

type Respond = (request: GraphRequest, signal: AbortSignal) => ScriptedResponse | Promise<ScriptedResponse>

export interface ScriptedTransport extends Transport {
  /** All that was sent, in order. */
  readonly requests: readonly GraphRequest[]
}

/** A transport in memory. A request beyond the script is refused, and can be seen in `requests`. */
export function scriptedTransport(...script: readonly Scripted[]): ScriptedTransport {
  const requests: GraphRequest[] = []
  return {
    requests,
    async send(request, signal) {
      const next = script[requests.length]
      requests.push(request)
      if (next === undefined) throw new Error(`Request ${requests.length} is not in the script`)
      if (next === 'never') return new Promise(() => {})
      if (next instanceof Error) throw next
      return toResponse(typeof next === 'function' ? await next(request, signal) : next)
    },
  }
}

function toResponse({ status = 200, headers = {}, body = '' }: ScriptedResponse): GraphResponse {
  return {
    status,
    headers: new Headers(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}
