export interface LateAnswerOptions {
  readonly contentType: string
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
  /** Called once: when it is answered, or when nothing has begun and nobody is there any more. */
  readonly onEnd: () => void
}

/**
 * An answer whose head leaves before its work begins. Browsers send a request again by themselves, POST
 * included, when a connection that was used before breaks under it, but only as long as nothing of the answer
 * has come. So it is 200 whatever becomes of the work, which begins when somebody asks for more than the first
 * byte: a line break, that readers of JSON pass over.
 *
 * @param work is not interrupted: who leaves while it is under way must not make it uncertain
 */
export function respondLate(
  work: () => Promise<string>,
  { contentType, signal, onEnd }: LateAnswerOptions,
): Response {
  let hasBegun = false
  let isCancelled = false
  const leave = (): void => {
    signal.removeEventListener('abort', leave)
    if (!hasBegun) onEnd()
    hasBegun = true
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode('\n')),
      async pull(controller) {
        // Whoever was gone before stays unanswered.
        if (hasBegun) return controller.close()
        hasBegun = true
        signal.removeEventListener('abort', leave)
        try {
          const text = await work()
          if (!isCancelled) controller.enqueue(encoder.encode(text))
        } finally {
          onEnd()
        }
        if (!isCancelled) controller.close()
      },
      cancel() {
        isCancelled = true
        leave()
      },
    },
    // Nothing is asked for before somebody waits for it.
    { highWaterMark: 0 },
  )
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  return new Response(body, {
    // For nginx, which would hold the head back as well until there is more.
    headers: { 'Content-Type': contentType, 'X-Accel-Buffering': 'no' },
  })
}

const encoder = new TextEncoder()
