/**
 * A function of whoever uses the gateway that is told something, made harmless: what it throws, or rejects with,
 * goes to `onFailed` and nowhere else.
 */
export function guardHook<Args extends readonly unknown[]>(
  hook: ((...args: Args) => unknown) | undefined,
  onFailed: (error: unknown) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      const told = hook?.(...args)
      if (told instanceof Promise) told.catch(onFailed)
    } catch (error) {
      onFailed(error)
    }
  }
}
