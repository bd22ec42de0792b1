import type { Simulator } from '../src/index.ts'

export interface BatchRequest {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly dependsOn?: readonly string[]
}

/** A client that keeps to the rules, except where a test makes it break one. */
export interface TestClient {
  get(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body?: unknown, init?: RequestInit): Promise<Response>
  batch(version: 'v1.0' | 'beta', requests: readonly BatchRequest[]): Promise<Response>
}

export function clientOf({ fetch, origin }: Simulator): TestClient {
  const headersOf = (init: RequestInit): Headers => {
    const headers = new Headers({
      authorization: 'Bearer a-token',
      'client-request-id': crypto.randomUUID(),
      prefer: 'include-unknown-enum-members',
    })
    new Headers(init.headers).forEach((value, name) => headers.set(name, value))
    return headers
  }
  const post: TestClient['post'] = async (path, body, init = {}) => {
    const headers = headersOf(init)
    if (body !== undefined) headers.set('content-type', 'application/json')
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    return fetch(origin + path, {
      ...init,
      headers,
      method: 'POST',
      ...(text === undefined ? {} : { body: text }),
    })
  }
  return {
    get: async (path, init = {}) => fetch(new URL(path, origin), { ...init, headers: headersOf(init) }),
    post,
    batch: async (version, requests) => post(`/${version}/$batch`, { requests }),
  }
}
