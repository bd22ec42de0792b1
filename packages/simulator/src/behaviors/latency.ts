import type { Behavior } from '../exchange.ts'
import { drawMs, type DurationMs } from '../model/operation-script.ts'
import { sleep } from '../simulated-time.ts'

/**
 * Lets the answer come late. What the request asks for is done at once: a start that the client has given
 * up on has happened. An item of a batch delays its envelope.
 */
export function latency(delay: DurationMs): Behavior {
  return async ({ clock, random, signal }, next) => {
    const reply = await next()
    await sleep(clock, drawMs(delay, random), signal)
    return reply
  }
}
