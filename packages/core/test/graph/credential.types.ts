import type { AccessToken as AzureAccessToken, TokenCredential as AzureCredential } from '@azure/core-auth'
import type { ClientSecretCredential, DefaultAzureCredential } from '@azure/identity'
import { expectTypeOf } from 'vitest'
import type { AccessToken, TokenCredential } from '../../src/graph/credential.ts'

// Every credential of @azure/identity is one of ours, without our depending on it.
expectTypeOf<AzureCredential>().toExtend<TokenCredential>()
expectTypeOf<DefaultAzureCredential>().toExtend<TokenCredential>()
expectTypeOf<ClientSecretCredential>().toExtend<TokenCredential>()
expectTypeOf<AzureAccessToken>().toExtend<AccessToken>()

// And ours can be handed to a library of Azure.
expectTypeOf<AccessToken>().toExtend<AzureAccessToken>()
