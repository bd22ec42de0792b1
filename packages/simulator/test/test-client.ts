import type { VirtualClock } from '@teams-operations/core/testing'
import { createSimulator, type Simulator, type SimulatorOptions } from '../src/index.ts'

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

/** What tests take out of a body, rather than match it. */
export interface AnswerJson {
  readonly [property: string]: unknown
  readonly id: string
  readonly status: string
  readonly targetResourceId: string
  readonly targetResourceLocation: string
}

/** The body of an answer, to be matched. */
export async function jsonOf(response: Promise<Response>): Promise<AnswerJson> {
  return (await (await response).json()) as AnswerJson
}

/** One item in the answer to a batch. */
export interface BatchAnswer {
  readonly id: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** The items in the answer to a batch, by `id`; fails where one comes twice. */
export async function itemsOf(response: Promise<Response>): Promise<ReadonlyMap<string, BatchAnswer>> {
  const { responses } = (await (await response).json()) as { responses: BatchAnswer[] }
  const byId = new Map(responses.map((item) => [item.id, item]))
  if (byId.size !== responses.length) throw new Error('An item was answered twice')
  return byId
}

/** What reads an operation, as an item of a batch. */
export function checkItem(id: string, { location }: { readonly location: string }): BatchRequest {
  return { id, method: 'GET', url: location, headers: { Prefer: 'include-unknown-enum-members' } }
}

/** A simulator that answers however much is asked at once. */
export function unlimited(options: Omit<SimulatorOptions, 'time' | 'clock'> = {}): Simulator<VirtualClock> {
  return createSimulator({ ...options, throttling: false })
}
