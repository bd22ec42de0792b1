import {
  getArgumentValues,
  getOperationAST,
  Kind,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLObjectType,
  type SelectionSetNode,
} from 'graphql'
import { coercedVariables, type CoercedVariables } from './coerced-variables.ts'

/** The field that shows all operations which are followed: what it costs grows with them. */
export const OVERVIEW_FIELD = 'followedOperations'

/** A field at the root of an operation, with its arguments as its resolver gets them. */
export interface RootField {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

/**
 * The fields at the root of a valid operation, those included that a directive may leave out.
 *
 * @throws GraphQLError when variables or arguments are not as the schema has them
 */
export function rootFields(args: ExecutionArgs): readonly RootField[] {
  const { schema, document, operationName } = args
  const operation = getOperationAST(document, operationName)
  const type = operation && schema.getRootType(operation.operation)
  if (!operation || !type) return []
  const variables = coercedVariables(args, operation)
  return fieldsIn(operation.selectionSet, args).map((node) => ({
    name: node.name.value,
    args: argumentsOf(node, type, variables),
  }))
}

function argumentsOf(
  node: FieldNode,
  type: GraphQLObjectType,
  variables: CoercedVariables,
): RootField['args'] {
  const field = type.getFields()[node.name.value]
  return field ? getArgumentValues(field, node, variables) : {}
}

function fieldsIn({ selections }: SelectionSetNode, args: ExecutionArgs): readonly FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet, args)
    const fragment = args.document.definitions.find(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    )
    return fragment && 'selectionSet' in fragment ? fieldsIn(fragment.selectionSet, args) : []
  })
}
