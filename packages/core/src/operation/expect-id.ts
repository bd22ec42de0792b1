import { InvalidLocationError } from './invalid-location-error.ts'
import { shortened } from './shortened.ts'

/**
 * `id` when it is one, whatever the types say: it may come from a client or a store.
 *
 * @throws InvalidLocationError otherwise
 */
export function expectId(name: string, id: unknown, isId: (id: string) => boolean, expected: string): string {
  if (typeof id === 'string' && isId(id)) return id
  throw new InvalidLocationError(
    `Expected \`${name}\` to be ${expected}, got ${shortened(id)}. ` +
      'Pass the id as Graph wrote it, without quotes or percent-encoding.',
  )
}
