import { knownOperationTypes, knownStatuses } from '@teams-operations/core'
import {
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  printSchema,
  type GraphQLSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import { memberName } from '../../src/resolvers/member-name.ts'
import { createSchema } from '../../src/schema/create-schema.ts'

const schema = createSchema()
const schemaWithMutations = createSchema({ allowStart: true })

// Written anew by `vitest run packages/gateway/test/schema --update`.
test.each([
  ['', schema, 'schema.graphql'],
  [' where operations may be started', schemaWithMutations, 'schema-with-mutations.graphql'],
])('the contract%s is the committed one', async (_, built, file) => {
  // Every description on lines of its own, as Prettier has it.
  const printed = printSchema(built).replaceAll(/^( *)"""(.+)"""$/gm, '$1"""\n$1$2\n$1"""')
  await expect(`${printed}\n`).toMatchFileSnapshot(`../../${file}`)
})

test('everything in the contract is described', () => {
  expect([...undescribed(schemaWithMutations)]).toEqual([])
})

test('the contract has no mutations, nor anything for them, unless operations may be started', () => {
  const added = typeNames(schemaWithMutations).filter((name) => !typeNames(schema).includes(name))
  expect(schema.getMutationType()).toBeUndefined()
  expect(added).toContain('Mutation')
  expect(typeNames(schema).filter((name) => !typeNames(schemaWithMutations).includes(name))).toEqual([])
})

test('what a mutation answers as `ref` is what the others take as `ref`', () => {
  const output = schemaWithMutations.getType('StartedOperationRef')
  const input = schemaWithMutations.getType('TeamsAsyncOperationRef')
  const fields = isObjectType(output) ? Object.keys(output.getFields()) : []
  expect(fields).toEqual(['location'])
  expect(isInputObjectType(input) && input.isOneOf ? Object.keys(input.getFields()) : []).toContain(
    'location',
  )
})

test.each([
  ['TeamsAsyncOperationStatus', knownStatuses],
  ['TeamsAsyncOperationType', knownOperationTypes],
])('%s has a member for every one that Graph is known to have', (name, known) => {
  const type = schema.getType(name)
  const members = isEnumType(type) ? type.getValues().map((value) => value.name) : []
  expect(members.toSorted()).toEqual(known.map((member) => memberName(member, known)).toSorted())
})

test('a member that is newer than the contract is UNKNOWN_FUTURE_VALUE', () => {
  expect(memberName('mergeTeam', knownOperationTypes)).toBe('UNKNOWN_FUTURE_VALUE')
  expect(memberName('', knownStatuses)).toBe('UNKNOWN_FUTURE_VALUE')
  expect(memberName('SUCCEEDED', knownStatuses)).toBe('UNKNOWN_FUTURE_VALUE')
})

function typeNames(built: GraphQLSchema): readonly string[] {
  return Object.keys(built.getTypeMap())
}

function* undescribed(built: GraphQLSchema): Iterable<string> {
  for (const type of Object.values(built.getTypeMap())) {
    const isBuiltIn = isIntrospectionType(type) || ['ID', 'Int', 'String', 'Boolean'].includes(type.name)
    if (isBuiltIn) continue
    if (!type.description) yield type.name
    if (isEnumType(type)) {
      for (const value of type.getValues()) if (!value.description) yield `${type.name}.${value.name}`
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields()))
        if (!field.description) yield `${type.name}.${field.name}`
    }
    if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (!field.description) yield `${type.name}.${field.name}`
        for (const arg of field.args) if (!arg.description) yield `${type.name}.${field.name}(${arg.name}:)`
      }
    }
  }
}
