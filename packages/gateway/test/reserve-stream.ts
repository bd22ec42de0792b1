import type { ServedGateway } from './serve-gateway.ts'

export const STREAM_TOKEN = 'X-GraphQL-Event-Stream-Token'

/** The token of a stream for a single connection. */
export async function reserveStream({ url }: ServedGateway, headers: HeadersInit = {}): Promise<string> {
  const response = await fetch(url, { method: 'PUT', headers })
  if (response.status !== 201) throw new Error(`Expected a reservation, got ${response.status}`)
  return response.text()
}
