import type { GraphCloud } from '@teams-operations/core'

/** Where one of Microsoft's clouds issues tokens. */
interface EntraCloud {
  /** Of tokens of version 2.0, and of the keys of both versions. */
  readonly authority: string
  /** Of tokens of version 1.0. */
  readonly securityTokenService: string
}

/** @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
const clouds: Readonly<Record<GraphCloud, EntraCloud>> = {
  global: {
    authority: 'https://login.microsoftonline.com',
    securityTokenService: 'https://sts.windows.net',
  },
  usgov: { authority: 'https://login.microsoftonline.us', securityTokenService: 'https://sts.windows.net' },
  'usgov-dod': {
    authority: 'https://login.microsoftonline.us',
    securityTokenService: 'https://sts.windows.net',
  },
  china: {
    authority: 'https://login.partner.microsoftonline.cn',
    securityTokenService: 'https://sts.chinacloudapi.cn',
  },
}

/** What tokens of the tenant have in `iss`, by what they have in `ver`. */
export function entraIssuers(cloud: GraphCloud, tenantId: string): Readonly<Record<'1.0' | '2.0', string>> {
  const { authority, securityTokenService } = clouds[cloud]
  return { '1.0': `${securityTokenService}/${tenantId}/`, '2.0': `${authority}/${tenantId}/v2.0` }
}

/** Where the keys are that tokens of the tenant are signed with. */
export function entraKeysUrl(cloud: GraphCloud, tenantId: string): URL {
  return new URL(`${clouds[cloud].authority}/${tenantId}/discovery/v2.0/keys`)
}

/** Where programs of the cloud sign in, by the name that the Azure SDKs have for it. */
export function signInHost(cloud: GraphCloud): string {
  return cloud === 'china' ? 'https://login.chinacloudapi.cn' : clouds[cloud].authority
}
