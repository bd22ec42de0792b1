import { fnv1a } from '../random.ts'
import type { Finding } from './violation.ts'

interface LastStart {
  readonly signature: number
  readonly sequence: number
  readonly at: number
}

/** What is sent again within this time is a repetition, whatever the first attempt was answered with. */
const WINDOW_MS = 60_000

/**
 * A start is sent once: a write that was throttled, or whose answer was lost, may have happened. Starting
 * something else for the same resource in between (archive, unarchive, archive) makes it a new one.
 */
export class RepeatedStartRule {
  readonly #byResource = new Map<string, LastStart>()
  #prunedAt = -Infinity

  /** @param path without the query, such as `/v1.0/teams/{id}/archive` */
  begin(path: string, body: string, sequence: number, at: number): Finding | undefined {
    this.#prune(at)
    const signature = fnv1a(`${path}\n${body}`)
    // What is created has no identifier yet: only the request itself tells it from others.
    const action = /^(.*)\/(?:un)?archive$/i.exec(path)
    const resource = action?.[1] ?? String(signature)
    const last = this.#byResource.get(resource)
    this.#byResource.set(resource, { signature, sequence, at })
    if (last?.signature !== signature || at - last.at > WINDOW_MS) return undefined
    const message = `POST ${path} was sent ${at - last.at} ms ago, with the same body`
    return { type: 'repeated-start', url: path, repeats: last.sequence, message }
  }

  #prune(at: number): void {
    if (at - this.#prunedAt < WINDOW_MS) return
    this.#prunedAt = at
    for (const [resource, last] of this.#byResource) {
      if (at - last.at > WINDOW_MS) this.#byResource.delete(resource)
    }
  }
}
