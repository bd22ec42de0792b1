import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from './run-command.ts'

export interface PublishedPackage {
  readonly name: string
  /** Where its sources are. */
  readonly folder: string
  readonly commands: readonly string[]
  /** The versions of each peer that it works with. */
  readonly peers: Readonly<Record<string, string>>
  /** Where its tarball will be. */
  readonly tarball: string
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly packageManager?: string
  readonly bin?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest
}

/** @param destination where the tarballs go */
export async function publishedPackages(destination: string): Promise<PublishedPackage[]> {
  const packages: PublishedPackage[] = []
  for await (const file of glob('packages/*/package.json', { cwd: root })) {
    const folder = path.join(root, path.dirname(file))
    const { name, version, bin = {}, peerDependencies = {}, private: isPrivate } = await readManifest(folder)
    if (isPrivate) continue
    packages.push({
      name,
      folder,
      commands: Object.keys(bin),
      peers: peerDependencies,
      tarball: path.join(destination, `${name.slice(1).replace('/', '-')}-${version}.tgz`),
    })
  }
  return packages
}
