// Every entry of every package, so that all their declarations are compiled as a user's compiler reads them.
export * as core from '@teams-operations/core'
export * as graphClient from '@teams-operations/core/graph-client'
export * as testing from '@teams-operations/core/testing'
export * as gateway from '@teams-operations/gateway'
export * as simulator from '@teams-operations/simulator'
export * as simulatorServer from '@teams-operations/simulator/node'
