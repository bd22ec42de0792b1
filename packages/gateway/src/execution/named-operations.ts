import type { RefInput } from '@teams-operations/core'
import { refInput, type RefArgument } from '../resolvers/ref-argument.ts'
import type { RootField } from './root-fields.ts'

/** What root fields ask for by name. Whether these are operations is for the core to say. */
export function namedOperations(fields: readonly RootField[]): readonly RefInput[] {
  return fields.flatMap(({ args: { ref, refs } }) =>
    ([ref ?? [], refs ?? []].flat() as readonly RefArgument[]).map(refInput),
  )
}
