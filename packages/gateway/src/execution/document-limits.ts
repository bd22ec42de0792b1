import {
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import type { Limits } from '../access/limits.ts'
import { OVERVIEW_FIELD } from './root-fields.ts'

export type DocumentLimits = Pick<
  Limits,
  'maxFields' | 'maxDepth' | 'maxAliases' | 'maxRootFields' | 'maxDirectives'
>

/**
 * The limits of an operation as a validation rule. To be checked before the rules of GraphQL, some of which
 * take quadratic time: so nothing here relies on a valid document, and fragments may go in circles.
 */
export function documentLimits(limits: DocumentLimits): ValidationRule {
  return (context) => {
    const measure = createMeasure(context)
    return {
      OperationDefinition(operation) {
        const { selections, depth, width, aliases, directives, overviews } = measure(operation.selectionSet)
        const counts: readonly (readonly [what: string, count: number, max: number])[] = [
          ['fields and fragments', selections, limits.maxFields],
          ['levels of fields', depth, limits.maxDepth],
          ['fields at the root', width, limits.maxRootFields],
          ['aliases', aliases, limits.maxAliases],
          ['directives', directives + countDirectives(operation), limits.maxDirectives],
          // Each is as large as all that is followed, however small the document.
          [`\`${OVERVIEW_FIELD}\``, overviews, 1],
        ]
        for (const [what, count, max] of counts) {
          if (count > max) {
            const message = `Expected at most ${max} ${what} in an operation, got ${count}. Ask for less at once.`
            context.reportError(new GraphQLError(message, { nodes: operation }))
          }
        }
        return false
      },
      FragmentDefinition: () => false,
    }
  }
}

/** How much a selection asks for; what is in a fragment counts wherever that is spread. */
interface Extent {
  /** Fields and fragments, on all levels. */
  readonly selections: number
  /** Levels of fields. */
  readonly depth: number
  /** Fields of the first level. */
  readonly width: number
  readonly aliases: number
  readonly directives: number
  /** Fields of the first level that show all operations which are followed. */
  readonly overviews: number
}

const nothing: Extent = { selections: 0, depth: 0, width: 0, aliases: 0, directives: 0, overviews: 0 }

/** Measures selections, each fragment once: written out, a few nested ones are more than any memory holds. */
function createMeasure(context: ValidationContext): (selectionSet: SelectionSetNode | undefined) => Extent {
  const fragments = new Map<string, Extent>()

  function measureFragment(name: string): Extent {
    const known = fragments.get(name)
    if (known) return known
    // What spreads itself is refused by another rule.
    fragments.set(name, nothing)
    const fragment = context.getFragment(name)
    if (!fragment) return nothing
    const { directives, ...extent } = measure(fragment.selectionSet)
    const whole = { ...extent, directives: directives + countDirectives(fragment) }
    fragments.set(name, whole)
    return whole
  }

  function measure(selectionSet: SelectionSetNode | undefined): Extent {
    let { selections, depth, width, aliases, directives, overviews } = nothing
    for (const selection of selectionSet?.selections ?? []) {
      const isField = selection.kind === Kind.FIELD
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : measure(selection.selectionSet)
      selections += inner.selections + 1
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0))
      width += isField ? 1 : inner.width
      overviews += isField ? Number(selection.name.value === OVERVIEW_FIELD) : inner.overviews
      aliases += inner.aliases + (isField && selection.alias ? 1 : 0)
      directives += inner.directives + countDirectives(selection)
    }
    return { selections, depth, width, aliases, directives, overviews }
  }

  return measure
}

function countDirectives({ directives }: { readonly directives?: readonly unknown[] | undefined }): number {
  return directives?.length ?? 0
}
